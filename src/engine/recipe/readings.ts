// The sentence that reads a result, from this run's own numbers.

import type { AccuracyInterval, EpochRow, FinderEnd, LearningRateSuggestion } from '../../protocol/training.ts';
import type { MemoryNeed } from '../executors/executor.ts';
import { formatSize } from '../formatSize.ts';

/** Losses closer than this share of each other count as level. The lesson gives no number; this one is ours. */
const LEVEL_SHARE = 0.1;

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
  { end, passes }: { readonly end: FinderEnd; readonly passes: number },
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
  const advice = lecture.isRecommended
    ? `A tenth of that, ${formatRate(lecture.learningRate)}, is the lecture’s choice.`
    : `The sweep saw every picture ${Math.round(passes)} times, so its lowest point lies too high for the lecture’s rule; ${formatRate(valley.learningRate)}, in the valley, is the safer choice.`;
  return `${shape} ${advice} ${restored}`;
}

export function readChoice(label: string, imageSizePx: number): string {
  return `${label} will look at the pictures at ${imageSizePx} px. It is frozen: only the new layers learn until you unfreeze it.`;
}

export function readStoppedEarly(): string {
  return 'Stopped while the pictures were read. Nothing was trained; what was here before is as it was.';
}

/** Counts of learned parameters. */
export function readUnfreezing(counts: {
  readonly learning: number;
  readonly before: number;
  readonly everything: number;
}): string {
  const { learning, before, everything } = counts;
  const share = `${formatCount(learning)} of ${formatCount(everything)} parameters learn from now on`;
  if (learning === before) return `${share}, as before.`;
  return `${share}; before it were ${formatCount(before)}. Nothing has been trained yet: look for a learning rate again, because what learns has changed.`;
}

/** @param shares of the head's rate, pixel side first */
export function readRates(shares: readonly number[], firstLearningGroup: number): string {
  const [early, later] = shares.map((share) => formatShare(share)) as [string, string, string];
  const rates = `The early layers learn at ${early} of the rate, the later ones at ${later}, the new layers at all of it.`;
  const frozen =
    firstLearningGroup === shares.length - 1
      ? ' The network is frozen, so for now only the new layers learn: unfreeze it in step 5.'
      : '';
  return `${rates}${frozen}`;
}

function formatCount(count: number): string {
  return count.toLocaleString('en');
}

function formatShare(share: number): string {
  return share === 1 ? 'all' : `1/${Math.round(1 / share)}`;
}

/** The lesson's diagnosis: is train loss below, above or about valid loss, and what to do next. */
export function readTraining(rows: readonly EpochRow[], accuracy: AccuracyInterval, wasStopped: boolean): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const measured = `${accuracy.correctCount} of ${accuracy.count} validation pictures are right: ${percent(accuracy.accuracy)}, and with 95 % confidence between ${percent(accuracy.low)} and ${percent(accuracy.high)}.`;
  const stopped = wasStopped ? 'Stopped; what was trained is kept. ' : '';
  const last = rows.at(-1);
  if (!last) return `${stopped}${measured}`;
  return `${stopped}${measured} ${diagnose(rows, last)}`;
}

function diagnose(rows: readonly EpochRow[], last: EpochRow): string {
  const best = Math.min(...rows.map((row) => row.validLoss));
  if (last.validLoss > best * (1 + LEVEL_SHARE)) {
    return 'Valid loss has turned up again while training went on: fewer epochs would do better.';
  }
  if (last.trainLoss < last.validLoss * (1 - LEVEL_SHARE)) {
    return 'Train loss is below valid loss: the layers begin to know these pictures by heart. More or changing pictures would help.';
  }
  if (last.validLoss < last.trainLoss * (1 - LEVEL_SHARE)) {
    return 'Valid loss is below train loss (dropout makes training harder than validating): there is room for more epochs.';
  }
  return 'Train and valid loss are about level: the right track.';
}

export function formatRate(rate: number): string {
  return rate.toExponential(1).replace('.0e', 'e').replace('e+', 'e');
}
