// Thresholds for tags, chosen by F-beta. A score at the threshold that it chose flatters: give the validation set to both
// functions, and let what shows the score say that it was tuned there.

import { fBeta, meanItemFBeta } from './fBeta.ts';
import { countClassHits, type HitCounts } from './hitCounts.ts';
import { predictTags } from './predictTags.ts';

/** The satellite lesson's (planet.py), and its beta: a missed tag weighs four times as much as one too many. */
export const PLANET_THRESHOLDS: readonly number[] = [0.17, 0.18, 0.19, 0.2, 0.21, 0.22, 0.23];
const PLANET_BETA = 2;

/** 0.05, 0.1 .. 0.95. Ours; coarse, because a rare class's best of a hundred thresholds is mostly luck. */
export const CLASS_THRESHOLDS: readonly number[] = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);

export interface TaggedItems {
  /** [item, class] of independent classes. */
  readonly probabilities: Float32Array;
  /** 0 or 1 [item, class]. */
  readonly truth: Float32Array;
  readonly classCount: number;
}

export interface TunedThreshold {
  readonly threshold: number;
  /** F-beta on the items that chose the threshold. */
  readonly tunedScore: number;
}

/** planet.py's F2 and its threshold: of those that reach the largest mean F2 of the items, the first. */
export function tuneThreshold(
  { probabilities, truth, classCount }: TaggedItems,
  { thresholds = PLANET_THRESHOLDS, beta = PLANET_BETA } = {},
): TunedThreshold {
  return findFirstBest(
    thresholds.map((threshold) => ({
      threshold,
      tunedScore: meanItemFBeta(predictTags(probabilities, threshold), truth, classCount, beta),
    })),
  );
}

export interface ClassThresholdOptions {
  readonly thresholds?: readonly number[];
  readonly beta?: number;
  /** For a class where no threshold finds anything, as one that no item has: it would get the lowest of all. */
  readonly fallback: number;
}

/** For each class the first threshold that reaches the largest F-beta of this class over the items. */
export function tuneClassThresholds(
  { probabilities, truth, classCount }: TaggedItems,
  { thresholds = CLASS_THRESHOLDS, beta = PLANET_BETA, fallback }: ClassThresholdOptions,
): TunedThreshold[] {
  const hitsAtThresholds = thresholds.map((threshold) =>
    countClassHits(predictTags(probabilities, threshold), truth, classCount),
  );
  return Array.from({ length: classCount }, (_, classIndex) => {
    const best = findFirstBest(
      thresholds.map((threshold, index) => ({
        threshold,
        tunedScore: fBeta(hitsAtThresholds[index]?.[classIndex] as HitCounts, beta),
      })),
    );
    return best.tunedScore === 0 ? { threshold: fallback, tunedScore: 0 } : best;
  });
}

/** Throws RangeError where there is nothing to choose from. */
function findFirstBest([first, ...others]: readonly TunedThreshold[]): TunedThreshold {
  if (!first) throw new RangeError('A threshold is chosen from at least one.');
  return others.reduce((best, other) => (other.tunedScore > best.tunedScore ? other : best), first);
}
