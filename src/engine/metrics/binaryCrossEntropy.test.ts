import { expect, test } from 'vitest';
import { binaryCrossEntropy, itemBinaryCrossEntropies } from './binaryCrossEntropy.ts';

const probabilities = Float32Array.from([0.6, 0.4, 0.3, 0.9]);
const truth = Float32Array.from([1, 1, 0, 1]);

test('binary cross-entropy is the lesson’s', () => {
  expect(binaryCrossEntropy(probabilities, truth)).toBeCloseTo(0.472288, 6);
});

test('each item’s loss is the mean over its classes', () => {
  const losses = itemBinaryCrossEntropies(probabilities, truth, 2);
  expect(losses[0]).toBeCloseTo(-(Math.log(0.6) + Math.log(0.4)) / 2, 6);
  expect(losses[1]).toBeCloseTo(-(Math.log(0.7) + Math.log(0.9)) / 2, 6);
});

test('a certain mistake costs 100, a certain hit nothing', () => {
  const losses = itemBinaryCrossEntropies(Float32Array.from([0, 1, 0, 1]), Float32Array.from([1, 0, 0, 1]), 1);
  expect([...losses]).toEqual([100, 100, 0, 0]);
});
