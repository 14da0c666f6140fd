// Depthwise convolution and its input gradient: every channel for itself, so no workgroup memory, only short runs of
// neighbouring pixels that share what they load. Bound by memory, not by arithmetic.

import { assembleKernel, type Kernel, repeat, vectors } from './kernel.ts';
import {
  countChannelTiles,
  declareLanes,
  declareLaneTile,
  type LaneLayout,
  laneCountOf,
  layOutLanes,
} from './laneSums.ts';
import {
  countRuns,
  endRun,
  loadPixel,
  locateRun,
  PIXELS_PER_LANE,
  pixelEpilogueBindings,
  type ResultLines,
} from './pixelEpilogue.ts';
import type { ConvolutionShape } from './tapGeometry.ts';
import type { ProductEpilogue } from './tileEpilogue.ts';
import { declareCoefficients, PLAIN_VIEW, type ViewCode, viewBindings } from './view.ts';

/** Channels in and out are the same: `inVectors` counts. */
export interface DepthwiseOptions {
  readonly shape: ConvolutionShape;
  readonly view: ViewCode;
  readonly epilogue: ProductEpilogue;
}

/** Bindings: source, weights [tap, channel], result, and what view and epilogue ask for. */
export function depthwise({ shape, view, epilogue }: DepthwiseOptions): Kernel {
  const lines = resultLines(shape);
  const layout = layOutLanes(lines.channelVectors);
  const { kernelSize, stride, inVectors } = shape;
  const loadCount = (PIXELS_PER_LANE - 1) * stride + kernelSize;
  const read = { width: shape.inWidth, channelVectors: inVectors, channel: 'channel', view };
  const sums = repeat(PIXELS_PER_LANE, (pixel) => `  var sum${pixel} = vec4<f32>();`);
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
  return assemble(
    'depthwise',
    lines,
    layout,
    epilogue,
    view,
    shape,
    `
  let firstSourceColumn = i32(firstColumn) * ${stride}i - ${shape.padLeft}i;
  ${declareCoefficients(view, 'sourceNorm', 'channel', inVectors)}
${sums}
${repeat(kernelSize, kernelRow)}`,
  );
}

/** Bindings: source (gradient of the output), weights, result (gradient of the input), and what the epilogue asks for. */
export function depthwiseInputGradient(shape: ConvolutionShape, epilogue: ProductEpilogue): Kernel {
  const { kernelSize, stride, padLeft, padTop, inVectors } = shape;
  if (PIXELS_PER_LANE % stride !== 0)
    throw new RangeError(`A depthwise convolution cannot have stride ${stride} here.`);
  const lines: ResultLines = {
    batch: shape.batch,
    height: shape.inHeight,
    width: shape.inWidth,
    channelVectors: inVectors,
  };
  const layout = layOutLanes(inVectors);
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
  return assemble(
    'depthwiseInputGradient',
    lines,
    layout,
    epilogue,
    PLAIN_VIEW,
    shape,
    `
  let firstSourceColumn = i32(firstColumn) / ${stride}i;
${repeat(PIXELS_PER_LANE, (pixel) => `  var sum${pixel} = vec4<f32>();`)}
${repeat(kernelSize, kernelRow)}`,
  );

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

function resultLines(shape: ConvolutionShape): ResultLines {
  return { batch: shape.batch, height: shape.outHeight, width: shape.outWidth, channelVectors: shape.outVectors };
}

function assemble(
  family: 'depthwise' | 'depthwiseInputGradient',
  lines: ResultLines,
  layout: LaneLayout,
  epilogue: ProductEpilogue,
  view: ViewCode,
  shape: ConvolutionShape,
  sums: string,
): Kernel {
  const needsTile = epilogue.hasMoments || epilogue.hasGradientSums;
  const pixelTiles = Math.ceil(countRuns(lines) / layout.pixelLanes);
  return assembleKernel({
    family,
    bindings: [
      vectors('source', 'read'),
      vectors('weights', 'read'),
      vectors('result', 'readWrite'),
      ...viewBindings(view, 'sourceNorm'),
      ...pixelEpilogueBindings(epilogue),
    ],
    declarations: needsTile ? declareLaneTile(layout) : '',
    workgroupSize: laneCountOf(layout),
    groupCount: pixelTiles * countChannelTiles(layout, lines.channelVectors),
    body: `
${declareLanes(layout, lines.channelVectors)}
  let run = pixelTile * ${layout.pixelLanes}u + pixelLane;
  ${locateRun(lines)}
${sums}
${endRun(epilogue, lines, layout)}`,
    work: depthwiseWork(shape),
  });
}

export function depthwiseWork(shape: ConvolutionShape): { flops: number; bytes: number } {
  const inPixels = shape.batch * shape.inHeight * shape.inWidth;
  const outPixels = shape.batch * shape.outHeight * shape.outWidth;
  return {
    flops: 8 * shape.kernelSize ** 2 * outPixels * shape.inVectors,
    bytes: 16 * (inPixels + outPixels) * shape.inVectors,
  };
}

/** Tiles that write partial sums for batch norm. */
export function countDepthwiseTiles(lines: ResultLines): number {
  return Math.ceil(countRuns(lines) / layOutLanes(lines.channelVectors).pixelLanes);
}
