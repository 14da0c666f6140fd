// The queries behind the place for results: its rows, what the losses say, and the galleries as the engine picked them.

import type { EventOf } from '../../protocol/events.ts';
import type { PicturePrediction, ResultScore } from '../../protocol/training.ts';
import { type EventLog, lastOf, latestRun, type StepRun } from '../store/eventLog.ts';

/** A result with all that is behind it: of one class each, or of tags. A data set has results of one of the two only. */
export type Judgement = EventOf<'confusion' | 'tagsJudged'>;

/** The last result of one run of a step. */
export function judgementOf({ byType }: StepRun): Judgement | undefined {
  return lastOf(byType.confusion) ?? lastOf(byType.tagsJudged);
}

/** The newest result of any step. */
export function latestJudgement(log: EventLog): Judgement | undefined {
  const run = log.stepRuns.findLast((candidate) => judgementOf(candidate) !== undefined);
  return run && judgementOf(run);
}

/** Whether a run has trained something: with validation pictures it has a result then, without any only its epochs tell. */
export function hasTrained(run: StepRun): boolean {
  if (judgementOf(run) !== undefined) return true;
  const ended = lastOf(run.byType.stepEnded);
  return run.byType.epochEnded.length > 0 && ended !== undefined && ended.outcome !== 'failed';
}

/** The score in the row that a result belongs to. */
export function scoreOf(log: EventLog, { stepId, label }: Judgement): ResultScore | undefined {
  const rows = log.stepRuns.findLast((run) => run.stepId === stepId && judgementOf(run))?.byType.resultRow;
  return rows?.findLast((row) => row.label === label)?.score;
}

/** Every way of judging the validation pictures, of each step's newest run, in the order they were run. */
export function resultRows(log: EventLog): readonly EventOf<'resultRow'>[] {
  return log.stepRuns.filter((run) => latestRun(log, run.stepId) === run).flatMap(rowsOfRun);
}

/** Without those in whose place a person chose another. */
function rowsOfRun({ byType }: StepRun): readonly EventOf<'resultRow'>[] {
  const rows = byType.resultRow;
  return rows.filter((row) => row.choice === undefined || rows.findLast(({ choice }) => choice === row.choice) === row);
}

/** Of the newest training. */
export function latestDiagnosis(log: EventLog): EventOf<'fitDiagnosed'> | undefined {
  const run = log.stepRuns.findLast((candidate) => candidate.byType.fitDiagnosed.length > 0);
  return run && lastOf(run.byType.fitDiagnosed);
}

export interface GalleryPicture extends PicturePrediction {
  readonly loss: number | null;
}

export interface Gallery {
  readonly title: string;
  /** What its pictures are, in a sentence. */
  readonly sentence: string;
  readonly pictures: readonly GalleryPicture[];
}

/** Of one class, or of all of them (null). */
export function queryGalleries(confusion: EventOf<'confusion'>, classIndex: number | null): readonly Gallery[] {
  const { galleries, predictions, matrix } = confusion;
  const byId = new Map(predictions.map((prediction) => [prediction.pictureId, prediction]));
  const find = (ids: readonly number[], losses: readonly number[] = []): GalleryPicture[] =>
    ids.flatMap((id, index) => {
      const prediction = byId.get(id);
      return prediction ? [{ ...prediction, loss: losses[index] ?? null }] : [];
    });
  if (classIndex === null) {
    const ids = galleries.topLosses.map(({ pictureId }) => pictureId);
    const losses = galleries.topLosses.map(({ loss }) => loss);
    return [
      {
        title: 'Top losses',
        sentence: 'They cost most: the network is wrong and sure of it, or the label is wrong.',
        pictures: find(ids, losses),
      },
      {
        title: 'Most uncertain',
        sentence: `The probability of their own class is nearest to 1/${matrix.classes.length}, which is a guess.`,
        pictures: find(galleries.mostUncertain),
      },
      {
        title: 'Incorrect, at random',
        sentence: 'A few of those taken for another class.',
        pictures: find(galleries.randomIncorrect),
      },
      { title: 'Correct, at random', sentence: 'A few of those recognised.', pictures: find(galleries.randomCorrect) },
    ];
  }
  const name = matrix.classes[classIndex] ?? '';
  const gallery = galleries.classes[classIndex];
  return [
    {
      title: 'Most incorrect',
      sentence: `Pictures of ${name} that were taken for another class, the worst first.`,
      pictures: find(gallery?.mostIncorrect ?? []),
    },
    {
      title: 'Most uncertain',
      sentence: `Right and wrong together: the probability of ${name} is nearest to 1/${matrix.classes.length}.`,
      pictures: find(gallery?.mostUncertain ?? []),
    },
    {
      title: 'Most correct',
      sentence: `Recognised as ${name}, the surest first.`,
      pictures: find(gallery?.mostCorrect ?? []),
    },
  ];
}
