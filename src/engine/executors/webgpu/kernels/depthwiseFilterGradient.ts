// The gradient of a depthwise kernel: for every tap and channel, input under the tap times the output's gradient, summed over
// all pixels. Strips of runs go to workgroups, one for each row of the kernel; lanes keep that row's taps in registers.

import { depthwiseWork } from './depthwise.ts';
import { assembleKernel, type Kernel, repeat, vectors } from './kernel.ts';
import { countChannelTiles, declareLanes, type LaneLayout, laneCountOf, layOutLanes } from './laneSums.ts';
import { countRuns, loadPixel, locateRun, PIXELS_PER_LANE, type ResultLines } from './pixelEpilogue.ts';
import type { ConvolutionShape } from './tapGeometry.ts';
import { declareCoefficients, type ViewCode, viewBindings } from './view.ts';

export interface DepthwiseFilterOptions {
  readonly shape: ConvolutionShape;
  readonly view: ViewCode;
  /** Workgroups for each channel tile. */
  readonly splits: number;
}

/**
 * The taps of all lanes pass through workgroup memory at once (16 KiB, which every device has): one barrier, where tap after
 * tap would be many. A whole kernel in each lane would be too much code in one loop: compilers take minutes for it.
 */
const TILE_VECTORS = 1024;
const MOST_LANES = 256;

export function layOutFilterLanes({ kernelSize, inVectors }: ConvolutionShape): LaneLayout {
  let laneCount = MOST_LANES;
  while (laneCount * kernelSize > TILE_VECTORS && laneCount > 1) laneCount /= 2;
  return layOutLanes(inVectors, laneCount);
}

/** Bindings: source (the convolution's input), gradient (of its output), partials [split, tap, channel], coefficients. */
export function depthwiseFilterGradient({ shape, view, splits }: DepthwiseFilterOptions): Kernel {
  const { kernelSize, inVectors } = shape;
  const lines: ResultLines = {
    batch: shape.batch,
    height: shape.outHeight,
    width: shape.outWidth,
    channelVectors: inVectors,
  };
  const layout = layOutFilterLanes(shape);
  const laneCount = laneCountOf(layout);
  const { channelLanes, pixelLanes } = layout;
  const runsPerSplit = Math.ceil(countRuns(lines) / splits);
  return assembleKernel({
    family: 'depthwiseFilterGradient',
    bindings: [
      vectors('source', 'read'),
      vectors('gradient', 'read'),
      vectors('partials', 'readWrite'),
      ...viewBindings(view, 'sourceNorm'),
    ],
    declarations: `var<workgroup> tapTile: array<vec4<f32>, ${kernelSize * laneCount}>;`,
    workgroupSize: laneCount,
    groupCount: splits * countChannelTiles(layout, inVectors),
    planeCount: kernelSize,
    body: `
${declareLanes(layout, inVectors)}
  ${declareCoefficients(view, 'sourceNorm', 'channel', inVectors)}
${repeat(kernelSize, (across) => `  var sum${across} = vec4<f32>();`)}
  for (var turn = 0u; turn < ${Math.ceil(runsPerSplit / pixelLanes)}u; turn++) {
    let inSplit = turn * ${pixelLanes}u + pixelLane;
    let run = select(${countRuns(lines)}u, pixelTile * ${runsPerSplit}u + inSplit, inSplit < ${runsPerSplit}u);
    ${locateRun(lines)}
    ${addRun(shape, view)}
  }
${repeat(kernelSize, (across) => `  tapTile[${across * laneCount}u + lane] = sum${across};`)}
  workgroupBarrier();
  let firstChannel = laneChannel - lane % ${channelLanes}u;
  for (var place = lane; place < ${kernelSize * channelLanes}u; place += ${laneCount}u) {
    let across = place / ${channelLanes}u;
    let column = place % ${channelLanes}u;
    var added = tapTile[across * ${laneCount}u + column];
    for (var other = 1u; other < ${pixelLanes}u; other++) { added += tapTile[across * ${laneCount}u + other * ${channelLanes}u + column]; }
    if (firstChannel + column < ${inVectors}u) {
      partials[(pixelTile * ${kernelSize ** 2}u + plane * ${kernelSize}u + across) * ${inVectors}u + firstChannel + column] = added;
    }
  }`,
    work: depthwiseWork(shape),
  });
}

/** Adds one run's share to the sums of kernel row `plane`. */
function addRun(shape: ConvolutionShape, view: ViewCode): string {
  const { kernelSize, stride, inVectors, inHeight, inWidth, outWidth, padTop, padLeft } = shape;
  const loadCount = (PIXELS_PER_LANE - 1) * stride + kernelSize;
  return `let firstSourceColumn = i32(firstColumn) * ${stride}i - ${padLeft}i;
    let y = i32(row) * ${stride}i + i32(plane) - ${padTop}i;
    let isLine = isRun && u32(y) < ${inHeight}u;
    let lineStart = (i32(item) * ${inHeight}i + y) * ${inWidth}i;
${repeat(
  PIXELS_PER_LANE,
  (pixel) => `    let isGradient${pixel} = isRun && firstColumn + ${pixel}u < ${outWidth}u;
    let gradient${pixel} = select(vec4<f32>(), gradient[select(0u, (line * ${outWidth}u + firstColumn + ${pixel}u) * ${inVectors}u + channel, isGradient${pixel})], isGradient${pixel});`,
)}
${repeat(loadCount, (load) => loadPixel(load, `firstSourceColumn + ${load}i`, { width: inWidth, channelVectors: inVectors, channel: 'channel', view }))}
${repeat(kernelSize, (across) =>
  repeat(PIXELS_PER_LANE, (pixel) => `    sum${across} += pixel${pixel * stride + across} * gradient${pixel};`),
)}`;
}
