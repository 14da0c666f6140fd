// Reads a rate off a finder curve. Pure; two rules for now: the lecture's and fastai's valley (LESSON section 1.2).

import type { LearningRateSuggestion } from '../../protocol/training.ts';

export interface CurvePoint {
  readonly learningRate: number;
  readonly smoothedLoss: number;
}

/** The ends of a curve say nothing: the first tenth is still averaging, the last five points are the blow-up. */
const SKIPPED_START_SHARE = 10;
const SKIPPED_END = 5;
/** With fewer points than this there is no valley to speak of. */
const MIN_POINTS = 6;

/** The part of a curve that rules look at. @param iterations planned length of the sweep, not how far it came. */
export function trimCurve<Point>(points: readonly Point[], iterations: number): readonly Point[] {
  return points.slice(Math.floor(iterations / SKIPPED_START_SHARE), points.length - SKIPPED_END);
}

export interface SweepLength {
  /** Planned batches of the sweep, not how far it came. */
  readonly iterations: number;
  readonly batchesPerEpoch: number;
}

/**
 * Suggestions for a whole curve; none when too little of it is left after trimming.
 *
 * The lecture's rule is recommended for the lecture's sweep, one pass over the pictures. A small set is swept many times
 * over; the head then learns its pictures by heart on the way, the loss goes on falling at rates that are far too high, and
 * a tenth of its lowest point overshoots. The valley, fastai's later default, looks at where the curve falls and holds up.
 */
export function suggestLearningRates(
  points: readonly CurvePoint[],
  { iterations, batchesPerEpoch }: SweepLength,
): LearningRateSuggestion[] {
  const isOnePass = iterations <= batchesPerEpoch;
  const curve = trimCurve(points, iterations);
  if (curve.length < MIN_POINTS) return [];
  const minimum = curve[findMinimum(curve)] as CurvePoint;
  const valley = curve[findValley(curve)] as CurvePoint;
  return [
    {
      rule: 'minimumDividedBy10',
      label: 'lowest point ÷ 10',
      learningRate: minimum.learningRate / 10,
      markedLearningRate: minimum.learningRate,
      isRecommended: isOnePass,
    },
    {
      rule: 'valley',
      label: 'valley',
      learningRate: valley.learningRate,
      markedLearningRate: valley.learningRate,
      isRecommended: !isOnePass,
    },
  ];
}

/** Index of the smallest loss; the first of equals. */
export function findMinimum(curve: readonly CurvePoint[]): number {
  let best = 0;
  curve.forEach((point, index) => {
    if (point.smoothedLoss < (curve[best] as CurvePoint).smoothedLoss) best = index;
  });
  return best;
}

/**
 * About half way down the longest strictly falling subsequence of losses. The bookkeeping of its start is the
 * original's, off by one as there, because the published suggestions come from it; an index below 0 is clamped.
 */
export function findValley(curve: readonly CurvePoint[]): number {
  const lengths = curve.map(() => 1);
  let start = 0;
  let end = 0;
  for (let i = 1; i < curve.length; i++) {
    for (let j = 0; j < i; j++) {
      const isFalling = (curve[i] as CurvePoint).smoothedLoss < (curve[j] as CurvePoint).smoothedLoss;
      if (isFalling && (lengths[i] as number) < (lengths[j] as number) + 1) lengths[i] = (lengths[j] as number) + 1;
      if ((lengths[end] as number) < (lengths[i] as number)) {
        end = i;
        start = i - (lengths[i] as number);
      }
    }
  }
  const third = (end - start) / 3;
  return Math.max(0, start + Math.floor(third) + Math.floor(third / 2));
}
