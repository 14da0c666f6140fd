// Shades a finder curve: where the rate is too small, good, near the edge, or blowing the loss up. Pure.

import type { FinderZone, FinderZoneKind } from '../../protocol/training.ts';
import { type CurvePoint, countAveragingPoints, cutAtNaN, findMinimum, MIN_POINTS } from './suggestLearningRate.ts';

export interface FinderZoneOptions {
  /** Planned batches of the sweep, not how far it came. */
  readonly iterations: number;
  /** The rate that is recommended for this curve; null when there is none. */
  readonly recommendedRate: number | null;
}

/** A tenth of the fall: less is not yet falling, the last tenth is the bottom, and as much up again is the blow-up. */
const CLEAR_SHARE = 1 / 10;
/** A curve that falls by no more than this share of its highest loss is level, and says nothing about rates. */
const LEVEL_SHARE = 1 / 20;

/**
 * Zones by the fall from the highest loss to the lowest one after it, too small ones first, with no gap between them. Good is
 * where the loss is between the first and the last tenth of its fall; it is widened to hold the recommended rate, so that
 * shading and recommendation never disagree. Zones without width are left out; there are none for a level curve, or one too
 * short to read a rate off.
 */
export function splitFinderZones(
  points: readonly CurvePoint[],
  { iterations, recommendedRate }: FinderZoneOptions,
): FinderZone[] {
  const curve = cutAtNaN(points);
  const first = countAveragingPoints(iterations);
  if (curve.length - first < MIN_POINTS) return [];
  const lossAt = (index: number) => (curve[index] as CurvePoint).smoothedLoss;
  const rateAt = (index: number) => (curve[index] as CurvePoint).learningRate;

  const lowest = first + findMinimum(curve.slice(first));
  const highestLoss = Math.max(...curve.slice(first, lowest + 1).map(({ smoothedLoss }) => smoothedLoss));
  const fall = highestLoss - lossAt(lowest);
  if (fall <= LEVEL_SHARE * highestLoss) return [];

  const isFalling = (index: number) => lossAt(index) <= highestLoss - CLEAR_SHARE * fall;
  const isBottom = (index: number) => lossAt(index) <= lossAt(lowest) + CLEAR_SHARE * fall;
  let good = lowest;
  while (isFalling(good - 1)) good -= 1;
  let edge = good;
  while (!isBottom(edge)) edge += 1;
  let diverging = lowest + 1;
  while (diverging < curve.length && isBottom(diverging)) diverging += 1;
  if (recommendedRate !== null) {
    const recommended = curve.findLastIndex(({ learningRate }) => learningRate <= recommendedRate);
    good = Math.min(good, Math.max(0, recommended));
    edge = Math.min(Math.max(edge, recommended + 1), diverging);
  }

  const last = curve.length - 1;
  const starts: [FinderZoneKind, number][] = [
    ['tooSmall', 0],
    ['good', good],
    ['nearEdge', edge],
    ['diverging', diverging],
  ];
  return starts
    .map(([kind, start], index) => {
      const next = starts[index + 1]?.[1] ?? last;
      return { kind, fromRate: rateAt(Math.min(start, last)), toRate: rateAt(Math.min(next, last)) };
    })
    .filter(({ fromRate, toRate }) => fromRate < toRate);
}
