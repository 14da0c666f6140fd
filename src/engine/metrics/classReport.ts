// What each class is worth by itself, from its 2 x 2 table: accuracy alone hides a rare class that is never found.

import type { AccuracyInterval, ClassReport } from '../../protocol/training.ts';
import { wilsonInterval } from './accuracy.ts';
import { fBeta } from './fBeta.ts';
import type { HitCounts } from './hitCounts.ts';

/** @param classes from countConfusionHits where items have one class each, from countClassHits where they have tags. */
export function reportClasses(classes: readonly HitCounts[]): ClassReport[] {
  return classes.map((hits) => {
    const precisionInterval = measureShare(hits.truePositives, hits.truePositives + hits.falsePositives);
    const support = hits.truePositives + hits.falseNegatives;
    const recallInterval = measureShare(hits.truePositives, support);
    return {
      precision: precisionInterval?.accuracy ?? 0,
      recall: recallInterval?.accuracy ?? 0,
      f1: fBeta(hits, 1),
      support,
      precisionInterval,
      recallInterval,
    };
  });
}

/**
 * Mean F1 of the classes, each counting alike. A class that no item has and none was predicted as is left out, as
 * scikit-learn's f1_score with average='macro' does for items of one class each; NaN where that leaves none.
 */
export function macroF1(classes: readonly HitCounts[]): number {
  const seen = classes.filter((hits) => hits.truePositives + hits.falsePositives + hits.falseNegatives > 0);
  return seen.reduce((sum, hits) => sum + fBeta(hits, 1), 0) / seen.length;
}

function measureShare(part: number, whole: number): AccuracyInterval | null {
  return whole === 0 ? null : wilsonInterval(part, whole);
}
