import { expect, test } from 'vitest';
import { countClassHits, countConfusionHits, countItemHits, type HitCounts } from './hitCounts.ts';

/** In scikit-learn's order: [[true negatives, false positives], [false negatives, true positives]]. */
const asTable = (hits: HitCounts) => [
  [hits.trueNegatives, hits.falsePositives],
  [hits.falseNegatives, hits.truePositives],
];
const truth = Float32Array.from([0, 0, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0]);
const predicted = Float32Array.from([0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 0]);

test('each tag has its 2 × 2 table', () => {
  // sklearn 1.9.1, multilabel_confusion_matrix.
  expect(countClassHits(predicted, truth, 3).map(asTable)).toEqual([
    [
      [1, 1],
      [1, 1],
    ],
    [
      [3, 0],
      [0, 1],
    ],
    [
      [2, 1],
      [0, 1],
    ],
  ]);
});

test('each item has its 2 × 2 table', () => {
  expect(countItemHits(predicted, truth, 3).map((hits) => asTable(hits).flat())).toEqual([
    [3, 0, 0, 0],
    [0, 1, 1, 1],
    [1, 0, 0, 2],
    [2, 1, 0, 0],
  ]);
});

test('a confusion matrix holds a 2 × 2 table for each class', () => {
  const counts = [
    [2, 1, 1],
    [1, 2, 0],
    [0, 1, 5],
  ];
  expect(countConfusionHits(counts).map((hits) => asTable(hits).flat())).toEqual([
    [8, 1, 2, 2],
    [8, 2, 1, 2],
    [6, 1, 1, 5],
  ]);
});
