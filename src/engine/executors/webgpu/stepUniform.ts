// The numbers of one step as the kernels' Step struct reads them.

import type { ParameterGroup, UpdateRule } from '../../optimizers/optimizer.ts';
import { MAX_PARAMETER_GROUPS, STEP_BYTES, STEP_HEADER_WORDS } from './kernels/kernel.ts';

export interface StepNumbers {
  readonly itemCount: number;
  readonly metricsSlot: number;
  readonly dropoutSeed: number;
  readonly rule: UpdateRule;
  readonly maxGradientNorm: number | null;
  readonly groups: readonly ParameterGroup[];
}

/** Throws RangeError for more groups than fit. */
export function encodeStep(step: StepNumbers): ArrayBuffer {
  const { rule, groups } = step;
  if (groups.length > MAX_PARAMETER_GROUPS) {
    throw new RangeError(`${groups.length} parameter groups; ${MAX_PARAMETER_GROUPS} at most.`);
  }
  const bytes = new ArrayBuffer(STEP_BYTES);
  const words = new Uint32Array(bytes);
  const numbers = new Float32Array(bytes);
  words.set([
    step.itemCount,
    step.dropoutSeed,
    step.metricsSlot,
    rule.kind === 'sgd' && rule.decay === 'decoupled' ? 1 : 0,
  ]);
  const [momentum, beta2, epsilon] =
    rule.kind === 'sgd' ? [rule.momentum, 0, 0] : [rule.beta1, rule.beta2, rule.epsilon];
  numbers.set([momentum, beta2, epsilon, step.maxGradientNorm ?? 0], 4);
  if (rule.kind === 'adamW') numbers.set([Math.log(rule.beta1), Math.log(rule.beta2)], 8);
  groups.forEach(({ learningRate, weightDecay }, index) => {
    numbers.set([learningRate, weightDecay], STEP_HEADER_WORDS + 4 * index);
  });
  return bytes;
}
