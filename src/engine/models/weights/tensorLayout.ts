// PyTorch keeps kernels as [out, in, height, width] and linear weights as [out, in]; the engine as
// [height, width, in, out] and [in, out], so that the output channel runs fastest. Here is the only place that knows both.

import type { ParameterSpec } from '../../graph/graph.ts';

/** The shape a parameter has in a PyTorch state dict. */
export function torchShape({ kind, shape }: ParameterSpec): readonly number[] {
  return kind === 'kernel' || kind === 'weight' ? torchOrder(shape).map((axis) => shape[axis] as number) : shape;
}

/** Values in PyTorch's layout -> values in the layout of the spec. */
export function fromTorchLayout(spec: ParameterSpec, values: Float32Array): Float32Array {
  if (spec.kind !== 'kernel' && spec.kind !== 'weight') return values;
  const sourceShape = torchShape(spec);
  // Axis a of the spec is axis inverse[a] of the source.
  const order = torchOrder(spec.shape);
  const sourceStride = sourceShape.map((_, axis) => sourceShape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const strideOf = spec.shape.map((_, axis) => sourceStride[order.indexOf(axis)] as number);
  const result = new Float32Array(values.length);
  const position = spec.shape.map(() => 0);
  let source = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = values[source] as number;
    for (let axis = position.length - 1; axis >= 0; axis--) {
      const stride = strideOf[axis] as number;
      const next = (position[axis] as number) + 1;
      source += stride;
      if (next < (spec.shape[axis] as number)) {
        position[axis] = next;
        break;
      }
      source -= next * stride;
      position[axis] = 0;
    }
  }
  return result;
}

/** For each axis of PyTorch's layout, the axis of the engine's. */
function torchOrder(shape: readonly number[]): readonly number[] {
  return shape.length === 4 ? [3, 2, 0, 1] : [1, 0];
}
