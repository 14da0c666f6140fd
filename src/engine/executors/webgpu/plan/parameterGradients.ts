// Gradients of kernels, weights and biases: pixels shared out among workgroups, parts added up for several layers at once.

import type { ConvolutionNode } from '../../../graph/graph.ts';
import { countStandaloneTiles } from '../kernels/batchNorm.ts';
import { columnSums } from '../kernels/columnSums.ts';
import { depthwiseFilterGradient, layOutFilterLanes } from '../kernels/depthwiseFilterGradient.ts';
import { filterGradient } from '../kernels/filterGradient.ts';
import { groupedFilterGradient } from '../kernels/grouped.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { countChannelTiles, layOutLanes } from '../kernels/laneSums.ts';
import { countRuns } from '../kernels/pixelEpilogue.ts';
import { plainGroupedFilterGradient } from '../kernels/plainGrouped.ts';
import { type ConvolutionShape, forwardGeometry } from '../kernels/tapGeometry.ts';
import { FilterSums } from './filterSums.ts';
import { convolutionKind, convolutionShape, groupedShape, plainGroupedShape } from './graphFacts.ts';
import type { LoweringContext } from './loweringContext.ts';
import { sliceOf } from './parameterLayout.ts';
import { wholeOf } from './plan.ts';
import { chooseSplits } from './tiles.ts';
import { isStored, normShapeOf, type Tensor, type Value, viewCode, viewSlices } from './values.ts';

export class ParameterGradients {
  private readonly context: LoweringContext;
  private readonly filterSums: FilterSums;

  constructor(context: LoweringContext) {
    this.context = context;
    this.filterSums = new FilterSums(context.builder);
  }

  /** Adds up what waits; call at the end of the backward pass. */
  finish(): void {
    this.filterSums.flush();
  }

  /** Of a dense convolution's kernel or a linear layer's weight. */
  dense(shape: ConvolutionShape, source: Value, gradient: Tensor, weight: string): void {
    const geometry = forwardGeometry(shape);
    const tile = this.context.chooseTile({ kind: 'filter', geometry, hasView: !isStored(source) });
    const splits = chooseSplits(geometry, tile);
    const destination = sliceOf(this.context.layout, weight, 'gradients');
    this.context.builder.run(filterGradient({ geometry, tile, view: viewCode(source), splits }), {
      source: wholeOf(source.tensor.buffer),
      gradient: wholeOf(gradient.buffer),
      partials: splits === 1 ? destination : this.filterSums.reserve(destination, splits),
      ...viewSlices(source, 'sourceNorm'),
    });
  }

  /** Of a depthwise or grouped kernel. */
  sparse(node: ConvolutionNode, source: Value, gradient: Tensor): void {
    const shape = convolutionShape(this.context.facts, node);
    const kind = convolutionKind(this.context.facts, node);
    const view = viewCode(source);
    const destination = sliceOf(this.context.layout, `${node.name}.weight`, 'gradients');
    const pixels = shape.batch * shape.outHeight * shape.outWidth;
    let kernel: Kernel;
    let splits = 1;
    if (kind === 'depthwise') {
      const layout = layOutFilterLanes(shape);
      const lines = {
        batch: shape.batch,
        height: shape.outHeight,
        width: shape.outWidth,
        channelVectors: shape.inVectors,
      };
      splits = chooseStrips(countRuns(lines), layout.pixelLanes, countChannelTiles(layout, shape.inVectors));
      kernel = depthwiseFilterGradient({ shape, view, splits });
    } else if (kind === 'grouped') {
      const width = shape.inVectors / node.groups;
      const layout = layOutLanes(node.kernelSize ** 2 * width * shape.outVectors);
      const tiles = countChannelTiles(layout, node.kernelSize ** 2 * width * shape.outVectors);
      splits = chooseStrips(pixels, layout.pixelLanes, tiles);
      kernel = groupedFilterGradient({ shape: groupedShape(this.context.facts, node), view, splits });
    } else kernel = plainGroupedFilterGradient(plainGroupedShape(this.context.facts, node), view);
    this.context.builder.run(kernel, {
      source: wholeOf(source.tensor.buffer),
      gradient: wholeOf(gradient.buffer),
      partials: splits === 1 ? destination : this.filterSums.reserve(destination, splits),
      ...viewSlices(source, 'sourceNorm'),
    });
  }

  /** Of a bias, if it learns. */
  bias(bias: string, gradient: Tensor): void {
    if (!this.context.facts.learning.has(bias)) return;
    const shape = normShapeOf(this.context.facts, gradient);
    const tiles = countStandaloneTiles(shape);
    const destination = sliceOf(this.context.layout, bias, 'gradients');
    this.context.builder.run(columnSums(shape), {
      gradient: wholeOf(gradient.buffer),
      partials: tiles === 1 ? destination : this.filterSums.reserve(destination, tiles),
    });
  }
}

/** Workgroups that all strips and channel tiles together should reach. */
const STRIP_GROUPS = 512;
/** Turns that a lane should at least take, so that the sums at the end of a strip are worth it. */
const FEWEST_TURNS = 4;

function chooseStrips(workCount: number, pixelLanes: number, channelTiles: number): number {
  const most = Math.ceil(workCount / (pixelLanes * FEWEST_TURNS));
  return Math.max(1, Math.min(most, Math.round(STRIP_GROUPS / channelTiles)));
}
