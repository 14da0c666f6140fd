// The pairs of classes that are taken for each other most often: the confusion matrix as a list.

import type { ConfusionMatrix } from '../../protocol/training.ts';

export interface Confusion {
  readonly trueClassIndex: number;
  readonly predictedClassIndex: number;
  readonly count: number;
}

/** Cells beside the diagonal with at least `minCount` items, largest first; equals row by row (LESSON section 9.3). */
export function listMostConfused({ counts }: Pick<ConfusionMatrix, 'counts'>, minCount = 1): Confusion[] {
  return counts
    .flatMap((row, trueClassIndex) =>
      row.map((count, predictedClassIndex) => ({ trueClassIndex, predictedClassIndex, count })),
    )
    .filter((cell) => cell.trueClassIndex !== cell.predictedClassIndex && cell.count >= minCount)
    .sort((a, b) => b.count - a.count);
}
