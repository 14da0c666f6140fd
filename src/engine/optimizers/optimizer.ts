// The update rule as data: executors apply it, each in its own way, to the same numbers.

/**
 * Parameters that share a rate. Groups that are not listed in a step are frozen, batch-norm statistics included.
 *
 * The rule is SGD with momentum in PyTorch's form: d = g + weightDecay * p; v = momentum * v + d (v = d on the first step);
 * p = p - learningRate * v. The rate stays outside the buffer, so a new rate rescales the whole velocity at once.
 */
export interface ParameterGroup {
  readonly names: readonly string[];
  readonly learningRate: number;
  readonly weightDecay: number;
}
