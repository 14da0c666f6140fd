// What the network says about the validation pictures, as events: a row for each way of judging them, and for the one that
// counts the matrix, the classes and the pictures worth a look.

import type { AccuracyInterval } from '../../protocol/training.ts';
import { countConfusions, readPredictions } from '../interpretation/confusionMatrix.ts';
import { type JudgedPictures, pickGalleries } from '../interpretation/pickGalleries.ts';
import { argmaxOfRow, wilsonInterval } from '../metrics/accuracy.ts';
import { reportClasses } from '../metrics/classReport.ts';
import { countConfusionHits } from '../metrics/hitCounts.ts';
import { logLoss } from '../metrics/logLoss.ts';
import { createRandom } from '../random.ts';
import { requireDataset, type StepContext } from './stepContext.ts';

/** How every step's own result is called. */
export const PLAINLY = 'Plain';

/** A row of the result table. @param label says how the pictures were judged. */
export function tellRow(
  { emit, stepId }: StepContext,
  label: string,
  pictures: Pick<JudgedPictures, 'probabilities' | 'labels'>,
): AccuracyInterval {
  const { probabilities, labels } = pictures;
  const accuracy = wilsonInterval(findCorrect(pictures).filter(Boolean).length, labels.length);
  emit({ type: 'resultRow', stepId, label, accuracy, logLoss: logLoss(probabilities, labels) });
  return accuracy;
}

/** The row, and all that is behind it. */
export function tellResult(context: StepContext, label: string, pictures: JudgedPictures): AccuracyInterval {
  const { stepId, seed, emit } = context;
  const accuracy = tellRow(context, label, pictures);
  const { classes } = requireDataset(context).summary;
  const predictions = readPredictions(pictures.probabilities, pictures.labels, pictures.pictureIds);
  const matrix = countConfusions(classes, predictions);
  emit({
    type: 'confusion',
    stepId,
    label,
    matrix,
    accuracy,
    predictions,
    classes: reportClasses(countConfusionHits(matrix.counts)),
    galleries: pickGalleries(pictures, createRandom(seed, `${stepId} gallery`)),
  });
  return accuracy;
}

/** Of each picture, whether its largest probability is its class's. */
export function findCorrect({ probabilities, labels }: Pick<JudgedPictures, 'probabilities' | 'labels'>): boolean[] {
  const classCount = probabilities.length / labels.length;
  return Array.from(labels, (label, item) => argmaxOfRow(probabilities, item, classCount) === label);
}
