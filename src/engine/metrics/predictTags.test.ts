import { expect, test } from 'vitest';
import { predictTags, tagAccuracy } from './predictTags.ts';

test('tag accuracy is the lesson’s share of right pairs', () => {
  const probabilities = Float32Array.from([0.6, 0.4, 0.3, 0.9]);
  expect(tagAccuracy(predictTags(probabilities, 0.5), Float32Array.from([1, 1, 0, 1]))).toBe(0.75);
});

test('a probability equal to the threshold gives no tag, though 0.18 and 0.22 are stored a little larger', () => {
  const probabilities = Float32Array.from([0.18, 0.19, 0.22, 0.5]);
  expect([...predictTags(probabilities, 0.18)]).toEqual([0, 1, 1, 1]);
  expect([...predictTags(probabilities, 0.22)]).toEqual([0, 0, 0, 1]);
  expect([...predictTags(probabilities, 0.5)]).toEqual([0, 0, 0, 0]);
});

test('each class may have a threshold of its own', () => {
  const probabilities = Float32Array.from([0.3, 0.3, 0.6, 0.1]);
  expect([...predictTags(probabilities, [0.5, 0.2])]).toEqual([0, 1, 1, 0]);
});
