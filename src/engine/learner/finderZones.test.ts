import { describe, expect, test } from 'vitest';
import type { FinderZone } from '../../protocol/training.ts';
import { splitFinderZones } from './finderZones.ts';
import type { CurvePoint } from './suggestLearningRate.ts';

/** Two points a decade from 1e-5 up. */
const curveOf = (losses: readonly number[]): CurvePoint[] =>
  losses.map((smoothedLoss, index) => ({ learningRate: 10 ** (-5 + index / 2), smoothedLoss }));

const LESSON_CURVE = curveOf([1, 0.99, 0.97, 0.9, 0.7, 0.48, 0.42, 0.4, 0.6, 2]);

/** Each zone with the exponents of its ends. */
const describeZones = (zones: readonly FinderZone[]) =>
  zones.map(({ kind, fromRate, toRate }) => [kind, Math.log10(fromRate), Math.log10(toRate)]);

function split(points: readonly CurvePoint[], recommendedRate: number | null = null) {
  return describeZones(splitFinderZones(points, { iterations: 10, recommendedRate }));
}

describe('a curve that falls and blows up', () => {
  test('has its four zones, with no gap between them', () => {
    expect(split(LESSON_CURVE)).toEqual([
      ['tooSmall', -5, -3.5],
      ['good', -3.5, -2],
      ['nearEdge', -2, -1],
      ['diverging', -1, -0.5],
    ]);
  });

  test('has a good zone that reaches past the recommended rate, and is otherwise as it would be without', () => {
    expect(split(LESSON_CURVE, 10 ** -2.5)).toEqual(split(LESSON_CURVE));
    const [tooSmall, good, nearEdge] = split(LESSON_CURVE, 1.1e-2);
    expect([tooSmall, good, nearEdge]).toEqual([
      ['tooSmall', -5, -3.5],
      ['good', -3.5, -1.5],
      ['nearEdge', -1.5, -1],
    ]);
    expect(split(LESSON_CURVE, 1.1e-4)?.[1]).toEqual(['good', -4, -2]);
    expect(split(LESSON_CURVE, 0.2)?.slice(1)).toEqual([
      ['good', -3.5, -1],
      ['diverging', -1, -0.5],
    ]);
    expect(split(LESSON_CURVE, 1e-9)?.[0]).toEqual(['good', -5, -2]);
  });

  test('is cut before a loss that is no number', () => {
    const { learningRate } = LESSON_CURVE[9] as CurvePoint;
    const cut = [...LESSON_CURVE.slice(0, 9), { learningRate, smoothedLoss: Number.NaN }];
    expect(split(cut)).toEqual(split(LESSON_CURVE.slice(0, 9)));
  });

  test.each([9, 0.1])('is not measured by its first loss, %d, when that is still averaging', (firstLoss) => {
    const zones = split(curveOf([firstLoss, 0.99, 0.97, 0.9, 0.7, 0.48, 0.42, 0.4, 0.6, 2]));
    expect(zones).toEqual(split(LESSON_CURVE));
  });
});

test('a curve that only falls ends near the edge, if its bottom is wide enough to show', () => {
  expect(split(curveOf([1, 1, 1, 0.8, 0.6, 0.4, 0.41, 0.4])).map(([kind]) => kind)).toEqual([
    'tooSmall',
    'good',
    'nearEdge',
  ]);
});

test.each([
  ['rises', [1, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6]],
  ['is level', [1, 1, 0.99, 0.98, 0.97, 0.96, 0.96, 0.96]],
  ['is nought', [0, 0, 0, 0, 0, 0, 0, 0]],
  ['is short', [1, 1, 0.8, 0.4, 0.2, 1]],
])('a curve that %s has no zones', (_, losses) => {
  expect(split(curveOf(losses))).toEqual([]);
});
