// What is trained so far says what the pictures of the test folder are (the lesson's TTA(is_test=True)). They are told and kept, to
// be written as a submission; nothing is trained.

import type { KnownTestScore } from '../../protocol/training.ts';
import { argmaxOfRow, wilsonInterval } from '../metrics/accuracy.ts';
import { logLoss } from '../metrics/logLoss.ts';
import { lookSettings } from './augmentationSettings.ts';
import { type CombinedLooks, combineBySettings, type LooksOfOne, lookAtPictures } from './lookAtPictures.ts';
import { openTestShelves } from './openShelves.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { readTestPredictions } from './readings.ts';
import { numberSetting } from './settings.ts';
import {
  countClasses,
  requireDataset,
  requireHead,
  requireNetwork,
  type StepContext,
  type StepResult,
} from './stepContext.ts';

export async function predictTest(context: StepContext): Promise<StepResult> {
  const { settings, stepId, emit, platform, pictureLibrary } = context;
  const chosen = requireNetwork(context);
  requireHead(context);
  const { summary } = requireDataset(context);
  const progress = createProgressReporter(stepId, platform.clock, emit);
  try {
    const maxZoom = numberSetting(settings, 'looks') === 0 ? 1 : lookSettings(settings).maxZoom;
    const shelves = await openTestShelves(context, chosen, maxZoom, progress);
    const looks = shelves && (await lookAtPictures(context, chosen, shelves, progress));
    if (!looks) return stoppedEarly(context, progress);
    const { ids, lostIds } = shelves;
    const { label, probabilities } = combineForSubmission(context, looks);
    const pathsOf = (pictureIds: readonly number[]) => pictureIds.map((id) => summary.pictures[id]?.path as string);
    const { classes } = summary;
    const testPredictions = { classes, paths: pathsOf(ids), lostPaths: pathsOf(lostIds), probabilities };
    const known = scoreKnown(context, ids, probabilities);
    emit({
      type: 'testPredicted',
      stepId,
      label,
      classes,
      pictureIds: ids,
      probabilities: Array.from(probabilities, toSixDecimals),
      lostPictureIds: lostIds,
      known,
    });
    return {
      outcome: 'done',
      state: { ...context.state, testPredictions },
      reading: readTestPredictions(ids.length, testPredictions.lostPaths, known),
      imagesPerSecond: progress.imagesPerSecond(),
    };
  } finally {
    // They are looked at once and not in every epoch: what trains next needs the room.
    pictureLibrary.close('test');
    pictureLibrary.close('test zoomed');
  }
}

/** Null where no picture lies in a class folder. Tags come from a table, which says nothing of test pictures. */
function scoreKnown(context: StepContext, ids: readonly number[], probabilities: Float32Array): KnownTestScore | null {
  const { pictures, labelKind } = requireDataset(context).summary;
  if (labelKind === 'tags') return null;
  const classCount = countClasses(context);
  const known = ids.flatMap((id, row) => {
    const label = pictures[id]?.classIndices?.[0];
    return label === undefined ? [] : [{ row, label }];
  });
  if (known.length === 0) return null;
  const labels = Int32Array.from(known, ({ label }) => label);
  const rows = new Float32Array(known.length * classCount);
  known.forEach(({ row }, place) => {
    rows.set(probabilities.subarray(row * classCount, (row + 1) * classCount), place * classCount);
  });
  const correctCount = labels.filter((label, place) => argmaxOfRow(rows, place, classCount) === label).length;
  return { accuracy: wilsonInterval(correctCount, known.length), logLoss: logLoss(rows, labels) };
}

/** A submission's probabilities add up to 1, which the mean of logarithms alone does not see to; the most probable class stays it. */
function combineForSubmission(context: StepContext, looks: readonly LooksOfOne[]): CombinedLooks {
  const { label, probabilities } = combineBySettings(context, looks);
  const isNormalised = requireDataset(context).summary.labelKind === 'tags' || context.settings.rule !== 'logMean';
  return { label, probabilities: isNormalised ? probabilities : normaliseRows(probabilities, countClasses(context)) };
}

/** @param values [row, column], positive */
function normaliseRows(values: Float32Array, columnCount: number): Float32Array {
  const sums = new Float64Array(values.length / columnCount);
  values.forEach((value, index) => {
    const row = Math.floor(index / columnCount);
    sums[row] = (sums[row] as number) + value;
  });
  return values.map((value, index) => value / (sums[Math.floor(index / columnCount)] as number));
}

function toSixDecimals(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

function stoppedEarly({ state }: StepContext, progress: ProgressReporter): StepResult {
  return {
    outcome: 'stopped',
    state,
    reading:
      'Stopped before every look was through, so nothing is said of the test pictures. What is trained is as it was, and so are earlier predictions.',
    imagesPerSecond: progress.imagesPerSecond(),
  };
}
