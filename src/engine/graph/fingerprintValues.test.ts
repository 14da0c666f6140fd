import { expect, test } from 'vitest';
import { fingerprintValues } from './fingerprintValues.ts';

const of = (...values: number[]) => fingerprintValues(new Map([['a', Float32Array.from(values)]]));

test('equal values have one fingerprint, and any other value, sign or order another', () => {
  expect(of(1, -2, 3)).toBe(of(1, -2, 3));
  expect(
    new Set([of(1, 2, 3), of(1, -2, 3), of(-1, -2, 3), of(2, 1, 3), of(1, 2), of(1, 2, 3.0000002), of(0, 1), of(-0, 1)])
      .size,
  ).toBe(8);
});
