// The lesson's numbers, made by running its real schedulers, against ours.

import { describe, expect, test } from 'vitest';
import { crossValidationIndices } from './data/split.ts';
import { createStopRule } from './learner/lrFinder.ts';
import { createSmoothing } from './learner/smoothing.ts';
import { findMinimum, findValley, suggestLearningRates, trimCurve } from './learner/suggestLearningRate.ts';
import { numpyPermutation } from './random.ts';
import { cosineRestarts, countCycleEpochs } from './schedules/cosineRestarts.ts';
import { triangle, triangleWithTail } from './schedules/oneCycle.ts';
import type { Schedule } from './schedules/schedule.ts';
import { exponentialSweep, linearSweep } from './schedules/sweep.ts';
import { readJson } from './testing/fixtures.ts';

const vectors = readJson<Record<string, unknown>>('fixtures/lesson-vectors.json');
const numbers = (key: string) => vectors[key] as number[];
const rows = (key: string) => vectors[key] as number[][];
const factors = (schedule: Schedule, count: number) =>
  Array.from({ length: count }, (_, batch) => schedule.at(batch).rateFactor);

function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, index) => {
    expect(Math.abs((actual[index] as number) - value)).toBeLessThanOrEqual(1e-9 + 1e-9 * Math.abs(value));
  });
}

describe('the rate finder’s sweep', () => {
  test('grows from 1e-5 towards 10 and never reaches it', () => {
    const sweep = exponentialSweep(1e-5, 10, 100);
    expectClose(
      factors(sweep, 100).map((factor) => factor * 1e-5),
      numbers('lr_finder_nb100_start1e-5_end10'),
    );
  });

  test('starts at rate 0 in its linear form', () => {
    expectClose(
      factors(linearSweep(1e-5, 10, 10), 10).map((f) => f * 1e-5),
      numbers('lr_finder_linear_nb10'),
    );
  });

  test('keeps the ratios between groups, the last one sweeping to the end rate', () => {
    const sweep = exponentialSweep(1e-5, 10, 20);
    const expected = rows('lr_finder_diff_nb20_start[1e-7,1e-6,1e-5]');
    expected.forEach((rates, batch) => {
      expectClose(
        [1e-7, 1e-6, 1e-5].map((rate) => rate * sweep.at(batch).rateFactor),
        rates,
      );
    });
  });

  test('stops at four times the best smoothed loss and not before', () => {
    const feed = (losses: readonly number[]) => {
      const rule = createStopRule();
      const stop = losses.findIndex((loss) => rule.shouldStop(loss));
      return stop === -1 ? losses.length : stop;
    };
    const level = (count: number, loss: number) => Array.from({ length: count }, () => loss);
    expect(feed([...level(20, 1), ...level(20, 0.5), 1.9, 2.01, 0.1])).toBe(41);
    expect(feed([...level(11, 0.2), ...level(30, 1)])).toBe(41);
    expect(feed([1, 1, 1, Number.NaN, 1])).toBe(3);
  });
});

describe('cosine restarts', () => {
  test('warm up once, fall along a cosine, and double in length', () => {
    const schedule = cosineRestarts({ cycles: 3, firstCycleBatches: 10, cycleMultiplier: 2 });
    expect(schedule.cycleEnds).toEqual([10, 30, 70]);
    expectClose(
      factors(schedule, 70).map((f) => f * 1e-2),
      numbers('cosanneal_nb10_mult2_lr1e-2_70batches'),
    );
  });

  test('train the first twentieth of forty batches at a hundredth of the rate, and only in the first cycle', () => {
    const schedule = cosineRestarts({ cycles: 2, firstCycleBatches: 40, cycleMultiplier: 1 });
    expectClose(factors(schedule, 80), numbers('cosanneal_nb40_mult1_lr1_80batches'));
  });

  test('scale all groups alike', () => {
    const schedule = cosineRestarts({ cycles: 1, firstCycleBatches: 10, cycleMultiplier: 1 });
    rows('cosanneal_nb10_lrs[1e-4,1e-3,1e-2]_10batches').forEach((rates, batch) => {
      expectClose(
        [1e-4, 1e-3, 1e-2].map((rate) => rate * schedule.at(batch).rateFactor),
        rates,
      );
    });
  });

  test('keep the rate constant where a cycle has a single batch', () => {
    expect(factors(cosineRestarts({ cycles: 3, firstCycleBatches: 1, cycleMultiplier: 1 }), 3)).toEqual([1, 1, 1]);
  });

  test('take as many epochs as the lesson says', () => {
    const epochs = [
      [1, 2, 3],
      [2, 1, 3],
      [1, 1, 3],
      [2, 2, 3],
      [1, 3, 3],
    ] as const;
    expect(epochs.map(([length, multiplier, cycles]) => countCycleEpochs(length, multiplier, cycles))).toEqual([
      7, 6, 3, 14, 13,
    ]);
  });
});

describe('one cycle', () => {
  const momentum = { high: 0.95, low: 0.85 };
  const pairs = (schedule: Schedule) =>
    Array.from({ length: schedule.batchCount }, (_, batch) => {
      const { rateFactor, momentum } = schedule.at(batch);
      return [rateFactor, momentum as number];
    });

  test('goes up, comes down, and moves momentum the other way', () => {
    const actual = pairs(triangle({ batchCount: 40, divider: 10, cutDivider: 8, momentum }));
    rows('circularlr_nb40_div10_cut8_moms.95_.85 [lr,mom]').forEach((pair, batch) => {
      expectClose(actual[batch] as number[], pair);
    });
  });

  test('ends in a long tail in its second form', () => {
    const actual = pairs(triangleWithTail({ batchCount: 100, divider: 10, tailPercent: 10, momentum }));
    rows('circularlr_beta_nb100_div10_pct10_moms.95_.85 [lr,mom]').forEach((pair, batch) => {
      expectClose(actual[batch] as number[], pair);
    });
  });
});

test('the smoothed loss is the debiased moving average of all batches', () => {
  const smoothing = createSmoothing();
  expectClose(
    [1, 2, 3, 4, 5].map((loss) => smoothing.add(loss)),
    numbers('debiased_ema_.98_of[1,2,3,4,5]'),
  );
});

describe('the lesson’s validation split', () => {
  test('is NumPy’s permutation', () => {
    expect(numpyPermutation(10, 42)).toEqual([8, 1, 5, 0, 7, 2, 9, 4, 3, 6]);
    expect(crossValidationIndices(10)).toEqual(numbers('get_cv_idxs_n10'));
    expect(crossValidationIndices(10, { fold: 1 })).toEqual([5, 0]);
    expect(crossValidationIndices(25)).toEqual(numbers('get_cv_idxs_n25'));
    expect(crossValidationIndices(4)).toEqual([]);
    expect(crossValidationIndices(7)).toEqual([0]);
  });

  test('takes the same 2,044 of the 10,222 dogs', () => {
    const indices = crossValidationIndices(10222);
    expect(indices.length).toBe(vectors.get_cv_idxs_n10222_len);
    expect(indices.slice(0, 20)).toEqual(numbers('get_cv_idxs_n10222_first20'));
    expect(indices.reduce((a, b) => a + b)).toBe(vectors.get_cv_idxs_n10222_sum);
    const sorted = [...indices].sort((a, b) => a - b);
    expect(sorted.slice(0, 20)).toEqual(numbers('get_cv_idxs_n10222_sorted_first20'));
  });
});

describe('reading a rate off the curve', () => {
  const curveOf = (losses: readonly number[]) =>
    losses.map((smoothedLoss, index) => ({ learningRate: 10 ** (-5 + index / 2), smoothedLoss }));

  test('finds the lowest point and the valley', () => {
    const curve = curveOf([1, 0.99, 0.97, 0.9, 0.7, 0.48, 0.42, 0.4, 0.6, 2]);
    expect((curve[findMinimum(curve)]?.learningRate as number) / 10).toBeCloseTo(3.1623e-3, 6);
    expect(findValley(curve)).toBe(2);
    expect(findValley(curveOf([5, 6, 4, 7, 3, 2, 8]))).toBe(2);
    expect(findValley(curveOf([1, 9, 8, 7, 6, 5, 4, 10]))).toBe(3);
  });

  test('clamps a valley that would lie before the curve', () => {
    expect(findValley(curveOf([3, 2]))).toBe(0);
    expect(findValley(curveOf([1, 2, 3]))).toBe(0);
    expect(findValley(curveOf([1, 1, 1]))).toBe(0);
  });

  test('agrees with the published suggestions on a whole curve', () => {
    const points = Array.from({ length: 100 }, (_, i) => {
      const learningRate = 1e-7 * 1e8 ** (i / 100);
      const x = Math.log10(learningRate);
      return {
        learningRate,
        smoothedLoss: 2 - 1.2 / (1 + Math.exp(-2.2 * (x + 3.2))) + 1.5 * Math.max(x + 0.8, 0) ** 2,
      };
    });
    const expected = vectors.v2_lr_find_curve as Record<string, unknown>;
    expect(trimCurve(points, 100).length).toBe(85);
    const [minimum, , valley] = suggestLearningRates(points, { iterations: 100, batchesPerEpoch: 360 });
    expect(minimum?.learningRate).toBeCloseTo(1.44544e-2, 6);
    expect(minimum?.markedLearningRate).toBeCloseTo(1.44544e-1, 5);
    expect(valley?.learningRate).toBeCloseTo(2.29087e-4, 8);
    expect(valley?.learningRate).toBeCloseTo((expected.valley as { lr: number }).lr, 12);
  });

  test('recommends the lecture’s rule for one pass over the pictures, the valley for more', () => {
    const curve = curveOf([1, 0.99, 0.97, 0.9, 0.7, 0.48, 0.42, 0.4, 0.6, 2, 2, 2, 2, 2, 2]);
    const recommended = (batchesPerEpoch: number) =>
      suggestLearningRates(curve, { iterations: 15, batchesPerEpoch }).filter(({ isRecommended }) => isRecommended);
    expect(recommended(15).map(({ rule }) => rule)).toEqual(['minimumDividedBy10']);
    expect(recommended(14).map(({ rule }) => rule)).toEqual(['valley']);
  });

  test('suggests nothing when the curve is too short', () => {
    expect(suggestLearningRates(curveOf([3, 2, 1]), { iterations: 100, batchesPerEpoch: 4 })).toEqual([]);
  });
});
