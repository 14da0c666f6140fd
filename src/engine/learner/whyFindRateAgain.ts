// A learning rate is found for what trains, on what, and how. When that has changed, so may have the best rate (LESSON
// section 10); this says what changed.

import type { SquareRule } from '../../protocol/looks.ts';
import type { LossKind } from '../executors/executor.ts';
import { momentumOf, type UpdateRule } from '../optimizers/optimizer.ts';

export interface LearningGroup {
  readonly name: string;
  /** This group's rate divided by the last group's. */
  readonly rateRatio: number;
}

/** All that the best rate hangs on. */
export interface FinderSetup {
  /** Fingerprints of the training pictures and of their network: equal when nothing changed. */
  readonly data: string;
  readonly network: string;
  /** What learns, pixel side first. */
  readonly groups: readonly LearningGroup[];
  /** Batch norms keep their statistics. Not so where it is missing, as in checkpoints of before. */
  readonly keepsStatistics?: boolean;
  readonly imageSizePx: number;
  readonly square: SquareRule;
  readonly batchSize: number;
  readonly rule: UpdateRule;
  readonly loss: LossKind;
}

/** The lesson: halving or quartering a batch matters little, run the finder again for more. */
const BATCH_SIZE_TOLERANCE = 4;
/** Ratios are read back from rates, so they are compared as rates are shown, not to the last bit. */
const RATIO_TOLERANCE = 1e-3;

const RULE_NAMES = { sgd: 'SGD', adamW: 'AdamW' } as const;
const SQUARE_NAMES = { centreSquare: 'cut to squares', squashed: 'squashed whole' } as const;
const LOSS_NAMES = { crossEntropy: 'one class each', binaryCrossEntropy: 'any number of classes each' } as const;

/** Reasons to run the finder again, as sentences; empty when the last one still holds. @param found null when none ran. */
export function whyFindRateAgain(found: FinderSetup | null, now: FinderSetup): string[] {
  if (!found) return ['No learning rate has been looked for yet.'];
  const reasons: string[] = [];
  if (found.data !== now.data) reasons.push('The pictures have changed.');
  if (found.network !== now.network) reasons.push('The network has changed.');
  reasons.push(...compareGroups(found.groups, now.groups));
  const keeps = now.keepsStatistics === true;
  if (keeps !== (found.keepsStatistics === true)) {
    reasons.push(
      `Batch norms now ${keeps ? 'keep what they have measured' : 'measure every batch'}; they did not then.`,
    );
  }
  if (found.imageSizePx !== now.imageSizePx) {
    reasons.push(`Pictures are now ${now.imageSizePx} px wide, not ${found.imageSizePx} px.`);
  }
  if (found.square !== now.square) {
    reasons.push(`Pictures are now ${SQUARE_NAMES[now.square]}, not ${SQUARE_NAMES[found.square]}.`);
  }
  const batchRatio = now.batchSize / found.batchSize;
  if (batchRatio > BATCH_SIZE_TOLERANCE || batchRatio < 1 / BATCH_SIZE_TOLERANCE) {
    reasons.push(`Batches now hold ${now.batchSize} pictures, not ${found.batchSize}.`);
  }
  reasons.push(...compareRules(found.rule, now.rule));
  if (found.loss !== now.loss) {
    reasons.push(`Pictures now have ${LOSS_NAMES[now.loss]}, not ${LOSS_NAMES[found.loss]}.`);
  }
  return reasons;
}

function compareGroups(found: readonly LearningGroup[], now: readonly LearningGroup[]): string[] {
  const names = (groups: readonly LearningGroup[]) => groups.map(({ name }) => name).join(', ');
  if (names(found) !== names(now)) return [`What learns is now ${names(now)}; it was ${names(found)}.`];
  const isSame = now.every(({ rateRatio }, index) => {
    const before = (found[index] as LearningGroup).rateRatio;
    return Math.abs(rateRatio - before) <= RATIO_TOLERANCE * before;
  });
  return isSame ? [] : ['The rates of the layer groups stand in another ratio.'];
}

/** Kind and momentum: the finder trains without weight decay, and the rest of a rule is no setting. */
function compareRules(found: UpdateRule, now: UpdateRule): string[] {
  if (found.kind !== now.kind) return [`The optimizer is now ${RULE_NAMES[now.kind]}, not ${RULE_NAMES[found.kind]}.`];
  const [before, after] = [momentumOf(found), momentumOf(now)];
  return before === after ? [] : [`The momentum is now ${after}, not ${before}.`];
}
