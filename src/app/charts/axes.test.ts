import { describe, expect, it } from 'vitest';
import { countTicks, powersOfTen, roundTicks } from './axes.ts';

describe('axes', () => {
  it('marks a log axis at its powers of ten', () => {
    expect(powersOfTen(1e-5, 10)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10]);
    expect(powersOfTen(3e-4, 0.5)).toEqual([1e-3, 1e-2, 1e-1]);
  });

  it('marks a linear axis in round steps that reach over the data', () => {
    expect(roundTicks(0, 2.26, 5)).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(roundTicks(0.6, 0.6, 5).length).toBeGreaterThan(1);
  });

  it('counts batches in whole numbers only', () => {
    expect(countTicks(3)).toEqual([0, 1, 2, 3]);
    expect(countTicks(59, 8)).toEqual([0, 10, 20, 30, 40, 50]);
  });
});
