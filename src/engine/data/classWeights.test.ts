import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancedClassWeights } from './classWeights.ts';

test('a class with three pictures in ten weighs more than one with ten', () => {
  const [common, rare] = balancedClassWeights([100, 30]) as [number, number];
  expect(common).toBeCloseTo(0.65, 12);
  expect(rare).toBeCloseTo(130 / 60, 12);
});

test('equal classes weigh 1, and a class without pictures nothing', () => {
  expect(balancedClassWeights([7, 7, 7])).toEqual([1, 1, 1]);
  expect(balancedClassWeights([10, 0, 10])).toEqual([1, 0, 1]);
  expect(balancedClassWeights([0, 0])).toEqual([0, 0]);
});

test('all classes together weigh the same and pictures weigh 1 on average', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }), (counts) => {
      const total = counts.reduce((sum, count) => sum + count);
      const shares = balancedClassWeights(counts).map((weight, index) => (weight * (counts[index] as number)) / total);
      for (const share of shares) expect(share).toBeCloseTo(1 / counts.length, 12);
    }),
  );
});
