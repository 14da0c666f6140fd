// Shape inference for the few ops a network is made of. Shapes leave out the batch: [height, width, channel] or [feature].

/** Zeros around the picture: the same on every side, or TensorFlow's 'same' rule, which may put the odd row at the end. */
export type Padding = number | 'same';

export interface SidePadding {
  readonly before: number;
  readonly after: number;
}

/**
 * Zeros before and after along one dimension.
 * 'same' is TensorFlow's rule: output = ceil(input / stride), the odd zero goes to the end.
 */
export function resolvePadding(padding: Padding, inputSize: number, kernelSize: number, stride: number): SidePadding {
  if (padding !== 'same') return { before: padding, after: padding };
  const outputSize = Math.ceil(inputSize / stride);
  const total = Math.max((outputSize - 1) * stride + kernelSize - inputSize, 0);
  return { before: Math.floor(total / 2), after: total - Math.floor(total / 2) };
}

/** Positions of a window of `kernelSize` that moves by `stride` over the padded input. Throws when none fits. */
export function slidingOutputSize(inputSize: number, kernelSize: number, stride: number, padding: Padding): number {
  const { before, after } = resolvePadding(padding, inputSize, kernelSize, stride);
  const outputSize = Math.floor((inputSize + before + after - kernelSize) / stride) + 1;
  if (outputSize < 1) {
    throw new RangeError(`A window of ${kernelSize} does not fit into ${inputSize} with padding ${padding}.`);
  }
  return outputSize;
}
