// PyTorch keeps kernels as [out, in, height, width] and linear weights as [out, in]; the engine as
// [height, width, in, out] and [in, out], so that the output channel runs fastest. Here is the only place that knows both.

import type { ParameterSpec } from '../../graph/graph.ts';

/** The shape a parameter has in a PyTorch state dict. */
export function torchShape(spec: ParameterSpec): readonly number[] {
  return isPermuted(spec) ? torchOrder(spec.shape).map((axis) => spec.shape[axis] as number) : spec.shape;
}

/** Values in PyTorch's layout -> values in the layout of the spec. */
export function fromTorchLayout(spec: ParameterSpec, values: Float32Array): Float32Array {
  if (!isPermuted(spec)) return values;
  const order = torchOrder(spec.shape);
  const axes = spec.shape.map((_, axis) => order.indexOf(axis));
  return permute(values, torchShape(spec), axes);
}

/** Values in the layout of the spec -> values in PyTorch's layout. */
export function toTorchLayout(spec: ParameterSpec, values: Float32Array): Float32Array {
  return isPermuted(spec) ? permute(values, spec.shape, torchOrder(spec.shape)) : values;
}

function isPermuted({ kind }: ParameterSpec): boolean {
  return kind === 'kernel' || kind === 'weight';
}

/** Axis a of the result is axis axes[a] of the source. */
function permute(values: Float32Array, sourceShape: readonly number[], axes: readonly number[]): Float32Array {
  const shape = axes.map((axis) => sourceShape[axis] as number);
  const sourceStride = sourceShape.map((_, axis) => sourceShape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const strides = axes.map((axis) => sourceStride[axis] as number);
  const result = new Float32Array(values.length);
  const position = shape.map(() => 0);
  let source = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = values[source] as number;
    for (let axis = position.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] as number;
      const next = (position[axis] as number) + 1;
      source += stride;
      if (next < (shape[axis] as number)) {
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
