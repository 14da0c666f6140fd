// What the network says about the validation pictures, as events: a row for each way of judging them, and for the one that
// counts all that is behind it: matrix, classes and galleries, or thresholds and tags.

import type { ResultScore } from '../../protocol/training.ts';
import type { Targets, TargetsOf } from '../data/targets.ts';
import { countConfusions, readPredictions } from '../interpretation/confusionMatrix.ts';
import { judgeTags } from '../interpretation/judgeTags.ts';
import { pickGalleries } from '../interpretation/pickGalleries.ts';
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

interface Measured {
  readonly score: ResultScore;
  readonly logLoss: number;
}

/** A row of the result table. @param label says how the pictures were judged; @param choice whose newest row counts. */
export function tellRow(
  context: Pick<StepContext, 'emit' | 'stepId'>,
  label: string,
  judged: Judged,
  choice?: string,
): ResultScore {
  return emitRow(context, label, measure(judged), choice);
}

export function measure(judged: Judged): Measured {
  const score = isTagged(judged) ? judgeTags(judged).score : scoreOf(readConfusions(judged));
  return { score, logLoss: meanLoss(judged) };
}

/** The row, and all that is behind it. */
export function tellResult(context: StepContext, label: string, judged: Judged): ResultScore {
  const { stepId, seed, emit } = context;
  const { classes } = requireDataset(context).summary;
  const logLoss = meanLoss(judged);
  if (isTagged(judged)) {
    const judgement = judgeTags(judged);
    emitRow(context, label, { score: judgement.score, logLoss });
    emit({ type: 'tagsJudged', stepId, label, classes, ...judgement });
    return judgement.score;
  }
  const confusions = readConfusions(judged);
  const score = emitRow(context, label, { score: scoreOf(confusions), logLoss });
  emit({
    type: 'confusion',
    stepId,
    label,
    matrix: { classes, counts: confusions.counts },
    accuracy: confusions.accuracy,
    predictions: confusions.predictions,
    classes: reportClasses(confusions.hits),
    galleries: pickGalleries({ ...judged, labels: labelsOf(judged) }, createRandom(seed, `${stepId} gallery`)),
  });
  return score;
}

function emitRow(
  { emit, stepId }: Pick<StepContext, 'emit' | 'stepId'>,
  label: string,
  measured: Measured,
  choice?: string,
): ResultScore {
  emit({ type: 'resultRow', stepId, label, ...measured, ...(choice === undefined ? {} : { choice }) });
  return measured.score;
}

/** Of each picture of one class, whether its largest probability is its class's. */
export function findCorrect({ probabilities, targets }: Pick<Judged, 'probabilities' | 'targets'>): boolean[] {
  const { values, classCount } = targets as TargetsOf<'oneClass'>;
  return Array.from(values, (label, item) => argmaxOfRow(probabilities, item, classCount) === label);
}

/** What was said of pictures of one class each. */
function readConfusions(judged: Judged) {
  const { probabilities, targets, pictureIds } = judged;
  const predictions = readPredictions(probabilities, labelsOf(judged), pictureIds);
  const { counts } = countConfusions(Array.from({ length: targets.classCount }, String), predictions);
  const correctCount = predictions.filter((one) => one.trueClassIndex === one.predictedClassIndex).length;
  return {
    predictions,
    counts,
    hits: countConfusionHits(counts),
    accuracy: wilsonInterval(correctCount, predictions.length),
  };
}

function scoreOf({ accuracy, hits }: ReturnType<typeof readConfusions>): ResultScore {
  return { kind: 'accuracy', accuracy, macroF1: macroF1(hits) };
}

function labelsOf({ targets }: Pick<Judged, 'targets'>): Int32Array {
  return (targets as TargetsOf<'oneClass'>).values;
}

function meanLoss({ probabilities, targets }: Judged): number {
  return targets.kind === 'tags'
    ? binaryCrossEntropy(probabilities, targets.values)
    : logLoss(probabilities, targets.values);
}

function isTagged(judged: Judged): judged is Judged & { readonly targets: TargetsOf<'tags'> } {
  return judged.targets.kind === 'tags';
}
