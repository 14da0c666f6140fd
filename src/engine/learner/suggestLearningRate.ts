// Reads a rate off a finder curve: the lecture's rule and fastai's (LESSON section 1.2). Pure. Rules give an index into the
// trimmed curve; the first of equals wins.

import type { LearningRateSuggestion, SuggestionRule } from '../../protocol/training.ts';

export interface CurvePoint {
  readonly learningRate: number;
  readonly smoothedLoss: number;
}

/** The ends of a curve say nothing: the first tenth is still averaging, the last five points are the blow-up. */
const SKIPPED_START_SHARE = 10;
const SKIPPED_END = 5;
/** With fewer points than this there is no valley to speak of. */
export const MIN_POINTS = 6;

/** The slide compares slopes this many points apart and goes on while they differ by more than the threshold. */
const SLIDE_DISTANCE = 15;
const SLIDE_THRESHOLD = 0.005;

/** How many points at the start of a curve are still averaging. @param iterations planned length of the sweep. */
export function countAveragingPoints(iterations: number): number {
  return Math.floor(iterations / SKIPPED_START_SHARE);
}

/**
 * The part of a curve that rules look at; it ends before the first loss that is no number.
 * @param iterations planned length of the sweep, not how far it came.
 */
export function trimCurve<Point extends CurvePoint>(points: readonly Point[], iterations: number): readonly Point[] {
  return cutAtNaN(points.slice(countAveragingPoints(iterations), Math.max(0, points.length - SKIPPED_END)));
}

export function cutAtNaN<Point extends CurvePoint>(curve: readonly Point[]): readonly Point[] {
  const end = curve.findIndex(({ smoothedLoss }) => Number.isNaN(smoothedLoss));
  return end === -1 ? curve : curve.slice(0, end);
}

export interface SweepLength {
  /** Planned batches of the sweep, not how far it came. */
  readonly iterations: number;
  readonly batchesPerEpoch: number;
}

/**
 * Suggestions for a whole curve; none when too little of it is left after trimming, and no slide when that is too short for one.
 *
 * The lecture's rule is recommended for the lecture's sweep, one pass over the pictures. A small set is swept many times
 * over; the head then learns its pictures by heart on the way, the loss goes on falling at rates that are far too high, and
 * a tenth of its lowest point overshoots. The valley, fastai's later default, looks at where the curve falls and holds up.
 */
export function suggestLearningRates(
  points: readonly CurvePoint[],
  { iterations, batchesPerEpoch }: SweepLength,
): LearningRateSuggestion[] {
  const curve = trimCurve(points, iterations);
  if (curve.length < MIN_POINTS) return [];
  const minimum = curve[findMinimum(curve)] as CurvePoint;
  const isLectures = iterations <= batchesPerEpoch && !isLowestTooEarly(points, iterations);
  const slide = findSlide(curve);
  const atPoint = (rule: SuggestionRule, label: string, index: number, isRecommended: boolean) => {
    const { learningRate } = curve[index] as CurvePoint;
    return { rule, label, learningRate, markedLearningRate: learningRate, isRecommended };
  };
  return [
    {
      rule: 'minimumDividedBy10',
      label: 'lowest point ÷ 10',
      learningRate: minimum.learningRate / 10,
      markedLearningRate: minimum.learningRate,
      isRecommended: isLectures,
    },
    atPoint('steepest', 'steepest fall', findSteepest(curve), false),
    atPoint('valley', 'valley', findValley(curve), !isLectures),
    ...(slide === null ? [] : [atPoint('slide', 'slide from the end', slide, false)]),
  ];
}

/**
 * Whether the loss is lowest so near to the sweep's start that a tenth of that rate means nothing: at the curve's first point, or
 * where a tenth was never tried. So it is for a network that is trained already, whose loss may only rise.
 */
export function isLowestTooEarly(points: readonly CurvePoint[], iterations: number): boolean {
  const curve = trimCurve(points, iterations);
  const lowest = findMinimum(curve);
  const [start, minimum] = [points[0], curve[lowest]];
  return !start || !minimum || lowest === 0 || minimum.learningRate / 10 < start.learningRate;
}

/** Index of the smallest loss. */
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

/** Index from which the loss falls most steeply to the next point, per unit of ln(rate). Needs two points. */
export function findSteepest(curve: readonly CurvePoint[]): number {
  const slopes = curve.slice(1).map((point, index) => {
    const before = curve[index] as CurvePoint;
    return (point.smoothedLoss - before.smoothedLoss) / Math.log(point.learningRate / before.learningRate);
  });
  return slopes.indexOf(Math.min(...slopes));
}

/**
 * Where a pair of points, slid down from the end of the curve, last had slopes (per point) that differ: the start of the
 * blow-up, seen from above. Null when the curve is shorter than the pair is wide.
 */
export function findSlide(curve: readonly CurvePoint[]): number | null {
  if (curve.length <= SLIDE_DISTANCE) return null;
  const slopes = slopesByIndex(curve.map(({ smoothedLoss }) => smoothedLoss));
  const last = curve.length - 1 - SLIDE_DISTANCE;
  let found = last;
  for (let left = last; left >= 0; left--) {
    const difference = (slopes[left + SLIDE_DISTANCE] as number) - (slopes[left] as number);
    if (Math.abs(difference) <= SLIDE_THRESHOLD) break;
    found = left;
  }
  return found;
}

/** numpy.gradient: central differences, one-sided at the ends. */
function slopesByIndex(values: readonly number[]): number[] {
  return values.map((_, index) => {
    const [before, after] = [Math.max(0, index - 1), Math.min(values.length - 1, index + 1)];
    return ((values[after] as number) - (values[before] as number)) / (after - before);
  });
}
