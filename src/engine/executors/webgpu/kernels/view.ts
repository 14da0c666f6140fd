// How a kernel sees a stored tensor: as it is, or through a batch norm's scale and shift and an activation that are computed
// as it is read. So a normalised, activated feature map is never written to memory.

import type { ActivationKind } from '../../../graph/graph.ts';
import { type Binding, vectors } from './kernel.ts';

export interface ViewCode {
  /** Read through `scale * x + shift` of each channel. */
  readonly hasNorm: boolean;
  readonly activation: ActivationKind | null;
}

export const PLAIN_VIEW: ViewCode = { hasNorm: false, activation: null };

/**
 * A batch norm's numbers as kernels exchange them: four rows of one vec4 for each four channels: scale, shift, mean and
 * inverse standard deviation.
 */
export const COEFFICIENT_ROWS = 4;

/** The binding of a view's coefficients, if it has any. */
export function viewBindings(view: ViewCode, name: string): Binding[] {
  return view.hasNorm ? [vectors(name, 'read')] : [];
}

/** Declares the scale and shift of channel group `channel` as `NAMEScale` and `NAMEShift`, if the view has any. */
export function declareCoefficients(view: ViewCode, name: string, channel: string, channelGroups: number): string {
  if (!view.hasNorm) return '';
  return `let ${name}Scale = ${name}[${channel}]; let ${name}Shift = ${name}[${channelGroups}u + ${channel}];`;
}

/** The value `stored` seen through the view, with the names that declareCoefficients made. */
export function seenThrough(view: ViewCode, name: string, stored: string): string {
  const affine = view.hasNorm ? `(${stored} * ${name}Scale + ${name}Shift)` : stored;
  return activate(view.activation, affine);
}

export function activate(kind: ActivationKind | null, value: string): string {
  if (kind === 'relu') return `max(${value}, vec4<f32>())`;
  if (kind === 'relu6') return `clamp(${value}, vec4<f32>(), vec4<f32>(6.0))`;
  return value;
}

/**
 * `gradient` where the activation passes it on, else 0; `stored` is what the view reads. PyTorch's rule: above 0, and for
 * ReLU6 below 6, both strictly.
 */
export function maskGradient(view: ViewCode, name: string, stored: string, gradient: string): string {
  if (view.activation === null) return gradient;
  const input = view.hasNorm ? `(${stored} * ${name}Scale + ${name}Shift)` : stored;
  const passes =
    view.activation === 'relu' ? `${input} > vec4<f32>()` : `(${input} > vec4<f32>()) & (${input} < vec4<f32>(6.0))`;
  return `select(vec4<f32>(), ${gradient}, ${passes})`;
}
