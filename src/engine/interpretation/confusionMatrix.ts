// What the network said about the validation pictures: a matrix of counts and one line per picture.

import type { ConfusionMatrix, PicturePrediction } from '../../protocol/training.ts';
import { argmaxOfRow } from '../metrics/accuracy.ts';

/** @param probabilities [picture, class]; labels and ids in the same order. */
export function readPredictions(
  probabilities: Float32Array,
  labels: Int32Array,
  pictureIds: readonly number[],
): PicturePrediction[] {
  const classCount = probabilities.length / labels.length;
  return pictureIds.map((pictureId, row) => {
    const predicted = argmaxOfRow(probabilities, row, classCount);
    const label = labels[row] as number;
    return {
      pictureId,
      trueClassIndex: label,
      predictedClassIndex: predicted,
      probability: probabilities[row * classCount + predicted] as number,
      trueProbability: probabilities[row * classCount + label] as number,
    };
  });
}

/** counts[true class][predicted class], as the lesson draws it. */
export function countConfusions(
  classes: readonly string[],
  predictions: readonly PicturePrediction[],
): ConfusionMatrix {
  const counts = classes.map(() => classes.map(() => 0));
  for (const { trueClassIndex, predictedClassIndex } of predictions) {
    const row = counts[trueClassIndex] as number[];
    row[predictedClassIndex] = (row[predictedClassIndex] as number) + 1;
  }
  return { classes, counts };
}

/** Share of each true class that was predicted as each class, 0..1; null for a class that no picture has. */
export function normaliseRows({ counts }: Pick<ConfusionMatrix, 'counts'>): (readonly number[] | null)[] {
  return counts.map((row) => {
    const support = row.reduce((sum, count) => sum + count, 0);
    return support === 0 ? null : row.map((count) => count / support);
  });
}
