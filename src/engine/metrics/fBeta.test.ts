import { expect, test } from 'vitest';
import { fBeta, meanItemFBeta } from './fBeta.ts';

test('F2 punishes a missed tag more than one too many', () => {
  expect(fBeta({ truePositives: 2, falsePositives: 1, falseNegatives: 0 }, 2)).toBeCloseTo(10 / 11, 12);
  expect(fBeta({ truePositives: 2, falsePositives: 0, falseNegatives: 1 }, 2)).toBeCloseTo(10 / 14, 12);
  expect(fBeta({ truePositives: 0, falsePositives: 0, falseNegatives: 0 }, 2)).toBe(0);
});

test('the mean over the items is scikit-learn’s, an item without any tag counting as 0', () => {
  const truth = Float32Array.from([0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0]);
  const predicted = Float32Array.from([0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 0]);
  // sklearn 1.9.1, fbeta_score with average='samples'.
  expect(meanItemFBeta(predicted, truth, 3, 2)).toBeCloseTo(0.34615384615384615, 12);
  expect(meanItemFBeta(predicted, truth, 3, 0.5)).toBeCloseTo(0.42857142857142855, 12);
});
