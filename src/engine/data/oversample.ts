// Repeats pictures of rare classes until every class trains on as many (LESSON section 10). Only training pictures: a
// repeat among the validation pictures would be measured twice, and one drawn before the split would leak.

import type { PictureSummary } from '../../protocol/dataset.ts';
import { createRandom } from '../random.ts';

export type SplitPicture = Pick<PictureSummary, 'id' | 'split' | 'classIndex'>;

/**
 * Ids of the training pictures in the given order, each as often as an epoch shows it: floor(largest / count) times, and
 * once more for as many as the class still lacks, drawn with the seed.
 */
export function oversample(pictures: readonly SplitPicture[], seed: number): number[] {
  const training = pictures.filter(({ split, classIndex }) => split === 'train' && classIndex !== null);
  const idsOfClass = new Map<number, number[]>();
  for (const { id, classIndex } of training) {
    const ids = idsOfClass.get(classIndex as number) ?? [];
    ids.push(id);
    idsOfClass.set(classIndex as number, ids);
  }
  const largest = Math.max(0, ...[...idsOfClass.values()].map((ids) => ids.length));
  const random = createRandom(seed, 'oversample');
  const repeats = new Map<number, number>();
  // By class number, so that the draw does not depend on the order of the pictures' classes.
  for (const classIndex of [...idsOfClass.keys()].sort((a, b) => a - b)) {
    const ids = idsOfClass.get(classIndex) as number[];
    const times = Math.floor(largest / ids.length);
    const drawn = new Set(random.shuffle(ids).slice(0, largest - times * ids.length));
    for (const id of ids) repeats.set(id, times + (drawn.has(id) ? 1 : 0));
  }
  return training.flatMap(({ id }) => new Array<number>(repeats.get(id) as number).fill(id));
}
