// The seeded formula that the parity fixtures are made with: both sides compute the same inputs, so files stay small.

/** float32(offset + scale * sin(0.7 * i + salt)) for the flat index i. */
export function formulaValues(count: number, salt: number, scale = 1, offset = 0): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => offset + scale * Math.sin(0.7 * i + salt));
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
