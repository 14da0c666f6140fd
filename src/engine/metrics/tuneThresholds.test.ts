import { describe, expect, test } from 'vitest';
import { CLASS_THRESHOLDS, PLANET_THRESHOLDS, tuneClassThresholds, tuneThreshold } from './tuneThresholds.ts';

describe('the satellite lesson’s search', () => {
  const items = {
    probabilities: Float32Array.from([0.9, 0.2, 0.18, 0.1, 0.3, 0.22]),
    truth: Float32Array.from([1, 0, 1, 0, 1, 0]),
    classCount: 3,
  };

  test('reports the largest mean F2 and its threshold', () => {
    const { threshold, tunedScore } = tuneThreshold(items);
    expect(threshold).toBe(0.17);
    expect(tunedScore).toBeCloseTo(0.871212, 6);
  });

  test('measures each of its seven thresholds as scikit-learn does', () => {
    const scores = PLANET_THRESHOLDS.map((threshold) => tuneThreshold(items, { thresholds: [threshold] }).tunedScore);
    const expected = [0.871212, 0.666667, 0.666667, 0.694444, 0.694444, 0.777778, 0.777778];
    expect(scores.map((score) => Number(score.toFixed(6)))).toEqual(expected);
  });

  test('takes the first of equal thresholds', () => {
    expect(tuneThreshold(items, { thresholds: [0.2, 0.22, 0.23] }).threshold).toBe(0.22);
    expect(tuneThreshold(items, { thresholds: [0.23, 0.22, 0.2] }).threshold).toBe(0.23);
    expect(() => tuneThreshold(items, { thresholds: [] })).toThrow('at least one');
  });
});

test('each class finds a threshold of its own; a class that no item has falls back', () => {
  const items = {
    probabilities: Float32Array.from([0.9, 0.3, 0.4, 0.6, 0.2, 0.4, 0.35, 0.6, 0.1, 0.1, 0.12, 0.2]),
    truth: Float32Array.from([1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0]),
    classCount: 3,
  };
  const [first, second, third] = tuneClassThresholds(items, { fallback: 0.5 });
  // sklearn 1.9.1, fbeta_score of each column at each threshold.
  expect(first).toEqual({ threshold: 0.35, tunedScore: 1 });
  expect(second?.threshold).toBe(0.15);
  expect(second?.tunedScore).toBeCloseTo(0.909091, 6);
  expect(third).toEqual({ threshold: 0.5, tunedScore: 0 });
});

test('classes choose from 0.05 to 0.95', () => {
  expect([CLASS_THRESHOLDS.length, CLASS_THRESHOLDS[0], CLASS_THRESHOLDS.at(-1)]).toEqual([19, 0.05, 0.95]);
});
