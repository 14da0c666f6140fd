// The queries behind the confusion matrix: shares of a row, worst confusions, the pictures of a cell, what to show of a large one.

import type { ConfusionMatrix, PicturePrediction } from '../../protocol/training.ts';
import { quoteCsv } from './datasetQueries.ts';

export interface Confusion {
  readonly trueClassIndex: number;
  readonly predictedClassIndex: number;
  readonly count: number;
}

/** A matrix larger than this is shown by the classes with the most mistakes. */
export const maxShownClasses = 24;
/** From so many classes on the worst confusions are listed beside the matrix. */
export const listFromClasses = 12;

/** From this share of a row on, a cell's number is drawn in the other ink (contrast.test.ts holds it to 4.5:1). */
export const lightInkFromShare = 0.7;

export function rowTotals(matrix: ConfusionMatrix): readonly number[] {
  return matrix.counts.map((row) => row.reduce((sum, count) => sum + count, 0));
}

/** Off-diagonal cells, most frequent first. */
export function worstConfusions(matrix: ConfusionMatrix): readonly Confusion[] {
  const confusions: Confusion[] = [];
  for (const [trueClassIndex, row] of matrix.counts.entries()) {
    for (const [predictedClassIndex, count] of row.entries()) {
      if (count > 0 && trueClassIndex !== predictedClassIndex)
        confusions.push({ trueClassIndex, predictedClassIndex, count });
    }
  }
  return confusions.sort((a, b) => b.count - a.count);
}

/** Indices of the classes to draw, in the matrix's own order. */
export function shownClasses(matrix: ConfusionMatrix, limit = maxShownClasses): readonly number[] {
  const all = matrix.classes.map((_, index) => index);
  if (all.length <= limit) return all;
  const mistakes = all.map(() => 0);
  for (const { trueClassIndex, predictedClassIndex, count } of worstConfusions(matrix)) {
    mistakes[trueClassIndex] = (mistakes[trueClassIndex] ?? 0) + count;
    mistakes[predictedClassIndex] = (mistakes[predictedClassIndex] ?? 0) + count;
  }
  return all
    .sort((a, b) => (mistakes[b] ?? 0) - (mistakes[a] ?? 0))
    .slice(0, limit)
    .sort((a, b) => a - b);
}

/** The pictures of a cell, the most confident first: a sure mistake is worth the first look. */
export function predictionsOfCell(
  predictions: readonly PicturePrediction[],
  trueClassIndex: number,
  predictedClassIndex: number,
): readonly PicturePrediction[] {
  return predictions
    .filter((one) => one.trueClassIndex === trueClassIndex && one.predictedClassIndex === predictedClassIndex)
    .sort((a, b) => b.probability - a.probability);
}

export function confusionCsv(matrix: ConfusionMatrix): string {
  const header = ['true \\ predicted', ...matrix.classes.map(quoteCsv)].join(',');
  const lines = matrix.counts.map((row, index) => [quoteCsv(matrix.classes[index] ?? ''), ...row].join(','));
  return `${[header, ...lines].join('\n')}\n`;
}
