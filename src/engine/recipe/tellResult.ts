// What the network says about the validation pictures, as events: a row for each way of judging them, and for the one that
// counts all that is behind it: matrix, classes and galleries, or thresholds and tags.

import type { ResultScore } from '../../protocol/training.ts';
import type { Targets, TargetsOf } from '../data/targets.ts';
import { countConfusions, readPredictions } from '../interpretation/confusionMatrix.ts';
import { judgeTags } from '../interpretation/judgeTags.ts';
import { type JudgedPictures, pickGalleries } from '../interpretation/pickGalleries.ts';
import { argmaxOfRow, wilsonInterval } from '../metrics/accuracy.ts';
import { binaryCrossEntropy } from '../metrics/binaryCrossEntropy.ts';
import { macroF1, reportClasses } from '../metrics/classReport.ts';
import { countConfusionHits } from '../metrics/hitCounts.ts';
import { logLoss } from '../metrics/logLoss.ts';
import { createRandom } from '../random.ts';
import { requireDataset, type StepContext } from './stepContext.ts';

/** How every step's own result is called. */
export const PLAINLY = 'Plain';

/** What was said about pictures whose labels are known. */
export interface Judged {
  /** [picture, class] */
  readonly probabilities: Float32Array;
  readonly targets: Targets;
  /** Id of each picture. */
  readonly pictureIds: readonly number[];
}

/** A row of the result table. @param label says how the pictures were judged; @param choice whose newest row counts. */
export function tellRow(
  { emit, stepId }: Pick<StepContext, 'emit' | 'stepId'>,
  label: string,
  judged: Judged,
  choice?: string,
): ResultScore {
  const result = measure(judged);
  emit({ type: 'resultRow', stepId, label, ...result, ...(choice === undefined ? {} : { choice }) });
  return result.score;
}

export function measure(judged: Judged): { readonly score: ResultScore; readonly logLoss: number } {
  return { score: scoreOf(judged), logLoss: meanLoss(judged) };
}

/** The row, and all that is behind it. */
export function tellResult(context: StepContext, label: string, judged: Judged): ResultScore {
  const { stepId, emit } = context;
  const score = tellRow(context, label, judged);
  if (isTagged(judged)) emit({ type: 'tagsJudged', stepId, label, classes: classesOf(context), ...judgeTags(judged) });
  else tellConfusion(context, label, judged);
  return score;
}

function tellConfusion(context: StepContext, label: string, { probabilities, targets, pictureIds }: Judged): void {
  const { stepId, seed, emit } = context;
  const pictures: JudgedPictures = { probabilities, labels: (targets as TargetsOf<'oneClass'>).values, pictureIds };
  const predictions = readPredictions(probabilities, pictures.labels, pictureIds);
  const matrix = countConfusions(classesOf(context), predictions);
  emit({
    type: 'confusion',
    stepId,
    label,
    matrix,
    accuracy: measureAccuracy({ probabilities, targets, pictureIds }),
    predictions,
    classes: reportClasses(countConfusionHits(matrix.counts)),
    galleries: pickGalleries(pictures, createRandom(seed, `${stepId} gallery`)),
  });
}

/** Of each picture of one class, whether its largest probability is its class's. */
export function findCorrect({ probabilities, targets }: Pick<Judged, 'probabilities' | 'targets'>): boolean[] {
  const { values, classCount } = targets as TargetsOf<'oneClass'>;
  return Array.from(values, (label, item) => argmaxOfRow(probabilities, item, classCount) === label);
}

function scoreOf(judged: Judged): ResultScore {
  if (isTagged(judged)) return judgeTags(judged).score;
  const { values, classCount } = judged.targets as TargetsOf<'oneClass'>;
  const predictions = readPredictions(judged.probabilities, values, judged.pictureIds);
  const { counts } = countConfusions(Array.from({ length: classCount }, String), predictions);
  return { kind: 'accuracy', accuracy: measureAccuracy(judged), macroF1: macroF1(countConfusionHits(counts)) };
}

function measureAccuracy(judged: Judged) {
  const correct = findCorrect(judged);
  return wilsonInterval(correct.filter(Boolean).length, correct.length);
}

function meanLoss({ probabilities, targets }: Judged): number {
  return targets.kind === 'tags'
    ? binaryCrossEntropy(probabilities, targets.values)
    : logLoss(probabilities, targets.values);
}

function isTagged(judged: Judged): judged is Judged & { readonly targets: TargetsOf<'tags'> } {
  return judged.targets.kind === 'tags';
}

function classesOf(context: StepContext): readonly string[] {
  return requireDataset(context).summary.classes;
}
