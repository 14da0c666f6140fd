// Which pictures validate: a seeded share of every class, or the lesson's own get_cv_idxs.

import { createRandom, numpyPermutation } from '../random.ts';

/**
 * Takes the share of every class by itself, so that rare classes are measured too: round(share * count), at least one
 * where a class has two pictures or more, never all of them.
 * @param labels class index of each item, in a fixed order; @returns for each item whether it validates.
 */
export function splitStratified(labels: readonly number[], validationShare: number, seed: number): boolean[] {
  const isValid = labels.map(() => false);
  const itemsOfClass = new Map<number, number[]>();
  labels.forEach((label, item) => {
    const items = itemsOfClass.get(label) ?? [];
    items.push(item);
    itemsOfClass.set(label, items);
  });
  const random = createRandom(seed, 'split');
  for (const label of [...itemsOfClass.keys()].sort((a, b) => a - b)) {
    const items = itemsOfClass.get(label) as number[];
    const wanted = Math.max(1, Math.round(validationShare * items.length));
    const count = Math.min(wanted, items.length - 1);
    for (const item of random.shuffle(items).slice(0, count)) isValid[item] = true;
  }
  return isValid;
}

export interface CrossValidationOptions {
  /** Which slice of the permutation, from 0. */
  readonly fold?: number;
  readonly validationShare?: number;
  readonly seed?: number;
}

/** The lesson's get_cv_idxs: a slice of floor(share * count) from NumPy's legacy permutation (LESSON section 5.3). */
export function crossValidationIndices(count: number, options: CrossValidationOptions = {}): number[] {
  const { fold = 0, validationShare = 0.2, seed = 42 } = options;
  const size = Math.floor(validationShare * count);
  return numpyPermutation(count, seed).slice(fold * size, (fold + 1) * size);
}
