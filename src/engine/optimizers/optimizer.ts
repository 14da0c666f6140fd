// The update rule as data: executors apply it, each in its own way, to the same numbers.

/** Parameters that share a rate. Groups that are not listed in a step are frozen, batch-norm statistics included. */
export interface ParameterGroup {
  readonly names: readonly string[];
  readonly learningRate: number;
  readonly weightDecay: number;
}

/**
 * SGD with momentum in PyTorch's form: d = g + weightDecay * p; v = momentum * v + d (v = d on the first step);
 * p = p - learningRate * v. The rate stays outside the buffer, so a new rate rescales the whole velocity at once.
 * With decoupled decay (LESSON section 2.6) d = g, and p is multiplied by 1 - learningRate * weightDecay before the update.
 */
export interface SgdRule {
  readonly kind: 'sgd';
  readonly momentum: number;
  readonly decay: 'coupled' | 'decoupled';
}

/**
 * Loshchilov & Hutter 2019 (arXiv 1711.05101) as torch.optim.AdamW: p = p * (1 - learningRate * weightDecay);
 * m = beta1 * m + (1 - beta1) * g; s = beta2 * s + (1 - beta2) * g^2;
 * p = p - learningRate * (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon), t counting from 1 after a reset.
 */
export interface AdamWRule {
  readonly kind: 'adamW';
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

export type UpdateRule = SgdRule | AdamWRule;

/** The lesson's optimizer (LESSON section 3). */
export const LESSON_SGD: SgdRule = { kind: 'sgd', momentum: 0.9, decay: 'coupled' };

/** PyTorch's defaults. */
export const DEFAULT_ADAMW: AdamWRule = { kind: 'adamW', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** The momentum that one-cycle schedules move: SGD's, or AdamW's first beta. */
export function momentumOf(rule: UpdateRule): number {
  return rule.kind === 'sgd' ? rule.momentum : rule.beta1;
}

export function withMomentum(rule: UpdateRule, momentum: number): UpdateRule {
  return rule.kind === 'sgd' ? { ...rule, momentum } : { ...rule, beta1: momentum };
}

/**
 * torch.nn.utils.clip_grad_norm_: gradients are multiplied by min(1, maxNorm / (norm + 1e-6)), norm being the L2 norm over
 * all gradients of the step together.
 */
export function clipFactor(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + CLIP_EPSILON));
}

export const CLIP_EPSILON = 1e-6;
