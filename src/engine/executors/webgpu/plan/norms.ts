// Batch norms of the forward pass: where their coefficients lie, and the dispatches that compute them.

import type { BatchNormNode, NodeIndex } from '../../../graph/graph.ts';
import {
  columnMoments,
  countStandaloneTiles,
  finishMoments,
  frozenCoefficients,
  standaloneTileRows,
} from '../kernels/batchNorm.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { layOutLanes } from '../kernels/laneSums.ts';
import { countRunTiles } from '../kernels/pixelRuns.ts';
import type { ConvolutionShape } from '../kernels/tapGeometry.ts';
import { COEFFICIENT_ROWS } from '../kernels/view.ts';
import type { GraphFacts } from './graphFacts.ts';
import type { LoweringContext } from './loweringContext.ts';
import { sliceOf, statisticsSlice } from './parameterLayout.ts';
import { alignSize, bindByName, type Dispatch, type Slice, wholeOf } from './plan.ts';
import { type MomentPartials, normShapeOf, type Tensor } from './values.ts';

/** Coefficient bytes of all batch norms, and where each one's begin. */
export function layOutCoefficients({ graph }: GraphFacts): {
  sizeBytes: number;
  offsets: ReadonlyMap<NodeIndex, number>;
} {
  const offsets = new Map<NodeIndex, number>();
  let sizeBytes = 0;
  graph.nodes.forEach((node, index) => {
    if (node.op !== 'batchNorm') return;
    offsets.set(index, sizeBytes);
    sizeBytes += alignSize(coefficientBytes(node));
  });
  return { sizeBytes: Math.max(sizeBytes, 256), offsets };
}

function coefficientBytes(node: BatchNormNode): number {
  return 16 * COEFFICIENT_ROWS * Math.ceil((node.shape.at(-1) as number) / 4);
}

function runningCoefficients({ shape, epsilon }: BatchNormNode): Kernel {
  return frozenCoefficients(Math.ceil((shape.at(-1) as number) / 4), epsilon);
}

export class Norms {
  /** Coefficients of frozen batch norms. */
  readonly preparation: Dispatch[] = [];
  private readonly context: LoweringContext;
  private readonly offsets: ReadonlyMap<NodeIndex, number>;
  private readonly moments = new Map<NodeIndex, MomentPartials>();

  constructor(context: LoweringContext) {
    this.context = context;
    this.offsets = layOutCoefficients(context.facts).offsets;
  }

  /** Makes room for the partial moments that a convolution leaves for the batch norm that reads it. */
  planMoments(
    index: NodeIndex,
    kind: 'dense' | 'depthwise' | 'grouped',
    shape: ConvolutionShape,
    tileRows: number,
  ): MomentPartials {
    const lines = {
      batch: shape.batch,
      height: shape.outHeight,
      width: shape.outWidth,
      channelVectors: shape.outVectors,
    };
    const tileCount =
      kind === 'dense' ? Math.ceil((shape.batch * shape.outHeight * shape.outWidth) / tileRows) : countRunTiles(lines);
    const buffer = this.context.builder.scratch(`moments ${index}`, 32 * tileCount * shape.outVectors);
    const moments: MomentPartials = {
      slice: wholeOf(buffer),
      tileCount,
      tiles:
        kind === 'dense'
          ? { kind: 'rows', count: tileRows }
          : { kind: 'runs', count: layOutLanes(shape.outVectors).pixelLanes, lines },
    };
    this.moments.set(index, moments);
    return moments;
  }

  /** Scale and shift of this batch, from the moments that the tensor's producer left, or from a pass of its own. */
  normaliseByBatch(node: BatchNormNode, tensor: Tensor, coefficients: Slice): void {
    const { builder, layout, step } = this.context;
    const shape = normShapeOf(this.context.facts, tensor);
    let moments = this.moments.get(node.input);
    if (!moments) {
      const tileCount = countStandaloneTiles(shape);
      const buffer = builder.scratch(`moments of ${node.name}`, 32 * tileCount * shape.channelVectors);
      moments = { slice: wholeOf(buffer), tileCount, tiles: { kind: 'rows', count: standaloneTileRows(shape) } };
      builder.run(columnMoments(shape), {
        source: wholeOf(tensor.buffer),
        partials: moments.slice,
        step: wholeOf(step),
      });
    }
    builder.run(finishMoments({ shape, tiles: moments.tiles, tileCount: moments.tileCount, epsilon: node.epsilon }), {
      partials: moments.slice,
      scale: sliceOf(layout, `${node.name}.weight`),
      shift: sliceOf(layout, `${node.name}.bias`),
      coefficients,
      batchStatistics: statisticsSlice(layout, node.name, 'batchStatistics'),
      step: wholeOf(step),
    });
  }

  /** Scale and shift by the running statistics, to be computed when parameters changed. */
  prepareFrozen(node: BatchNormNode, index: NodeIndex): void {
    this.preparation.push(bindByName(runningCoefficients(node), this.runningSlices(node, index)));
  }

  /** The same with a scale or shift that learns: computed anew in every step. */
  normaliseByRunning(node: BatchNormNode, index: NodeIndex): void {
    this.context.builder.run(runningCoefficients(node), this.runningSlices(node, index));
  }

  private runningSlices(node: BatchNormNode, index: NodeIndex): Readonly<Record<string, Slice>> {
    const { layout } = this.context;
    return {
      running: statisticsSlice(layout, node.name, 'running'),
      scale: sliceOf(layout, `${node.name}.weight`),
      shift: sliceOf(layout, `${node.name}.bias`),
      coefficients: this.coefficientsOf(node, index),
    };
  }

  coefficientsOf(node: BatchNormNode, index: NodeIndex): Slice {
    return {
      buffer: this.context.coefficients,
      offsetBytes: this.offsets.get(index) as number,
      sizeBytes: coefficientBytes(node),
    };
  }
}
