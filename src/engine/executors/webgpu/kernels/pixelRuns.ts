// The frame of a kernel in which each lane computes one channel group of a short run of neighbouring pixels.

import { assembleKernel, type Kernel, type KernelFamily, type KernelWork, repeat, vectors } from './kernel.ts';
import { countChannelTiles, declareLanes, declareLaneTile, laneCountOf, layOutLanes } from './laneSums.ts';
import {
  countRuns,
  endRun,
  locateRun,
  PIXELS_PER_LANE,
  pixelEpilogueBindings,
  type ResultLines,
} from './pixelEpilogue.ts';
import type { ProductEpilogue } from './tileEpilogue.ts';
import { type ViewCode, viewBindings } from './view.ts';

export interface PixelRunsOptions {
  readonly family: KernelFamily;
  readonly lines: ResultLines;
  readonly view: ViewCode;
  readonly epilogue: ProductEpilogue;
  readonly work: KernelWork;
  /** Adds to sum0, sum1, ...; knows `channel`, isRun, item, row and firstColumn. */
  readonly addUp: string;
}

/** Bindings: source, weights, result, and what view and epilogue ask for. */
export function pixelRuns({ family, lines, view, epilogue, work, addUp }: PixelRunsOptions): Kernel {
  const layout = layOutLanes(lines.channelVectors);
  const needsTile = epilogue.hasMoments || epilogue.hasGradientSums;
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
    groupCount: countRunTiles(lines) * countChannelTiles(layout, lines.channelVectors),
    body: `
${declareLanes(layout, lines.channelVectors)}
  let run = pixelTile * ${layout.pixelLanes}u + pixelLane;
  ${locateRun(lines)}
${repeat(PIXELS_PER_LANE, (pixel) => `  var sum${pixel} = vec4<f32>();`)}
${addUp}
${endRun(epilogue, lines, layout)}`,
    work,
  });
}

/** Tiles of pixels, each of which leaves partial sums for batch norm. */
export function countRunTiles(lines: ResultLines): number {
  return Math.ceil(countRuns(lines) / layOutLanes(lines.channelVectors).pixelLanes);
}
