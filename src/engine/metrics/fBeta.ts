// F-beta: one number for precision and recall, where recall counts beta times as much (van Rijsbergen 1979).

import { countItemHits, type HitCounts } from './hitCounts.ts';

/** Nothing predicted and nothing true is 0, as scikit-learn's F-beta in the lesson. */
export function fBeta(
  hits: Pick<HitCounts, 'truePositives' | 'falsePositives' | 'falseNegatives'>,
  beta: number,
): number {
  const hit = (1 + beta ** 2) * hits.truePositives;
  const total = hit + beta ** 2 * hits.falseNegatives + hits.falsePositives;
  return total === 0 ? 0 : hit / total;
}

/**
 * F-beta of each item's tags, then the mean over the items (scikit-learn's average='samples'); NaN for none.
 * @param predicted 0 or 1 [item, class], as @param truth.
 */
export function meanItemFBeta(predicted: Float32Array, truth: Float32Array, classCount: number, beta: number): number {
  const items = countItemHits(predicted, truth, classCount);
  return items.reduce((sum, hits) => sum + fBeta(hits, beta), 0) / items.length;
}
