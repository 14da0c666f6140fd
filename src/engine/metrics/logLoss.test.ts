import { expect, test } from 'vitest';
import { itemLogLosses, logLoss } from './logLoss.ts';

test('log loss is the lesson’s', () => {
  expect(logLoss(Float32Array.from([0.9, 0.1, 0.2, 0.8]), Int32Array.from([0, 1]))).toBeCloseTo(0.164252033486018, 7);
});

test('a class that was ruled out costs as much as scikit-learn says, not infinitely much', () => {
  const probabilities = Float32Array.from([1, 0, 0, 0, 1, 0, 0.2, 0.3, 0.5]);
  const labels = Int32Array.from([1, 1, 2]);
  // sklearn 1.9.1, log_loss on float32 rows.
  expect(logLoss(probabilities, labels)).toBeCloseTo(5.545177459716797, 6);
  const losses = itemLogLosses(probabilities, labels);
  expect(losses[0]).toBeCloseTo(23 * Math.LN2, 12);
  expect(losses[1]).toBeGreaterThan(0);
  expect(losses[2]).toBeCloseTo(Math.LN2, 12);
});
