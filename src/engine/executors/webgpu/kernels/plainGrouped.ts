// Grouped convolution and its gradients for any number of channels: one lane for each number of the result, read one by one.
// Slow and short; only for group widths that are no multiple of four, which no network of the studio has.

import type { GroupedShape } from './grouped.ts';
import { assembleKernel, type Kernel } from './kernel.ts';
import type { ViewCode } from './view.ts';

/** Channel counts as they are, not rounded up. */
export interface PlainGroupedShape extends GroupedShape {
  readonly inChannels: number;
  readonly outChannels: number;
}

const LANES = 64;

function numbers(name: string, access: 'read' | 'readWrite') {
  return { name, type: 'array<f32>', access } as const;
}

function assemble(
  family: 'grouped' | 'groupedInputGradient' | 'groupedFilterGradient',
  names: readonly [string, string, string],
  resultCount: number,
  shape: PlainGroupedShape,
  view: ViewCode | null,
  body: string,
  hasBias = false,
): Kernel {
  return assembleKernel({
    family,
    bindings: [
      numbers(names[0], 'read'),
      numbers(names[1], 'read'),
      numbers(names[2], 'readWrite'),
      ...(view?.hasNorm ? [numbers('sourceNorm', 'read')] : []),
      ...(hasBias ? [numbers('bias', 'read')] : []),
    ],
    declarations: '',
    workgroupSize: LANES,
    groupCount: Math.ceil(resultCount / LANES),
    body: `  let index = group * ${LANES}u + lane;
  if (index >= ${resultCount}u) { return; }
  var sum = 0.0;
${body}
  ${names[2]}[index] = sum;`,
    work: {
      flops:
        2 *
        shape.batch *
        shape.outHeight *
        shape.outWidth *
        shape.outChannels *
        shape.kernelSize ** 2 *
        (shape.inChannels / shape.groups),
      bytes: 4 * resultCount,
    },
  });
}

/** The source number at `at` of channel `channel`, seen through the view. */
function seen(view: ViewCode, shape: PlainGroupedShape): string {
  const affine = view.hasNorm
    ? `source[at] * sourceNorm[channel] + sourceNorm[${4 * shape.inVectors}u + channel]`
    : 'source[at]';
  if (view.activation === 'relu') return `max(${affine}, 0.0)`;
  return view.activation === 'relu6' ? `clamp(${affine}, 0.0, 6.0)` : affine;
}

/** Bindings: source, weights [tap, channel in group, output channel], result, coefficients of the view, bias. */
export function plainGrouped(shape: PlainGroupedShape, view: ViewCode, hasBias: boolean): Kernel {
  const perGroup = { input: shape.inChannels / shape.groups, output: shape.outChannels / shape.groups };
  const count = shape.batch * shape.outHeight * shape.outWidth * 4 * shape.outVectors;
  return assemble(
    'grouped',
    ['source', 'weights', 'result'],
    count,
    shape,
    view,
    `
  let outChannel = index % ${4 * shape.outVectors}u;
  let pixel = index / ${4 * shape.outVectors}u;
  if (outChannel < ${shape.outChannels}u) {
    ${hasBias ? 'sum = bias[outChannel];' : ''}
    for (var tap = 0u; tap < ${shape.kernelSize ** 2}u; tap++) {
      let y = i32(pixel / ${shape.outWidth}u % ${shape.outHeight}u * ${shape.stride}u + tap / ${shape.kernelSize}u) - ${shape.padTop}i;
      let x = i32(pixel % ${shape.outWidth}u * ${shape.stride}u + tap % ${shape.kernelSize}u) - ${shape.padLeft}i;
      if (u32(y) >= ${shape.inHeight}u || u32(x) >= ${shape.inWidth}u) { continue; }
      let item = i32(pixel / ${shape.outHeight * shape.outWidth}u);
      for (var inner = 0u; inner < ${perGroup.input}u; inner++) {
        let channel = outChannel / ${perGroup.output}u * ${perGroup.input}u + inner;
        let at = u32((item * ${shape.inHeight}i + y) * ${shape.inWidth}i + x) * ${4 * shape.inVectors}u + channel;
        sum += ${seen(view, shape)} * weights[(tap * ${perGroup.input}u + inner) * ${4 * shape.outVectors}u + outChannel];
      }
    }
  }`,
    hasBias,
  );
}

/** Bindings: source (gradient of the output), weights, result (gradient of the input). */
export function plainGroupedInputGradient(shape: PlainGroupedShape): Kernel {
  const perGroup = { input: shape.inChannels / shape.groups, output: shape.outChannels / shape.groups };
  const count = shape.batch * shape.inHeight * shape.inWidth * 4 * shape.inVectors;
  return assemble(
    'groupedInputGradient',
    ['source', 'weights', 'result'],
    count,
    shape,
    null,
    `
  let channel = index % ${4 * shape.inVectors}u;
  let pixel = index / ${4 * shape.inVectors}u;
  if (channel < ${shape.inChannels}u) {
    for (var tap = 0u; tap < ${shape.kernelSize ** 2}u; tap++) {
      let above = i32(pixel / ${shape.inWidth}u % ${shape.inHeight}u + ${shape.padTop}u) - i32(tap / ${shape.kernelSize}u);
      let before = i32(pixel % ${shape.inWidth}u + ${shape.padLeft}u) - i32(tap % ${shape.kernelSize}u);
      if (above < 0 || before < 0 || above % ${shape.stride} != 0 || before % ${shape.stride} != 0) { continue; }
      let y = above / ${shape.stride}; let x = before / ${shape.stride};
      if (y >= ${shape.outHeight} || x >= ${shape.outWidth}) { continue; }
      let item = i32(pixel / ${shape.inHeight * shape.inWidth}u);
      for (var inner = 0u; inner < ${perGroup.output}u; inner++) {
        let outChannel = channel / ${perGroup.input}u * ${perGroup.output}u + inner;
        let at = u32((item * ${shape.outHeight}i + y) * ${shape.outWidth}i + x) * ${4 * shape.outVectors}u + outChannel;
        sum += source[at] * weights[(tap * ${perGroup.input}u + channel % ${perGroup.input}u) * ${4 * shape.outVectors}u + outChannel];
      }
    }
  }`,
  );
}

/** Bindings: source, gradient, partials [tap and channel in group, output channel] in one part, coefficients of the view. */
export function plainGroupedFilterGradient(shape: PlainGroupedShape, view: ViewCode): Kernel {
  const perGroup = { input: shape.inChannels / shape.groups, output: shape.outChannels / shape.groups };
  const count = shape.kernelSize ** 2 * perGroup.input * 4 * shape.outVectors;
  return assemble(
    'groupedFilterGradient',
    ['source', 'gradient', 'partials'],
    count,
    shape,
    view,
    `
  let outChannel = index % ${4 * shape.outVectors}u;
  let inner = index / ${4 * shape.outVectors}u % ${perGroup.input}u;
  let tap = index / ${4 * shape.outVectors * perGroup.input}u;
  let channel = outChannel / ${perGroup.output}u * ${perGroup.input}u + inner;
  if (outChannel < ${shape.outChannels}u) {
    for (var pixel = 0u; pixel < ${shape.batch * shape.outHeight * shape.outWidth}u; pixel++) {
      let y = i32(pixel / ${shape.outWidth}u % ${shape.outHeight}u * ${shape.stride}u + tap / ${shape.kernelSize}u) - ${shape.padTop}i;
      let x = i32(pixel % ${shape.outWidth}u * ${shape.stride}u + tap % ${shape.kernelSize}u) - ${shape.padLeft}i;
      if (u32(y) >= ${shape.inHeight}u || u32(x) >= ${shape.inWidth}u) { continue; }
      let item = i32(pixel / ${shape.outHeight * shape.outWidth}u);
      let at = u32((item * ${shape.inHeight}i + y) * ${shape.inWidth}i + x) * ${4 * shape.inVectors}u + channel;
      sum += ${seen(view, shape)} * gradient[pixel * ${4 * shape.outVectors}u + outChannel];
    }
  }`,
  );
}
