// The two numbers of a validation: how much a network's answers cost, and how good they are, by the kind of what was asked.

import { countItems, type Targets } from '../data/targets.ts';
import { argmaxOfRow } from './accuracy.ts';
import { meanCrossEntropy, softmaxRows } from './crossEntropy.ts';
import { sigmoids } from './sigmoid.ts';
import { tuneThreshold } from './tuneThresholds.ts';

export interface Judgement {
  /** Mean cross-entropy; of tags the binary one, over items and classes. */
  readonly loss: number;
  /** Of one class each the accuracy; of tags planet.py's F2 at the best of its thresholds (LESSON section 3). */
  readonly score: number;
}

/** @param logits [item, class]; the items are those of `targets`, in order. */
export function judgeLogits(logits: Float32Array, targets: Targets): Judgement {
  const { classCount } = targets;
  if (targets.kind === 'tags') {
    const probabilities = sigmoids(logits);
    const { tunedScore } = tuneThreshold({ probabilities, truth: targets.values, classCount });
    return { loss: meanBinaryCrossEntropy(logits, targets.values), score: tunedScore };
  }
  let correctCount = 0;
  targets.values.forEach((label, row) => {
    if (argmaxOfRow(logits, row, classCount) === label) correctCount += 1;
  });
  return {
    loss: meanCrossEntropy(logits, targets.values, classCount),
    score: correctCount / countItems(targets),
  };
}

/** Of classes that exclude each other, or of tags, as the targets are. @param logits [item, class] */
export function probabilitiesOf(
  logits: Float32Array,
  { kind, classCount }: Pick<Targets, 'kind' | 'classCount'>,
): Float32Array {
  return kind === 'tags' ? sigmoids(logits) : softmaxRows(logits, classCount);
}

/** From logits, so that a sure answer neither overflows nor is clipped: max(x, 0) - x t + log(1 + e^-|x|). */
function meanBinaryCrossEntropy(logits: Float32Array, truth: Float32Array): number {
  let total = 0;
  logits.forEach((logit, index) => {
    total += Math.max(logit, 0) - logit * (truth[index] as number) + Math.log1p(Math.exp(-Math.abs(logit)));
  });
  return total / truth.length;
}
