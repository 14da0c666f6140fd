import { expect, test } from 'vitest';
import { macroF1, reportClasses } from './classReport.ts';
import { countConfusionHits } from './hitCounts.ts';

const classes = countConfusionHits([
  [2, 1, 1, 0],
  [1, 2, 0, 0],
  [1, 1, 0, 0],
  [0, 0, 0, 1],
]);

test('precision, recall and F1 of each class are scikit-learn’s', () => {
  // sklearn 1.9.1, precision_recall_fscore_support and f1_score with average='macro'.
  const reports = reportClasses(classes);
  expect(reports.map((report) => report.precision)).toEqual([0.5, 0.5, 0, 1]);
  expect(reports.map((report) => report.recall)).toEqual([0.5, 2 / 3, 0, 1]);
  expect(reports.map((report) => report.f1)).toEqual([0.5, 4 / 7, 0, 1]);
  expect(reports.map((report) => report.support)).toEqual([4, 3, 2, 1]);
  expect(macroF1(classes)).toBeCloseTo(0.5178571428571428, 12);
});

test('a share comes with its interval, and a share of nothing with none', () => {
  const [first, , third] = reportClasses(classes);
  expect(first?.precisionInterval).toMatchObject({ correctCount: 2, count: 4 });
  expect(first?.recallInterval?.low).toBeCloseTo(0.15, 3);
  expect(third?.precisionInterval?.count).toBe(1);
  const [, , absent] = reportClasses(
    countConfusionHits([
      [1, 1, 0],
      [0, 1, 0],
      [0, 0, 0],
    ]),
  );
  expect(absent).toMatchObject({ precision: 0, recall: 0, f1: 0, support: 0 });
  expect([absent?.precisionInterval, absent?.recallInterval]).toEqual([null, null]);
});

test('a class that nobody saw or predicted does not lower the mean F1', () => {
  expect(
    macroF1(
      countConfusionHits([
        [1, 1, 0],
        [0, 1, 0],
        [0, 0, 0],
      ]),
    ),
  ).toBeCloseTo(2 / 3, 12);
});
