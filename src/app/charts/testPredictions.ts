// The queries behind the predictions of the test pictures: what was said of each, how sure, and how often each class was said.

import type { EventOf } from '../../protocol/events.ts';
import { isSubmissionSample } from '../../protocol/submission.ts';
import { type EventLog, lastOf, type StepRun } from '../store/eventLog.ts';
import { formatPercent } from '../ui/formatNumbers.ts';

/** The newest run of any step that predicted test pictures. */
export function latestTestRun(log: EventLog): StepRun | undefined {
  return log.stepRuns.findLast((run) => run.byType.testPredicted.length > 0);
}

export interface TestPicture {
  readonly pictureId: number;
  /** The most probable class, or every tag above its threshold. */
  readonly said: readonly { readonly classIndex: number; readonly probability: number }[];
  /** 0..1: the probability of the class; of tags how far the least clear one is from its threshold. */
  readonly sureness: number;
}

/** @param thresholds for each class, of tags; null where each picture is of one class. */
export function readTestPictures(
  { classes, pictureIds, probabilities }: EventOf<'testPredicted'>,
  thresholds: readonly number[] | null,
): readonly TestPicture[] {
  return pictureIds.map((pictureId, row) => {
    const own = probabilities.slice(row * classes.length, (row + 1) * classes.length);
    const all = own.map((probability, classIndex) => ({ classIndex, probability }));
    if (thresholds === null) {
      const top = all.reduce((best, one) => (one.probability > best.probability ? one : best));
      return { pictureId, said: [top], sureness: top.probability };
    }
    const thresholdOf = (classIndex: number) => thresholds[classIndex] ?? 1;
    return {
      pictureId,
      said: all.filter(({ classIndex, probability }) => probability > thresholdOf(classIndex)),
      sureness: Math.min(...all.map((one) => Math.abs(one.probability - thresholdOf(one.classIndex)))),
    };
  });
}

/** How many pictures each class, or tag, was said of. */
export function countSaid(pictures: readonly TestPicture[], classCount: number): readonly number[] {
  const counts = Array.from({ length: classCount }, () => 0);
  for (const { classIndex } of pictures.flatMap(({ said }) => said)) counts[classIndex] = (counts[classIndex] ?? 0) + 1;
  return counts;
}

export interface TagThresholds {
  /** One for all tags. */
  readonly one: number;
  /** Each tag's own; null before the validation pictures were judged. */
  readonly own: readonly number[] | null;
}

/** Where nothing was judged: planet.py's p > 0.2 (LESSON section 10). */
const LESSON_THRESHOLD = 0.2;

/** The newest judgement of validation pictures that have tags. */
export function latestTagsJudged(log: EventLog): EventOf<'tagsJudged'> | undefined {
  const run = log.stepRuns.findLast((candidate) => candidate.byType.tagsJudged.length > 0);
  return run && lastOf(run.byType.tagsJudged);
}

/** As the validation pictures found them. */
export function tagThresholdsOf(judged: EventOf<'tagsJudged'> | undefined): TagThresholds {
  if (!judged) return { one: LESSON_THRESHOLD, own: null };
  return { one: judged.score.threshold, own: judged.reports.map(({ threshold }) => threshold) };
}

/** What a competition calls its example of what it wants back; null when none was dropped. */
export function findSample(paths: Iterable<string>): string | null {
  for (const path of paths) if (isSubmissionSample(path)) return path;
  return null;
}

/**
 * What the network says of a picture, and where folders say what some pictures are, whether that is so.
 * @param truth classes of its folder, null where it lies in none; undefined where no picture's is known
 */
export function describeTestPicture(
  { said }: TestPicture,
  classes: readonly string[],
  truth: readonly number[] | null | undefined,
): readonly [string, ...string[]] {
  const words = said.map(({ classIndex, probability }) => `${classes[classIndex]} ${formatPercent(probability, 0)}`);
  const line = words.length === 0 ? 'no tag' : words.join(', ');
  if (truth === undefined) return [line];
  const [trueClass] = truth ?? [];
  if (trueClass === undefined) return [line, ''];
  return [line, said[0]?.classIndex === trueClass ? 'right' : `lies in ${classes[trueClass]}`];
}
