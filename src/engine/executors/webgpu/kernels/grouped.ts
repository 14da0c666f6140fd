// Grouped convolution and its gradients where each group has a multiple of four channels in and out (ResNeXt). Direct: a
// lane computes four channels of a short run of pixels, and reads the few weights of its group through the cache.

import { assembleKernel, type Kernel, type KernelWork, repeat, vectors } from './kernel.ts';
import {
  countChannelTiles,
  declareLanes,
  declareLaneTile,
  laneCountOf,
  layOutLanes,
  sumOverPixels,
} from './laneSums.ts';
import { loadPixel, PIXELS_PER_LANE, type ResultLines } from './pixelEpilogue.ts';
import { pixelRuns } from './pixelRuns.ts';
import type { ConvolutionShape } from './tapGeometry.ts';
import type { ProductEpilogue } from './tileEpilogue.ts';
import { declareCoefficients, PLAIN_VIEW, seenThrough, type ViewCode, viewBindings } from './view.ts';

export interface GroupedShape extends ConvolutionShape {
  readonly groups: number;
}

/** Vec4s of channels that one group has. */
function groupVectors(shape: GroupedShape): { input: number; output: number } {
  return { input: shape.inVectors / shape.groups, output: shape.outVectors / shape.groups };
}

export function groupedWork(shape: GroupedShape): KernelWork {
  const outPixels = shape.batch * shape.outHeight * shape.outWidth;
  const inPixels = shape.batch * shape.inHeight * shape.inWidth;
  const products = shape.kernelSize ** 2 * 16 * groupVectors(shape).input * shape.outVectors;
  return { flops: 2 * outPixels * products, bytes: 16 * (inPixels * shape.inVectors + outPixels * shape.outVectors) };
}

/** Bindings: source, weights [tap, channel in group, output channel], result, and what view and epilogue ask for. */
export function grouped(shape: GroupedShape, view: ViewCode, epilogue: ProductEpilogue): Kernel {
  const { kernelSize, stride, inVectors, outVectors } = shape;
  const width = groupVectors(shape);
  const loadCount = (PIXELS_PER_LANE - 1) * stride + kernelSize;
  const read = { width: shape.inWidth, channelVectors: inVectors, channel: 'inChannel', view };
  const lines: ResultLines = {
    batch: shape.batch,
    height: shape.outHeight,
    width: shape.outWidth,
    channelVectors: outVectors,
  };
  return pixelRuns({
    family: 'grouped',
    lines,
    view,
    epilogue,
    work: groupedWork(shape),
    addUp: `
  let firstSourceColumn = i32(firstColumn) * ${stride}i - ${shape.padLeft}i;
  let firstInput = channel / ${width.output}u * ${width.input}u;
  for (var tapRow = 0u; tapRow < ${kernelSize}u; tapRow++) {
    let y = i32(row * ${stride}u + tapRow) - ${shape.padTop}i;
    let isLine = isRun && u32(y) < ${shape.inHeight}u;
    let lineStart = (i32(item) * ${shape.inHeight}i + y) * ${shape.inWidth}i;
    for (var inner = 0u; inner < ${width.input}u; inner++) {
      let inChannel = firstInput + inner;
      ${declareCoefficients(view, 'sourceNorm', 'inChannel', inVectors)}
${repeat(loadCount, (load) => loadPixel(load, `firstSourceColumn + ${load}i`, read))}
${repeat(
  kernelSize,
  (
    across,
  ) => `      { let weightAt = ((tapRow * ${kernelSize}u + ${across}u) * ${4 * width.input}u + 4u * inner) * ${outVectors}u + channel;
${repeat(4, (part) => `        let weight${part} = weights[weightAt + ${part * outVectors}u];`)}
${repeat(PIXELS_PER_LANE, (pixel) =>
  ['x', 'y', 'z', 'w']
    .map((part, index) => `        sum${pixel} += pixel${pixel * stride + across}.${part} * weight${index};`)
    .join('\n'),
)} }`,
)}
    }
  }`,
  });
}

/** Bindings: source (gradient of the output), weights, result (gradient of the input), and what the epilogue asks for. */
export function groupedInputGradient(shape: GroupedShape, epilogue: ProductEpilogue): Kernel {
  const { kernelSize, stride, padTop, padLeft, inVectors, outVectors } = shape;
  const width = groupVectors(shape);
  const lines: ResultLines = {
    batch: shape.batch,
    height: shape.inHeight,
    width: shape.inWidth,
    channelVectors: inVectors,
  };
  // Weights lie along output channels, so each of the four input channels is a dot product with the gradient.
  return pixelRuns({
    family: 'groupedInputGradient',
    lines,
    view: PLAIN_VIEW,
    epilogue,
    work: groupedWork(shape),
    addUp: `
  let firstOutput = channel / ${width.input}u * ${width.output}u;
  let weightRow = 4u * (channel % ${width.input}u);
  for (var tapRow = 0u; tapRow < ${kernelSize}u; tapRow++) {
    let above = i32(row) + ${padTop}i - i32(tapRow);
    let y = above / ${stride}i;
    let isLine = isRun && above >= 0i && above % ${stride}i == 0i && y < ${shape.outHeight}i;
    let lineStart = (i32(item) * ${shape.outHeight}i + y) * ${shape.outWidth}i;
    for (var tapColumn = 0u; tapColumn < ${kernelSize}u; tapColumn++) {
      for (var inner = 0u; inner < ${width.output}u; inner++) {
        let outChannel = firstOutput + inner;
        let weightAt = ((tapRow * ${kernelSize}u + tapColumn) * ${4 * width.input}u + weightRow) * ${outVectors}u + outChannel;
${repeat(4, (part) => `        let weight${part} = weights[weightAt + ${part * outVectors}u];`)}
${repeat(
  PIXELS_PER_LANE,
  (pixel) => `        { let before = i32(firstColumn) + ${pixel + padLeft}i - i32(tapColumn);
          let x = before / ${stride}i;
          let isPixel = isLine && before >= 0i && before % ${stride}i == 0i && x < ${shape.outWidth}i;
          let pixel = select(vec4<f32>(), source[select(0u, u32(lineStart + x) * ${outVectors}u + outChannel, isPixel)], isPixel);
          sum${pixel} += vec4<f32>(dot(pixel, weight0), dot(pixel, weight1), dot(pixel, weight2), dot(pixel, weight3)); }`,
)}
      }
    }
  }`,
  });
}

export interface GroupedFilterOptions {
  readonly shape: GroupedShape;
  readonly view: ViewCode;
  /** Workgroups for each tile of the gradient. */
  readonly splits: number;
}

/** Bindings: source, gradient, partials [split, tap and channel in group, output channel], and the view's coefficients. */
export function groupedFilterGradient({ shape, view, splits }: GroupedFilterOptions): Kernel {
  const { kernelSize, stride, inVectors, outVectors } = shape;
  const width = groupVectors(shape);
  // A lane's "channel" is (tap, input vector in the group, output vector): one 4 x 4 block of the gradient.
  const blockCount = kernelSize ** 2 * width.input * outVectors;
  const layout = layOutLanes(blockCount);
  const pixels = shape.batch * shape.outHeight * shape.outWidth;
  const pixelsPerSplit = Math.ceil(pixels / splits);
  const rows = 4 * kernelSize ** 2 * width.input;
  return assembleKernel({
    family: 'groupedFilterGradient',
    bindings: [
      vectors('source', 'read'),
      vectors('gradient', 'read'),
      vectors('partials', 'readWrite'),
      ...viewBindings(view, 'sourceNorm'),
    ],
    declarations: declareLaneTile(layout),
    workgroupSize: laneCountOf(layout),
    groupCount: splits * countChannelTiles(layout, blockCount),
    body: `
${declareLanes(layout, blockCount)}
  let outChannel = channel % ${outVectors}u;
  let inner = channel / ${outVectors}u % ${width.input}u;
  let tap = channel / ${outVectors * width.input}u;
  let inChannel = outChannel / ${width.output}u * ${width.input}u + inner;
  let tapRow = i32(tap / ${kernelSize}u) - ${shape.padTop}i;
  let tapColumn = i32(tap % ${kernelSize}u) - ${shape.padLeft}i;
  ${declareCoefficients(view, 'sourceNorm', 'inChannel', inVectors)}
${repeat(4, (part) => `  var sum${part} = vec4<f32>();`)}
  let endPixel = min((pixelTile + 1u) * ${pixelsPerSplit}u, ${pixels}u);
  for (var pixel = pixelTile * ${pixelsPerSplit}u + pixelLane; pixel < endPixel; pixel += ${layout.pixelLanes}u) {
    let place = pixel % ${shape.outHeight * shape.outWidth}u;
    let y = i32(place / ${shape.outWidth}u * ${stride}u) + tapRow;
    let x = i32(place % ${shape.outWidth}u * ${stride}u) + tapColumn;
    if (u32(y) < ${shape.inHeight}u && u32(x) < ${shape.inWidth}u) {
      let item = i32(pixel / ${shape.outHeight * shape.outWidth}u);
      let stored = source[u32((item * ${shape.inHeight}i + y) * ${shape.inWidth}i + x) * ${inVectors}u + inChannel];
      let value = ${seenThrough(view, 'sourceNorm', 'stored')};
      let outGradient = gradient[pixel * ${outVectors}u + outChannel];
${['x', 'y', 'z', 'w'].map((part, index) => `      sum${index} += value.${part} * outGradient;`).join('\n')}
    }
  }
  let partialAt = (pixelTile * ${rows}u + 4u * (tap * ${width.input}u + inner)) * ${outVectors}u + outChannel;
${repeat(
  4,
  (part) => `${sumOverPixels(layout, `sum${part}`)}
  if (pixelLane == 0u && isChannel) { partials[partialAt + ${part * outVectors}u] = laneTile[lane]; }
  workgroupBarrier();`,
)}`,
    work: groupedWork(shape),
  });
}
