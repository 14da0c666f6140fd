// Depthwise convolution and its input gradient: every channel for itself, so no workgroup memory, only short runs of
// neighbouring pixels that share what they load. Bound by memory, not by arithmetic.

import { type Kernel, type KernelWork, repeat } from './kernel.ts';
import { loadPixel, PIXELS_PER_LANE } from './pixelEpilogue.ts';
import { pixelRuns } from './pixelRuns.ts';
import type { ConvolutionShape } from './tapGeometry.ts';
import type { ProductEpilogue } from './tileEpilogue.ts';
import { declareCoefficients, PLAIN_VIEW, type ViewCode } from './view.ts';

/** Channels in and out are the same: `inVectors` counts. */
export interface DepthwiseOptions {
  readonly shape: ConvolutionShape;
  readonly view: ViewCode;
  readonly epilogue: ProductEpilogue;
}

/** Bindings: source, weights [tap, channel], result, and what view and epilogue ask for. */
export function depthwise({ shape, view, epilogue }: DepthwiseOptions): Kernel {
  const { kernelSize, stride, inVectors } = shape;
  const loadCount = (PIXELS_PER_LANE - 1) * stride + kernelSize;
  const read = { width: shape.inWidth, channelVectors: inVectors, channel: 'channel', view };
  const kernelRow = (down: number) => `  {
    let y = i32(row) * ${stride}i + ${down - shape.padTop}i;
    let isLine = isRun && u32(y) < ${shape.inHeight}u;
    let lineStart = (i32(item) * ${shape.inHeight}i + y) * ${shape.inWidth}i;
${repeat(loadCount, (load) => loadPixel(load, `firstSourceColumn + ${load}i`, read))}
${repeat(kernelSize, (across) => `    let weight${across} = weights[${(down * kernelSize + across) * inVectors}u + channel];`)}
${repeat(PIXELS_PER_LANE, (pixel) =>
  repeat(kernelSize, (across) => `    sum${pixel} += pixel${pixel * stride + across} * weight${across};`),
)}
  }`;
  return pixelRuns({
    family: 'depthwise',
    lines: { batch: shape.batch, height: shape.outHeight, width: shape.outWidth, channelVectors: shape.outVectors },
    view,
    epilogue,
    work: depthwiseWork(shape),
    addUp: `
  let firstSourceColumn = i32(firstColumn) * ${stride}i - ${shape.padLeft}i;
  ${declareCoefficients(view, 'sourceNorm', 'channel', inVectors)}
${repeat(kernelSize, kernelRow)}`,
  });
}

/** Bindings: source (gradient of the output), weights, result (gradient of the input), and what the epilogue asks for. */
export function depthwiseInputGradient(shape: ConvolutionShape, epilogue: ProductEpilogue): Kernel {
  const { kernelSize, stride, padLeft, padTop, inVectors } = shape;
  if (PIXELS_PER_LANE % stride !== 0)
    throw new RangeError(`A depthwise convolution cannot have stride ${stride} here.`);
  // Runs begin at multiples of the stride, so which taps meet which pixels of a run does not depend on the run.
  const pairs = meetings(shape);
  const offsets = [...new Set(pairs.map(({ offset }) => offset))].sort((a, b) => a - b);
  const read = { width: shape.outWidth, channelVectors: inVectors, channel: 'channel', view: PLAIN_VIEW };
  const nameOf = (offset: number) => offsets.indexOf(offset);
  const kernelRow = (down: number) => `  {
    let above = i32(row) + ${padTop - down}i;
    let y = above / ${stride}i;
    let isLine = isRun && above >= 0i && above % ${stride}i == 0i && y < ${shape.outHeight}i;
    let lineStart = (i32(item) * ${shape.outHeight}i + y) * ${shape.outWidth}i;
${offsets.map((offset) => loadPixel(nameOf(offset), `firstSourceColumn + ${offset}i`, read)).join('\n')}
${repeat(kernelSize, (across) => `    let weight${across} = weights[${(down * kernelSize + across) * inVectors}u + channel];`)}
${pairs.map(({ pixel, across, offset }) => `    sum${pixel} += pixel${nameOf(offset)} * weight${across};`).join('\n')}
  }`;
  return pixelRuns({
    family: 'depthwiseInputGradient',
    lines: { batch: shape.batch, height: shape.inHeight, width: shape.inWidth, channelVectors: inVectors },
    view: PLAIN_VIEW,
    epilogue,
    work: depthwiseWork(shape),
    addUp: `
  let firstSourceColumn = i32(firstColumn) / ${stride}i;
${repeat(kernelSize, kernelRow)}`,
  });

  function meetings({ kernelSize, stride }: ConvolutionShape) {
    const found: { pixel: number; across: number; offset: number }[] = [];
    for (let pixel = 0; pixel < PIXELS_PER_LANE; pixel++) {
      for (let across = 0; across < kernelSize; across++) {
        const ahead = pixel + padLeft - across;
        if (ahead % stride === 0) found.push({ pixel, across, offset: ahead / stride });
      }
    }
    return found;
  }
}

export function depthwiseWork(shape: ConvolutionShape): KernelWork {
  const inPixels = shape.batch * shape.inHeight * shape.inWidth;
  const outPixels = shape.batch * shape.outHeight * shape.outWidth;
  return {
    flops: 8 * shape.kernelSize ** 2 * outPixels * shape.inVectors,
    bytes: 16 * (inPixels + outPixels) * shape.inVectors,
  };
}
