import { describe, expect, test } from 'vitest';
import { readJson } from '../testing/fixtures.ts';
import {
  type CurvePoint,
  findMinimum,
  findSlide,
  findSteepest,
  findValley,
  isLowestTooEarly,
  suggestLearningRates,
  trimCurve,
} from './suggestLearningRate.ts';

/** Two points a decade from 1e-5 up. */
const curveOf = (losses: readonly number[]): CurvePoint[] =>
  losses.map((smoothedLoss, index) => ({ learningRate: 10 ** (-5 + index / 2), smoothedLoss }));

/** The curve of lesson-vectors.json: a fall, a bottom, a blow-up. */
const publishedCurve: CurvePoint[] = Array.from({ length: 100 }, (_, index) => {
  const learningRate = 1e-7 * 1e8 ** (index / 100);
  const x = Math.log10(learningRate);
  return { learningRate, smoothedLoss: 2 - 1.2 / (1 + Math.exp(-2.2 * (x + 3.2))) + 1.5 * Math.max(x + 0.8, 0) ** 2 };
});

const LESSON_LOSSES = [1, 0.99, 0.97, 0.9, 0.7, 0.48, 0.42, 0.4, 0.6, 2];

describe('a trimmed curve', () => {
  test('lacks the first tenth of the planned sweep and the last five points', () => {
    const trimmed = trimCurve(publishedCurve, 100);
    expect([trimmed[0], trimmed.at(-1)]).toEqual([publishedCurve[10], publishedCurve[94]]);
    expect(trimCurve(publishedCurve.slice(0, 40), 100)).toEqual(publishedCurve.slice(10, 35));
  });

  test('ends before the first loss that is no number', () => {
    const curve = curveOf([5, 4, 3, Number.NaN, 2, 1, 1, 1, 1, 1]);
    expect(trimCurve(curve, 10)).toEqual(curve.slice(1, 3));
  });

  test('is empty when there are no more points than are left out', () => {
    expect(trimCurve(curveOf([4, 3, 2, 1]), 5)).toEqual([]);
    expect(trimCurve(curveOf([5, 4, 3, 2, 1]), 5)).toEqual([]);
    expect(trimCurve(curveOf([6, 5, 4, 3, 2, 1]), 5)).toEqual(curveOf([6]));
  });
});

describe('the rules agree with the lesson', () => {
  const published = trimCurve(publishedCurve, 100);
  const rateAt = (index: number | null) => published[index as number]?.learningRate as number;
  const { valley, minimum, steep, slide } = readJson<{
    v2_lr_find_curve: { valley: { idx: number; lr: number }; minimum: number; steep: number; slide: number };
  }>('fixtures/lesson-vectors.json').v2_lr_find_curve;

  test('on a whole curve', () => {
    expect(rateAt(findMinimum(published)) / 10).toBeCloseTo(minimum, 12);
    expect(rateAt(findSteepest(published))).toBeCloseTo(steep, 12);
    expect(findValley(published)).toBe(valley.idx);
    expect(rateAt(findValley(published))).toBeCloseTo(valley.lr, 12);
    expect(rateAt(findSlide(published))).toBeCloseTo(slide, 12);
  });

  test('on ten points', () => {
    const curve = curveOf(LESSON_LOSSES);
    expect((curve[findMinimum(curve)]?.learningRate as number) / 10).toBeCloseTo(3.1623e-3, 7);
    expect(findSteepest(curve)).toBe(4);
    expect(curve[4]?.learningRate).toBeCloseTo(1e-3, 12);
    expect(findValley(curve)).toBe(2);
  });
});

describe('the steepest point', () => {
  test('is measured by the logarithm of the rate, not by the number of points', () => {
    const points = [
      { learningRate: 1e-4, smoothedLoss: 1 },
      { learningRate: 1e-2, smoothedLoss: 0.7 },
      { learningRate: 2e-2, smoothedLoss: 0.5 },
    ];
    expect(findSteepest(points)).toBe(1);
  });

  test('is the first of equals, and the gentlest rise where nothing falls', () => {
    const doubling = [3, 2, 1].map((smoothedLoss, index) => ({ learningRate: 2 ** index, smoothedLoss }));
    expect(findSteepest(doubling)).toBe(0);
    expect(findSteepest(curveOf([1, 3, 4, 9]))).toBe(1);
  });
});

describe('the slide', () => {
  /** Slope -1 for the first points, 0 for the rest. */
  const fallThenLevel = (falling: number, level: number) =>
    curveOf(Array.from({ length: falling + level }, (_, index) => Math.max(falling - index, 0)));

  test('needs sixteen points', () => {
    expect(findSlide(curveOf(Array(15).fill(1)))).toBeNull();
    expect(findSlide(curveOf(Array(16).fill(1)))).toBe(0);
  });

  test('stays at the end where the slopes do not differ', () => {
    expect(findSlide(curveOf(Array(20).fill(1)))).toBe(4);
  });

  test('goes down to the first point when the slopes differ all the way', () => {
    expect(findSlide(fallThenLevel(15, 4))).toBe(0);
  });

  test('stops where both slopes are the same', () => {
    // The blow-up takes the last five points of forty: its slopes differ from those fifteen points before.
    const blowUp = Array.from({ length: 40 }, (_, index) => Math.max(index - 34, 0));
    expect(findSlide(curveOf(blowUp))).toBe(19);
  });
});

describe('the suggestions', () => {
  const sweep = { iterations: 100, batchesPerEpoch: 360 };

  test('are those of all four rules, each with its mark', () => {
    const { valley: valleyRate, ...rates } = readJson<{
      v2_lr_find_curve: { valley: { lr: number }; minimum: number; steep: number; slide: number };
    }>('fixtures/lesson-vectors.json').v2_lr_find_curve;
    const suggestions = suggestLearningRates(publishedCurve, sweep);
    expect(suggestions.map(({ rule }) => rule)).toEqual(['minimumDividedBy10', 'steepest', 'valley', 'slide']);
    const [minimum, ...others] = suggestions;
    expect(minimum?.markedLearningRate).toBeCloseTo(1.44544e-1, 6);
    expect(minimum?.learningRate).toBeCloseTo(rates.minimum, 12);
    for (const [index, rate] of [rates.steep, valleyRate.lr, rates.slide].entries()) {
      expect(others[index]?.learningRate).toBeCloseTo(rate, 12);
      expect(others[index]?.markedLearningRate).toBe(others[index]?.learningRate);
    }
  });

  test('recommend one of them, the lecture’s rule or the valley', () => {
    const recommended = (batchesPerEpoch: number) =>
      suggestLearningRates(publishedCurve, { ...sweep, batchesPerEpoch })
        .filter(({ isRecommended }) => isRecommended)
        .map(({ rule }) => rule);
    expect(recommended(100)).toEqual(['minimumDividedBy10']);
    expect(recommended(99)).toEqual(['valley']);
  });

  test('recommend the valley where the loss only rose, as it may for a network that is trained already', () => {
    const rising = Array.from({ length: 60 }, (_, i) => ({
      learningRate: 1e-5 * 1.2 ** i,
      smoothedLoss: 0.5 + 0.01 * i,
    }));
    const recommended = suggestLearningRates(rising, sweep).filter(({ isRecommended }) => isRecommended);
    expect(recommended.map(({ rule }) => rule)).toEqual(['valley']);
    expect([isLowestTooEarly(rising, 100), isLowestTooEarly(publishedCurve, 100)]).toEqual([true, false]);
  });

  test('lack the slide where the curve is too short for it', () => {
    const rules = suggestLearningRates(publishedCurve.slice(0, 30), sweep).map(({ rule }) => rule);
    expect(rules).toEqual(['minimumDividedBy10', 'steepest', 'valley']);
  });
});
