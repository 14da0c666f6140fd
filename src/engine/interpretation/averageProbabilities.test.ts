import { expect, test } from 'vitest';
import { averageProbabilities } from './averageProbabilities.ts';

test('two snapshots give the mean of their probabilities', () => {
  const [first, second] = averageProbabilities([Float32Array.from([0.8, 0.2]), Float32Array.from([0.4, 0.6])]);
  expect(first).toBeCloseTo(0.6, 6);
  expect(second).toBeCloseTo(0.4, 6);
});

test('a mean of nothing, or of different items, is refused', () => {
  expect(() => averageProbabilities([])).toThrow('at least one');
  expect(() => averageProbabilities([new Float32Array(2), new Float32Array(4)])).toThrow('same items');
});
