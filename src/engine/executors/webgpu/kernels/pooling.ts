// Pooling over windows and over whole pictures, and its gradients. Which place won a maximum is kept from the forward pass, so
// that of equal maxima the first gets the gradient, as in PyTorch.

import { assembleKernel, type Binding, type Kernel, vectors, words } from './kernel.ts';
import type { ConvolutionShape } from './tapGeometry.ts';
import { declareCoefficients, maskGradient, seenThrough, type ViewCode, viewBindings } from './view.ts';

const LANES = 256;

/** What the gradient of a pool adds to and is masked by; as in a product's epilogue. */
export interface PoolEpilogue {
  readonly hasAddend: boolean;
  readonly mask: ViewCode | null;
}

function epilogueBindings({ mask }: PoolEpilogue): Binding[] {
  return [...(mask ? [vectors('base', 'read')] : []), ...(mask?.hasNorm ? [vectors('baseNorm', 'read')] : [])];
}

function endValue({ hasAddend, mask }: PoolEpilogue, channelVectors: number): string {
  return `${hasAddend ? 'value += result[at];' : ''}
  ${mask ? `${declareCoefficients(mask, 'baseNorm', 'channel', channelVectors)} value = ${maskGradient(mask, 'baseNorm', 'base[at]', 'value')};` : ''}
  result[at] = value;`;
}

/**
 * Bindings: source, [sourceNorm], result, winners [pixel, channel group]: the winning tap of each of four channels, one
 * byte each.
 */
export function maxPool(shape: ConvolutionShape, view: ViewCode): Kernel {
  const { kernelSize, stride, inVectors } = shape;
  const count = shape.batch * shape.outHeight * shape.outWidth * inVectors;
  const inCount = shape.batch * shape.inHeight * shape.inWidth * inVectors;
  return assembleKernel({
    family: 'pooling',
    bindings: [
      vectors('source', 'read'),
      ...viewBindings(view, 'sourceNorm'),
      vectors('result', 'readWrite'),
      words('winners', 'readWrite'),
    ],
    declarations: '',
    workgroupSize: LANES,
    groupCount: Math.ceil(count / LANES),
    body: `  let at = group * ${LANES}u + lane;
  if (at >= ${count}u) { return; }
  let channel = at % ${inVectors}u; let pixel = at / ${inVectors}u;
  let item = i32(pixel / ${shape.outHeight * shape.outWidth}u);
  let top = i32(pixel / ${shape.outWidth}u % ${shape.outHeight}u * ${stride}u) - ${shape.padTop}i;
  let left = i32(pixel % ${shape.outWidth}u * ${stride}u) - ${shape.padLeft}i;
  ${declareCoefficients(view, 'sourceNorm', 'channel', inVectors)}
  var largest = vec4<f32>(); var winner = vec4<u32>(255u);
  for (var tap = 0u; tap < ${kernelSize ** 2}u; tap++) {
    let y = top + i32(tap / ${kernelSize}u); let x = left + i32(tap % ${kernelSize}u);
    if (u32(y) < ${shape.inHeight}u && u32(x) < ${shape.inWidth}u) {
      let stored = source[u32((item * ${shape.inHeight}i + y) * ${shape.inWidth}i + x) * ${inVectors}u + channel];
      let value = ${seenThrough(view, 'sourceNorm', 'stored')};
      let wins = (winner == vec4<u32>(255u)) | (value > largest);
      largest = select(largest, value, wins);
      winner = select(winner, vec4<u32>(tap), wins);
    }
  }
  result[at] = largest;
  winners[at] = winner.x | (winner.y << 8u) | (winner.z << 16u) | (winner.w << 24u);`,
    work: { flops: count * kernelSize ** 2, bytes: 16 * (count + inCount) + 4 * count },
  });
}

/** Bindings: gradient (of the pooled), winners, result (gradient of the input), and the epilogue's. */
export function maxPoolGradient(shape: ConvolutionShape, epilogue: PoolEpilogue): Kernel {
  const { kernelSize, stride, padTop, padLeft, inVectors } = shape;
  const count = shape.batch * shape.inHeight * shape.inWidth * inVectors;
  const outCount = shape.batch * shape.outHeight * shape.outWidth * inVectors;
  return assembleKernel({
    family: 'pooling',
    bindings: [
      vectors('gradient', 'read'),
      words('winners', 'read'),
      vectors('result', 'readWrite'),
      ...epilogueBindings(epilogue),
    ],
    declarations: '',
    workgroupSize: LANES,
    groupCount: Math.ceil(count / LANES),
    body: `  let at = group * ${LANES}u + lane;
  if (at >= ${count}u) { return; }
  let channel = at % ${inVectors}u; let pixel = at / ${inVectors}u;
  let item = i32(pixel / ${shape.inHeight * shape.inWidth}u);
  let row = i32(pixel / ${shape.inWidth}u % ${shape.inHeight}u); let column = i32(pixel % ${shape.inWidth}u);
  var value = vec4<f32>();
  for (var tap = 0u; tap < ${kernelSize ** 2}u; tap++) {
    let above = row + ${padTop}i - i32(tap / ${kernelSize}u); let before = column + ${padLeft}i - i32(tap % ${kernelSize}u);
    let y = above / ${stride}i; let x = before / ${stride}i;
    if (above >= 0 && before >= 0 && above % ${stride}i == 0 && before % ${stride}i == 0 && y < ${shape.outHeight} && x < ${shape.outWidth}) {
      let pooled = u32((item * ${shape.outHeight}i + y) * ${shape.outWidth}i + x) * ${inVectors}u + channel;
      let packed = winners[pooled];
      let winner = vec4<u32>(packed & 255u, (packed >> 8u) & 255u, (packed >> 16u) & 255u, packed >> 24u);
      value += select(vec4<f32>(), gradient[pooled], winner == vec4<u32>(tap));
    }
  }
  ${endValue(epilogue, inVectors)}`,
    work: { flops: count * kernelSize ** 2, bytes: 16 * (count + outCount) + 4 * outCount },
  });
}

/** Pooling over the whole picture. */
export interface PicturePoolShape {
  readonly batch: number;
  readonly pixels: number;
  readonly channels: number;
  /** The maximum of each channel, then the mean of each; or the means alone. */
  readonly kind: 'concat' | 'average';
}

function pooledVectors({ channels, kind }: PicturePoolShape): number {
  return Math.ceil((kind === 'concat' ? 2 * channels : channels) / 4);
}

/** Bindings: source, [sourceNorm], result [item, feature], and for concat winners [item, channel]: the winning pixel. */
export function picturePool(shape: PicturePoolShape, view: ViewCode): Kernel {
  const { batch, pixels, channels, kind } = shape;
  const channelVectors = Math.ceil(channels / 4);
  const count = batch * channelVectors;
  const rowLength = 4 * pooledVectors(shape);
  const meanAt = kind === 'concat' ? channels : 0;
  return assembleKernel({
    family: 'pooling',
    bindings: [
      vectors('source', 'read'),
      ...viewBindings(view, 'sourceNorm'),
      { name: 'result', type: 'array<f32>', access: 'readWrite' },
      ...(kind === 'concat' ? [{ name: 'winners', type: 'array<vec4<u32>>', access: 'readWrite' } as const] : []),
    ],
    declarations: '',
    workgroupSize: 64,
    groupCount: Math.ceil(count / 64),
    body: `  let index = group * 64u + lane;
  if (index >= ${count}u) { return; }
  let channel = index % ${channelVectors}u; let item = index / ${channelVectors}u;
  ${declareCoefficients(view, 'sourceNorm', 'channel', channelVectors)}
  var largest = vec4<f32>(); var winner = vec4<u32>(); var sum = vec4<f32>();
  for (var pixel = 0u; pixel < ${pixels}u; pixel++) {
    let stored = source[(item * ${pixels}u + pixel) * ${channelVectors}u + channel];
    let value = ${seenThrough(view, 'sourceNorm', 'stored')};
    let wins = vec4<bool>(pixel == 0u) | (value > largest);
    largest = select(largest, value, wins);
    winner = select(winner, vec4<u32>(pixel), wins);
    sum += value;
  }
  ${kind === 'concat' ? 'winners[index] = winner;' : ''}
  for (var part = 0u; part < 4u; part++) {
    if (4u * channel + part < ${channels}u) {
      ${kind === 'concat' ? `result[item * ${rowLength}u + 4u * channel + part] = largest[part];` : ''}
      result[item * ${rowLength}u + ${meanAt}u + 4u * channel + part] = sum[part] / ${pixels}.0;
    }
  }
  if (channel == 0u) {
    for (var filler = ${meanAt + channels}u; filler < ${rowLength}u; filler++) { result[item * ${rowLength}u + filler] = 0.0; }
  }`,
    work: { flops: 8 * count * pixels, bytes: 16 * count * pixels },
  });
}

/** Bindings: gradient [item, feature], [winners], result (gradient of the input), and the epilogue's. */
export function picturePoolGradient(shape: PicturePoolShape, epilogue: PoolEpilogue): Kernel {
  const { batch, pixels, channels, kind } = shape;
  const channelVectors = Math.ceil(channels / 4);
  const count = batch * pixels * channelVectors;
  const rowLength = 4 * pooledVectors(shape);
  const meanAt = kind === 'concat' ? channels : 0;
  return assembleKernel({
    family: 'pooling',
    bindings: [
      { name: 'gradient', type: 'array<f32>', access: 'read' },
      ...(kind === 'concat' ? [{ name: 'winners', type: 'array<vec4<u32>>', access: 'read' } as const] : []),
      vectors('result', 'readWrite'),
      ...epilogueBindings(epilogue),
    ],
    declarations: '',
    workgroupSize: LANES,
    groupCount: Math.ceil(count / LANES),
    body: `  let at = group * ${LANES}u + lane;
  if (at >= ${count}u) { return; }
  let channel = at % ${channelVectors}u; let pixel = at / ${channelVectors}u % ${pixels}u; let item = at / ${channelVectors * pixels}u;
  var value = vec4<f32>();
  ${kind === 'concat' ? `let winner = winners[item * ${channelVectors}u + channel];` : ''}
  for (var part = 0u; part < 4u; part++) {
    if (4u * channel + part < ${channels}u) {
      value[part] = gradient[item * ${rowLength}u + ${meanAt}u + 4u * channel + part] / ${pixels}.0;
      ${kind === 'concat' ? `if (winner[part] == pixel) { value[part] += gradient[item * ${rowLength}u + 4u * channel + part]; }` : ''}
    }
  }
  ${endValue(epilogue, channelVectors)}`,
    work: { flops: 8 * count, bytes: 16 * count },
  });
}
