// Repeats pictures of rare classes until every class trains on as many (LESSON section 10). Only training pictures come here: a
// repeat among the validation pictures would be measured twice, and one drawn before the split would leak.

import { createRandom } from '../random.ts';

/**
 * Rows of the training set in their order, each as often as an epoch shows it: floor(largest / count) times, and once more for
 * as many as the class still lacks, drawn with the seed.
 * @param classIndices of each training picture.
 */
export function oversample(classIndices: Int32Array, seed: number): number[] {
  const rowsOfClass = new Map<number, number[]>();
  for (const [row, classIndex] of classIndices.entries()) {
    const rows = rowsOfClass.get(classIndex) ?? [];
    rows.push(row);
    rowsOfClass.set(classIndex, rows);
  }
  const largest = Math.max(0, ...[...rowsOfClass.values()].map((rows) => rows.length));
  const random = createRandom(seed, 'oversample');
  const repeats = new Map<number, number>();
  // By class number, so that the draw does not depend on the order of the pictures' classes.
  for (const classIndex of [...rowsOfClass.keys()].sort((a, b) => a - b)) {
    const rows = rowsOfClass.get(classIndex) as number[];
    const times = Math.floor(largest / rows.length);
    const drawn = new Set(random.shuffle(rows).slice(0, largest - times * rows.length));
    for (const row of rows) repeats.set(row, times + (drawn.has(row) ? 1 : 0));
  }
  return Array.from(classIndices.keys()).flatMap((row) => new Array<number>(repeats.get(row) as number).fill(row));
}
