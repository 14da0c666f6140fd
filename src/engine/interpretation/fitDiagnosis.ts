// The lesson's diagnosis (LESSON section 10): what train and valid loss say together, and what to do next. Train loss is
// measured with dropout and changing pictures, valid loss without, so that a little more of it is no fault.

import type { EpochRow, FitDiagnosis, NextStep } from '../../protocol/training.ts';

export interface FitFacts {
  /** Whether the pictures changed from epoch to epoch. */
  readonly isAugmented: boolean;
  /** Whether every layer learnt. */
  readonly isUnfrozen: boolean;
  /** Whether train loss counts rare classes more than valid loss does: then neither is held against the other. */
  readonly isBalanced?: boolean;
  /** Losses closer than this share of the larger one count as level. */
  readonly margin?: number;
}

/** Without validation pictures there is nothing to diagnose. */
export type ValidatedRow = EpochRow & { readonly validLoss: number };

type LossRow = Pick<ValidatedRow, 'epoch' | 'trainLoss' | 'validLoss'>;
type Finding = Omit<FitDiagnosis, 'sentence'> & { readonly words: string };

/** The lesson gives no number; this one is ours. */
const MARGIN = 0.1;
/** With fewer epochs nothing has risen or fallen yet. */
const MIN_EPOCHS = 2;

const ADVICE: Record<NextStep, string> = {
  trainLonger: 'Train a few epochs more.',
  findRateAgain: 'Find a learning rate again and take a smaller one.',
  longerCycles: 'Train on in longer cycles, so that the rate comes to rest before it jumps up again.',
  augment: 'Let the pictures change from epoch to epoch.',
  unfreeze: 'Unfreeze the network, so that its earlier layers adapt too.',
  stopHere: 'Stop here; from now on more pictures help more than more training.',
};

/** @param rows the loss table of one run, oldest first. */
export function diagnoseFit(rows: readonly LossRow[], facts: FitFacts): FitDiagnosis {
  const { words, kind, nextStep } =
    findDivergence(rows, facts) ??
    findTooFewEpochs(rows) ??
    findOverfitting(rows, facts) ??
    findUnderfitting(rows, facts) ??
    findStandstill(rows, facts) ??
    findRightTrack(rows, facts);
  return { kind, sentence: `${words} ${ADVICE[nextStep]}`, nextStep };
}

function findDivergence(rows: readonly LossRow[], { margin = MARGIN }: FitFacts): Finding | null {
  const broken = rows.find((row) => !Number.isFinite(row.trainLoss) || !Number.isFinite(row.validLoss));
  if (broken) {
    return {
      kind: 'diverged',
      words: `In epoch ${broken.epoch} the loss stopped being a number: the rate is too high.`,
      nextStep: 'findRateAgain',
    };
  }
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return null;
  const hasRisen = isBelow(first.trainLoss, last.trainLoss, margin) && isBelow(first.validLoss, last.validLoss, margin);
  if (!hasRisen) return null;
  const train = `train loss from ${formatLoss(first.trainLoss)} to ${formatLoss(last.trainLoss)}`;
  const valid = `valid loss from ${formatLoss(first.validLoss)} to ${formatLoss(last.validLoss)}`;
  return {
    kind: 'diverged',
    words: `Both losses have risen since the first epoch, ${train} and ${valid}: the rate is too high.`,
    nextStep: 'findRateAgain',
  };
}

function findTooFewEpochs(rows: readonly LossRow[]): Finding | null {
  if (rows.length >= MIN_EPOCHS) return null;
  const done = rows.length === 0 ? 'No epoch is finished' : 'One epoch is finished';
  return { kind: 'tooEarly', words: `${done}: too early to say which way the losses go.`, nextStep: 'trainLonger' };
}

function findOverfitting(
  rows: readonly LossRow[],
  { margin = MARGIN, isAugmented, isBalanced }: FitFacts,
): Finding | null {
  const last = rows.at(-1) as LossRow;
  const best = rows.reduce((lowest, row) => (row.validLoss < lowest.validLoss ? row : lowest));
  const hasTurnedUp = isBelow(best.validLoss, last.validLoss, margin) && last.trainLoss < best.trainLoss;
  if (!hasTurnedUp && (isBalanced || !isBelow(last.trainLoss, last.validLoss, margin))) return null;
  const sign = hasTurnedUp
    ? `Valid loss was lowest in epoch ${best.epoch}, ${formatLoss(best.validLoss)}, and has risen to ${formatLoss(last.validLoss)} while train loss fell on`
    : `Train loss, ${formatLoss(last.trainLoss)}, is ${formatGap(last.trainLoss, last.validLoss)} below valid loss, ${formatLoss(last.validLoss)}`;
  return {
    kind: 'overfitting',
    words: `${sign}: the network begins to know its pictures by heart.`,
    nextStep: isAugmented ? 'stopHere' : 'augment',
  };
}

function findUnderfitting(rows: readonly LossRow[], { margin = MARGIN, isBalanced }: FitFacts): Finding | null {
  const { trainLoss, validLoss } = rows.at(-1) as LossRow;
  if (isBalanced || !isBelow(validLoss, trainLoss, margin)) return null;
  const gap = `Valid loss, ${formatLoss(validLoss)}, is ${formatGap(validLoss, trainLoss)} below train loss, ${formatLoss(trainLoss)}`;
  return { kind: 'underfitting', words: `${gap}: there is more to learn.`, nextStep: 'longerCycles' };
}

/** Looks at the second half of the table: what was learnt at the start says nothing about now. */
function findStandstill(
  rows: readonly LossRow[],
  { margin = MARGIN, isAugmented, isUnfrozen }: FitFacts,
): Finding | null {
  const last = rows.at(-1) as LossRow;
  const middle = rows[Math.floor((rows.length - 1) / 2)] as LossRow;
  const isLevel =
    !isBelow(last.validLoss, middle.validLoss, margin) && !isBelow(middle.validLoss, last.validLoss, margin);
  if (!isLevel || !isBelow(last.trainLoss, middle.trainLoss, margin)) return null;
  const fall = `train loss fell by ${formatGap(last.trainLoss, middle.trainLoss)} to ${formatLoss(last.trainLoss)}`;
  return {
    kind: 'notImproving',
    words: `Since epoch ${middle.epoch} ${fall} while valid loss stayed about level at ${formatLoss(last.validLoss)}: not improving, but not overfitting either.`,
    nextStep: findUntried(isAugmented, isUnfrozen) ?? 'stopHere',
  };
}

function findRightTrack(
  rows: readonly LossRow[],
  { margin = MARGIN, isAugmented, isUnfrozen, isBalanced }: FitFacts,
): Finding {
  const { trainLoss, validLoss } = rows.at(-1) as LossRow;
  const losses = isBalanced
    ? `Valid loss, ${formatLoss(validLoss)}, has not risen while train loss fell, and rare classes count more in train loss, so the two are not compared`
    : `Train loss, ${formatLoss(trainLoss)}, and valid loss, ${formatLoss(validLoss)}, lie within ${Math.round(100 * margin)} % of each other`;
  return {
    kind: 'rightTrack',
    words: `${losses}: the right track.`,
    nextStep: findUntried(isAugmented, isUnfrozen) ?? 'longerCycles',
  };
}

/** The lesson's order: changing pictures before the whole network. */
function findUntried(isAugmented: boolean, isUnfrozen: boolean): NextStep | null {
  if (!isAugmented) return 'augment';
  return isUnfrozen ? null : 'unfreeze';
}

function isBelow(lower: number, higher: number, margin: number): boolean {
  return lower < higher * (1 - margin);
}

function formatGap(lower: number, higher: number): string {
  return `${Math.round(100 * (1 - lower / higher))} %`;
}

/** Five decimals, as in the loss table beside it. */
function formatLoss(loss: number): string {
  return loss.toFixed(5);
}
