// Passes over whole tensors that no other kernel can take along: sums of residual branches, dropout, and the few gradients
// whose producer could not mask or scale them.

import type { ActivationKind } from '../../../graph/graph.ts';
import { dropoutThreshold } from '../../../random.ts';
import { assembleKernel, type Binding, type Kernel, STEP_BINDING, vectors } from './kernel.ts';
import { activate, declareCoefficients, maskGradient, seenThrough, type ViewCode, viewBindings } from './view.ts';

const VECTORS_PER_LANE = 4;
const LANES = 256;

export interface TensorSize {
  /** Rows (pixels or items) of the whole batch. */
  readonly rows: number;
  readonly channels: number;
}

export interface DropoutCode {
  readonly rate: number;
  /** Every dropout layer draws from a stream of its own (graph/dropoutStream.ts). */
  readonly stream: number;
}

/**
 * random.ts's counterRandom in WGSL: the same element is dropped on every executor. `index` counts items and features
 * without padded channels.
 */
function declareDropout({ rate, stream }: DropoutCode, channels: number): string {
  return `fn pcg(value: u32) -> u32 {
  let state = value * 747796405u + 2891336453u;
  let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
  return (word >> 22u) ^ word;
}
fn dropoutFactor(row: u32, channel: u32) -> vec4<f32> {
  let key = pcg(${stream}u ^ pcg(step.dropoutSeed));
  let first = row * ${channels}u + 4u * channel;
  let drawn = vec4<u32>(pcg(first ^ key), pcg((first + 1u) ^ key), pcg((first + 2u) ^ key), pcg((first + 3u) ^ key));
  return select(vec4<f32>(${1 / (1 - rate)}), vec4<f32>(), drawn < vec4<u32>(${dropoutThreshold(rate)}u));
}`;
}

function forEachVector(
  { rows, channels }: TensorSize,
  code: string,
): { body: string; groupCount: number; count: number } {
  const channelVectors = Math.ceil(channels / 4);
  const count = rows * channelVectors;
  const perGroup = LANES * VECTORS_PER_LANE;
  return {
    count,
    groupCount: Math.ceil(count / perGroup),
    body: `  for (var turn = 0u; turn < ${VECTORS_PER_LANE}u; turn++) {
    let at = group * ${perGroup}u + turn * ${LANES}u + lane;
    if (at < ${count}u) {
      let channel = at % ${channelVectors}u; let row = at / ${channelVectors}u;
      ${code}
    }
  }`,
  };
}

export interface CombineOptions {
  readonly size: TensorSize;
  readonly left: ViewCode;
  readonly right: ViewCode | null;
  readonly dropout: DropoutCode | null;
  readonly activation: ActivationKind | null;
}

/** result = activation(left + right) * dropout. Bindings: left, [leftNorm], [right], [rightNorm], result, [step]. */
export function combine({ size, left, right, dropout, activation }: CombineOptions): Kernel {
  const channelVectors = Math.ceil(size.channels / 4);
  const sum = right
    ? `${seenThrough(left, 'leftNorm', 'left[at]')} + ${seenThrough(right, 'rightNorm', 'right[at]')}`
    : seenThrough(left, 'leftNorm', 'left[at]');
  const { body, groupCount, count } = forEachVector(
    size,
    `${declareCoefficients(left, 'leftNorm', 'channel', channelVectors)}
      ${right ? declareCoefficients(right, 'rightNorm', 'channel', channelVectors) : ''}
      result[at] = ${activate(activation, `(${sum})`)}${dropout ? ' * dropoutFactor(row, channel)' : ''};`,
  );
  return assembleKernel({
    family: 'elementwise',
    bindings: [
      vectors('left', 'read'),
      ...viewBindings(left, 'leftNorm'),
      ...(right ? [vectors('right', 'read'), ...viewBindings(right, 'rightNorm')] : []),
      vectors('result', 'readWrite'),
      ...(dropout ? [STEP_BINDING] : []),
    ],
    declarations: dropout ? declareDropout(dropout, size.channels) : '',
    workgroupSize: LANES,
    groupCount,
    body,
    work: { flops: 8 * count, bytes: 16 * count * (right ? 3 : 2) },
  });
}

export interface GradientPassOptions {
  readonly size: TensorSize;
  /** The result is another tensor; otherwise `gradient` is overwritten. */
  readonly hasResult: boolean;
  readonly hasAddend: boolean;
  readonly dropout: DropoutCode | null;
  readonly mask: ViewCode | null;
  /** Times a frozen batch norm's scale. */
  readonly isScaled: boolean;
}

/**
 * gradient = (gradient + addend) * dropout, masked by the view of base, times the norm's scale.
 * Bindings: gradient, [result], [addend], [base], [baseNorm] (mask with norm, or scale), [step].
 */
export function gradientPass({ size, hasResult, hasAddend, dropout, mask, isScaled }: GradientPassOptions): Kernel {
  const channelVectors = Math.ceil(size.channels / 4);
  const hasNorm = isScaled || (mask?.hasNorm ?? false);
  const { body, groupCount, count } = forEachVector(
    size,
    `var value = gradient[at];
      ${hasAddend ? 'value += addend[at];' : ''}
      ${dropout ? 'value *= dropoutFactor(row, channel);' : ''}
      ${mask ? `${declareCoefficients(mask, 'baseNorm', 'channel', channelVectors)} value = ${maskGradient(mask, 'baseNorm', 'base[at]', 'value')};` : ''}
      ${isScaled ? 'value *= baseNorm[channel];' : ''}
      ${hasResult ? 'result' : 'gradient'}[at] = value;`,
  );
  const bindings: Binding[] = [
    vectors('gradient', hasResult ? 'read' : 'readWrite'),
    ...(hasResult ? [vectors('result', 'readWrite')] : []),
    ...(hasAddend ? [vectors('addend', 'read')] : []),
    ...(mask ? [vectors('base', 'read')] : []),
    ...(hasNorm ? [vectors('baseNorm', 'read')] : []),
    ...(dropout ? [STEP_BINDING] : []),
  ];
  return assembleKernel({
    family: 'elementwise',
    bindings,
    declarations: dropout ? declareDropout(dropout, size.channels) : '',
    workgroupSize: LANES,
    groupCount,
    body,
    work: { flops: 8 * count, bytes: 16 * count * (2 + (hasAddend ? 1 : 0) + (mask ? 1 : 0)) },
  });
}
