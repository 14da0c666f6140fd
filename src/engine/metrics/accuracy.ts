// Accuracy with what it is worth: Wilson's score interval (Wilson 1927), which stays inside 0..1 and is right for few items.

import type { AccuracyInterval } from '../../protocol/training.ts';

/** 97.5th percentile of the normal distribution: a 95 % interval. */
const Z = 1.959963984540054;

/** Throws RangeError for a count below 1. */
export function wilsonInterval(correctCount: number, count: number): AccuracyInterval {
  if (count < 1) throw new RangeError('An accuracy needs at least one item.');
  const accuracy = correctCount / count;
  const denominator = 1 + Z ** 2 / count;
  const centre = (accuracy + Z ** 2 / (2 * count)) / denominator;
  const half = (Z / denominator) * Math.sqrt((accuracy * (1 - accuracy)) / count + Z ** 2 / (4 * count ** 2));
  return { accuracy, low: Math.max(0, centre - half), high: Math.min(1, centre + half), correctCount, count };
}

/** Index of the largest value of row `row`; the first of equals, as NumPy's argmax. */
export function argmaxOfRow(values: Float32Array, row: number, columns: number): number {
  let best = 0;
  for (let column = 1; column < columns; column++) {
    if ((values[row * columns + column] as number) > (values[row * columns + best] as number)) best = column;
  }
  return best;
}
