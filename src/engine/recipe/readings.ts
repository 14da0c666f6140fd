// The sentence that reads a result, from this run's own numbers.

import type {
  AccuracyInterval,
  EpochRow,
  FinderEnd,
  FitDiagnosis,
  KnownTestScore,
  LearningRateSuggestion,
  ResultScore,
} from '../../protocol/training.ts';
import type { MemoryNeed } from '../executors/executor.ts';
import { formatSize } from '../formatSize.ts';
import type { TagScore } from '../interpretation/judgeTags.ts';
import { signTest } from '../metrics/signTest.ts';
import { listSome } from '../submission/listSome.ts';
import { describeInput } from './squareSettings.ts';
import type { ChosenNetwork } from './studioState.ts';

/** A difference that chance brings less often than this is taken for one. */
const CHANCE = 0.05;

/** Said before the work, where the network holds its memory from the beginning. */
export function readMemoryNeed({ totalBytes, largestBufferBytes, allowedBufferBytes }: MemoryNeed): string {
  const largest = `its largest buffer has ${formatSize(largestBufferBytes)}, and the card allows ${formatSize(allowedBufferBytes)}`;
  return `Needs ${formatSize(totalBytes)} on the graphics card; ${largest}`;
}

export function readPreparation(pictureCount: number, lostCount: number, wasCached: boolean): string {
  if (wasCached) return `The features of these ${pictureCount} pictures were here already, so nothing was computed.`;
  const lost =
    lostCount === 0
      ? ''
      : ` ${lostCount} could no longer be read and ${lostCount === 1 ? 'is' : 'are'} left out; drop the folder again to look for them.`;
  return `Each of the ${pictureCount} pictures is now a list of features; the next steps never look at a pixel again.${lost}`;
}

export function readFinder(
  points: readonly { readonly learningRate: number; readonly smoothedLoss: number }[],
  suggestions: readonly LearningRateSuggestion[],
  { end, passes, isTooEarly }: { readonly end: FinderEnd; readonly passes: number; readonly isTooEarly: boolean },
): string {
  const restored = 'Every weight is as it was before.';
  if (end === 'stopped') return `Stopped after ${points.length} batches. ${restored}`;
  const lecture = suggestions.find((suggestion) => suggestion.rule === 'minimumDividedBy10');
  const valley = suggestions.find((suggestion) => suggestion.rule === 'valley');
  if (!lecture || !valley) {
    return `The loss blew up after ${points.length} batches, too early to read a rate from. ${restored} Start from a smaller rate or take more batches.`;
  }
  const lowest = Math.min(...points.map((point) => point.smoothedLoss));
  const ending = end === 'diverged' ? 'and blows up soon after' : 'and had not blown up when the sweep ended';
  const shape = `The smoothed loss is lowest, ${lowest.toFixed(3)}, near ${formatRate(lecture.markedLearningRate)} ${ending}.`;
  return `${shape} ${adviseRate(lecture, valley, { isTooEarly, passes })} ${restored}`;
}

function adviseRate(
  lecture: LearningRateSuggestion,
  valley: LearningRateSuggestion,
  { isTooEarly, passes }: { readonly isTooEarly: boolean; readonly passes: number },
): string {
  if (lecture.isRecommended) return `A tenth of that, ${formatRate(lecture.learningRate)}, is the lecture’s choice.`;
  const choice = formatRate(valley.learningRate);
  if (isTooEarly) {
    return `That is too near to where the sweep began for the lecture’s rule: what is trained so far is hard to better, and ${choice} is where the curve holds up longest.`;
  }
  return `The sweep saw every picture ${Math.round(passes)} times, so its lowest point lies too high for the lecture’s rule; ${choice}, in the valley, is the safer choice.`;
}

export function readChoice(label: string, { imageSizePx, square }: ChosenNetwork): string {
  return `${label} will look at the pictures at ${describeInput(imageSizePx, square)}. It is frozen: only the new layers learn until you unfreeze it.`;
}

export function readStoppedEarly(): string {
  return 'Stopped while the pictures were read. Nothing was trained; what was here before is as it was.';
}

/** Counts of learned parameters. */
export function readUnfreezing(counts: {
  readonly learning: number;
  readonly before: number;
  readonly everything: number;
  readonly keepsBatchNorms: boolean;
}): string {
  const { learning, before, everything, keepsBatchNorms } = counts;
  const share = `${formatCount(learning)} of ${formatCount(everything)} parameters learn from now on`;
  const norms = keepsBatchNorms ? ' Batch norms keep what they have measured.' : '';
  if (learning === before) return `${share}, as before.${norms}`;
  return `${share}; before it were ${formatCount(before)}.${norms} This step itself trains nothing: look for a learning rate again, because what learns has changed.`;
}

/** @param shares of the head's rate, pixel side first */
export function readRates(shares: readonly number[], firstLearningGroup: number): string {
  const [early, later] = shares.map((share) => formatShare(share)) as [string, string, string];
  const rates = `The early layers learn at ${early} of the rate, the later ones at ${later}, the new layers at all of it.`;
  const frozen =
    firstLearningGroup === shares.length - 1
      ? ' The network is frozen, so for now only the new layers learn: unfreeze it first.'
      : '';
  return `${rates}${frozen}`;
}

interface SizeChange {
  readonly network: string;
  readonly fromPx: number;
  readonly toPx: number;
  readonly isBodyTrained: boolean;
  readonly isHeadTrained: boolean;
  /** Counts of learned parameters. */
  readonly learning: number;
  readonly everything: number;
  /** Features of the new size were computed before, by this same network. */
  readonly hasFeatures: boolean;
}

/** What was carried over, from which size to which, and what learns now. */
export function readSizeChange(change: SizeChange): string {
  const { network, fromPx, toPx, isBodyTrained, isHeadTrained, learning, everything, hasFeatures } = change;
  const size =
    fromPx === toPx
      ? `The pictures stay at ${toPx} px.`
      : `The pictures go from ${fromPx} px to ${toPx} px${toPx < fromPx ? ', which is smaller' : ''}.`;
  const body = `${network} goes on ${isBodyTrained ? 'as you trained it' : 'as it was shipped'}`;
  const head = isHeadTrained ? 'and the new layers as they are trained' : 'and the new layers are not trained yet';
  const learns = `It is frozen again: ${formatCount(learning)} of ${formatCount(everything)} parameters learn now, those of the new layers.`;
  const features = hasFeatures ? ' Features of this size were here already.' : '';
  return `${size} ${body}, ${head}. ${learns}${features}`;
}

function formatCount(count: number): string {
  return count.toLocaleString('en');
}

function formatShare(share: number): string {
  return share === 1 ? 'all' : `1/${Math.round(1 / share)}`;
}

/** @param averaged what the average of the last cycles got right, if there is one. */
interface TrainingRead {
  readonly wasStopped: boolean;
  readonly averaged: ResultScore | null;
  /** Null where the last epoch's weights are kept. */
  readonly bestEpoch: number | null;
}

export function readTraining(
  score: ResultScore,
  diagnosis: FitDiagnosis,
  { wasStopped, averaged, bestEpoch }: TrainingRead,
): string {
  const stopped = wasStopped ? 'Stopped; what was trained is kept. ' : '';
  const kept = bestEpoch === null ? '' : ` The weights are those of epoch ${bestEpoch}, the best one.`;
  const together = averaged ? ` The average of the last cycles ${readAveraged(averaged)}.` : '';
  return `${stopped}${readScore(score)}${kept}${together} ${diagnosis.sentence}`;
}

function readScore(score: ResultScore): string {
  if (score.kind === 'f2') {
    const { f2, threshold, count } = score;
    return `Over ${formatCount(count)} validation pictures the F2 is ${f2.toFixed(3)}, with a tag given above ${threshold.toFixed(2)}; that threshold was chosen on these pictures, so it flatters a little.`;
  }
  const { accuracy } = score;
  return `${readCorrect(accuracy)}, and with 95 % confidence between ${formatPercent(accuracy.low)} and ${formatPercent(accuracy.high)}.`;
}

function readAveraged(score: ResultScore): string {
  return score.kind === 'f2' ? `has an F2 of ${score.f2.toFixed(3)}` : `gets ${score.accuracy.correctCount} right`;
}

/** Where nothing validates. @param rows of the training, oldest first. */
export function readTrainingOnAll(rows: readonly EpochRow[], pictureCount: number, wasStopped: boolean): string {
  const stopped = wasStopped ? 'Stopped; what was trained is kept. ' : '';
  const last = rows.at(-1);
  const loss = last ? `, and train loss is ${last.trainLoss.toFixed(5)}` : '';
  return `${stopped}Every picture was learnt from, ${formatCount(pictureCount)} an epoch${loss}. None validates, so nobody knows how good the network is: trust what the same steps reached with validation pictures.`;
}

export interface LooksRead {
  readonly plain: AccuracyInterval;
  readonly combined: AccuracyInterval;
  readonly lookCount: number;
  /** Pictures that are right only with all looks together, and only plainly. */
  readonly gained: number;
  readonly lost: number;
}

export function readLooks({ plain, combined, lookCount, gained, lost }: LooksRead): string {
  const looks = `${lookCount} changed ${lookCount === 1 ? 'look' : 'looks'}`;
  const both = `Plainly ${readCorrect(plain)}; together with ${looks} ${combined.correctCount}: ${formatPercent(combined.accuracy)}.`;
  return `${both} ${readDifference(gained, lost, plain.count)}`;
}

/** Where pictures have tags: there is no right or wrong of a whole picture to count. */
export function readTagLooks(plain: TagScore, combined: TagScore, lookCount: number): string {
  const looks = `${lookCount} changed ${lookCount === 1 ? 'look' : 'looks'}`;
  return `Plainly the validation pictures have ${readF2(plain)}; together with ${looks} ${readF2(combined)}. Each threshold was chosen on these pictures.`;
}

/**
 * @param lostPaths of pictures that no longer open
 * @param known where folders say what some of the pictures are
 */
export function readTestPredictions(
  pictureCount: number,
  lostPaths: readonly string[],
  known: KnownTestScore | null,
): string {
  const said =
    pictureCount === 1
      ? 'The one picture of the test folder has its prediction'
      : `Each of the ${formatCount(pictureCount)} test pictures has its prediction`;
  const lost =
    lostPaths.length === 0
      ? ''
      : ` ${formatCount(lostPaths.length)} no longer ${lostPaths.length === 1 ? 'opens and has' : 'open and have'} none (${listSome(lostPaths)}); drop the folder again to look for ${lostPaths.length === 1 ? 'it' : 'them'}.`;
  return `${said}; ${readKnown(pictureCount, known)}${lost}`;
}

function readKnown(pictureCount: number, known: KnownTestScore | null): string {
  if (!known) return 'whether it is right, nobody here knows.';
  const { correctCount, count, accuracy } = known.accuracy;
  const whose = count === pictureCount ? '' : `of the ${formatCount(count)} in class folders `;
  return `by the folders they lie in, ${whose}${formatCount(correctCount)} are right: ${formatPercent(accuracy)}.`;
}

function readF2({ f2, threshold }: TagScore): string {
  return `an F2 of ${f2.toFixed(3)} above ${threshold.toFixed(2)}`;
}

function readDifference(gained: number, lost: number, count: number): string {
  if (gained + lost === 0) return 'Not one picture became right or wrong.';
  const changed = `${formatCount(gained)} became right and ${formatCount(lost)} wrong`;
  if (gained === lost) return `${changed}: no difference.`;
  if (signTest(gained, lost) < CHANCE) return `${changed}: more than chance would do in 19 of 20 cases.`;
  return `${changed}: with ${formatCount(count)} pictures so small a difference may well be chance.`;
}

function readCorrect({ correctCount, count, accuracy }: AccuracyInterval): string {
  return `${correctCount} of ${count} validation pictures are right: ${formatPercent(accuracy)}`;
}

function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function formatRate(rate: number): string {
  return rate.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
}
