// The seeded formulas that the parity fixtures are made with: both sides compute the same inputs, so files stay small.
// scripts/parity/formula.py computes the same numbers.

import { counterRandom } from '../random.ts';

/** Streams of the hashed formula: what a number is drawn for. */
const VALUE_STREAM = 0;
const SIGN_STREAM = 1;
const SAMPLE_STREAM = 2;

/** float32(offset + scale * sin(0.7 * i + salt)) for the flat index i. A matrix made like this has rank 2. */
export function formulaValues(count: number, salt: number, scale = 1, offset = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => offset + scale * Math.sin(0.7 * i + salt));
}

/** float32(offset + scale * (2u - 1)) for the flat index i, u = counterRandom(salt, 0, i) / 2^32: as good as random. */
export function hashedValues(count: number, salt: number, scale = 1, offset = 0): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = offset + scale * (2 * (counterRandom(salt, VALUE_STREAM, i) / 2 ** 32) - 1);
  }
  return values;
}

/** 1 or -1 for the flat index i, by the lowest bit of counterRandom(salt, 1, i). */
export function hashedSign(salt: number, i: number): number {
  return (counterRandom(salt, SIGN_STREAM, i) & 1) * 2 - 1;
}

/** Flat places in a tensor of `size` values: counterRandom(salt, 2, k) mod size. They may repeat. */
export function hashedSamples(size: number, salt: number, count: number): number[] {
  return Array.from({ length: count }, (_, k) => counterRandom(salt, SAMPLE_STREAM, k) % size);
}

/** Largest |a - b|, relative to the largest |b|. */
export function largestRelativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) throw new RangeError(`${actual.length} values, expected ${expected.length}.`);
  let largestError = 0;
  let largestValue = 0;
  for (let i = 0; i < expected.length; i++) {
    largestError = Math.max(largestError, Math.abs((actual[i] as number) - (expected[i] as number)));
    largestValue = Math.max(largestValue, Math.abs(expected[i] as number));
    if (Number.isNaN(actual[i])) return Number.NaN;
  }
  return largestValue === 0 ? largestError : largestError / largestValue;
}
