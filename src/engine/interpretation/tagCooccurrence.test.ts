import { expect, test } from 'vitest';
import { countCooccurrences } from './tagCooccurrence.ts';

// Tags: clear, road, water.
const truth = Float32Array.from([1, 1, 0, 1, 0, 1, 1, 1, 0]);
const predicted = Float32Array.from([1, 1, 0, 1, 1, 0, 1, 0, 0]);

test('each true tag counts the tags predicted beside it', () => {
  expect(countCooccurrences(truth, predicted, 3)).toEqual([
    [3, 2, 0],
    [2, 1, 0],
    [1, 1, 0],
  ]);
});

test('true tags against themselves count each tag on the diagonal', () => {
  expect(countCooccurrences(truth, truth, 3)).toEqual([
    [3, 2, 1],
    [2, 2, 0],
    [1, 0, 1],
  ]);
});
