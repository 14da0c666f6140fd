import { expect, test } from 'vitest';
import { encodeWeightedLabels } from './weightedLabels.ts';

test('classes come first, then each item’s share of the loss, and nothing beyond the items', () => {
  const words = encodeWeightedLabels(Int32Array.from([2, 0, 2]), Float32Array.from([1, 5, 1.5]), 4);
  expect([...words.subarray(0, 4)]).toEqual([2, 0, 2, 0]);
  expect([...new Float32Array(words.buffer, 16)]).toEqual([0.375, 0.25, 0.375, 0]);
});
