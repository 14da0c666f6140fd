// Lowers the backward pass: nodes in reverse, each turning the gradient of its value into those of its inputs and its
// parameters. Where nothing upstream learns, nothing is computed.

import { dropoutStream } from '../../../graph/dropoutStream.ts';
import type { BatchNormNode, ConvolutionNode, GraphNode, LinearNode, NodeIndex } from '../../../graph/graph.ts';
import { countStandaloneTiles } from '../kernels/batchNorm.ts';
import {
  applyNormGradient,
  columnGradientSums,
  finishGradientSums,
  GRADIENT_FACTOR_ROWS,
} from '../kernels/batchNormGradient.ts';
import { depthwiseInputGradient } from '../kernels/depthwise.ts';
import { groupedInputGradient } from '../kernels/grouped.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { countRunTiles } from '../kernels/pixelRuns.ts';
import { plainGroupedInputGradient } from '../kernels/plainGrouped.ts';
import { maxPoolGradient, picturePoolGradient } from '../kernels/pooling.ts';
import { type ConvolutionShape, inputGradientGeometry } from '../kernels/tapGeometry.ts';
import { PLAIN_EPILOGUE, type ProductEpilogue } from '../kernels/tileEpilogue.ts';
import { tileProduct } from '../kernels/tileProduct.ts';
import { PLAIN_VIEW } from '../kernels/view.ts';
import type { ForwardPass } from './forward.ts';
import { type GradientState, Gradients, type GradientTarget } from './gradients.ts';
import {
  convolutionKind,
  convolutionShape,
  type GraphFacts,
  groupedShape,
  linearShape,
  picturePoolShape,
  plainGroupedShape,
  poolShape,
} from './graphFacts.ts';
import type { LoweringContext } from './loweringContext.ts';
import { ParameterGradients } from './parameterGradients.ts';
import { sliceOf } from './parameterLayout.ts';
import { type Slice, wholeOf } from './plan.ts';
import { productSize } from './tiles.ts';
import { normShapeOf, type Tensor, type Value } from './values.ts';

export interface BackwardOptions {
  readonly context: LoweringContext;
  readonly forward: ForwardPass;
  /** Gradient of the logits. */
  readonly outputGradient: Tensor;
  /** The transposed weight of a convolution or linear layer: [tap, output channel, input channel]. */
  readonly transposedOf: (weightName: string) => Slice;
}

export function lowerBackward(options: BackwardOptions): void {
  new BackwardLowering(options).run();
}

class BackwardLowering {
  private readonly context: LoweringContext;
  private readonly facts: GraphFacts;
  private readonly forward: ForwardPass;
  private readonly transposedOf: (weightName: string) => Slice;
  private readonly gradients: Gradients;
  private readonly parameters: ParameterGradients;
  private readonly outputGradient: Tensor;

  constructor({ context, forward, outputGradient, transposedOf }: BackwardOptions) {
    this.context = context;
    this.facts = context.facts;
    this.forward = forward;
    this.transposedOf = transposedOf;
    this.outputGradient = outputGradient;
    this.gradients = new Gradients(context.facts, context.builder, (index) => this.valueOf(index));
    this.parameters = new ParameterGradients(context);
  }

  run(): void {
    const { nodes } = this.facts.graph;
    if (!this.facts.needsGradient[nodes.length - 1]) return;
    this.gradients.transfer(nodes.length - 1, this.outputGradient);
    for (let index = nodes.length - 1; index >= 0; index--) {
      const state = this.gradients.take(index);
      if (!state || !this.facts.needsGradient[index]) continue;
      this.lower(nodes[index] as GraphNode, index, state);
      this.gradients.release(index);
    }
    this.parameters.finish();
  }

  private lower(node: GraphNode, index: NodeIndex, state: GradientState): void {
    switch (node.op) {
      case 'input':
        return;
      case 'conv2d':
        this.lowerConvolution(node, state.tensor);
        return;
      case 'linear':
        this.lowerLinear(node, state.tensor);
        return;
      case 'batchNorm':
        this.lowerBatchNorm(node, index, state);
        return;
      case 'activation':
        this.lowerActivation(node.input, index, state);
        return;
      case 'add':
        if (this.needs(node.left)) this.gradients.transfer(node.left, state.tensor);
        if (this.needs(node.right)) this.gradients.transfer(node.right, state.tensor);
        return;
      case 'dropout':
        this.lowerDropout(node, index, state);
        return;
      case 'maxPool':
        this.lowerMaxPool(node, index, state.tensor);
        return;
      case 'concatPool':
      case 'averagePool':
        this.lowerPicturePool(node, index, state.tensor);
        return;
    }
  }

  private lowerConvolution(node: ConvolutionNode, gradient: Tensor): void {
    const source = this.valueOf(node.input);
    const kind = convolutionKind(this.facts, node);
    const shape = convolutionShape(this.facts, node);
    const weight = `${node.name}.weight`;
    if (this.learns(weight)) {
      if (kind === 'dense') this.parameters.dense(shape, source, gradient, weight);
      else this.parameters.sparse(node, source, gradient);
    }
    if (node.hasBias) this.parameters.bias(`${node.name}.bias`, gradient);
    if (!this.needs(node.input)) return;
    if (kind === 'dense') this.lowerDenseInput(node.input, shape, gradient, weight);
    else if (kind === 'plainGrouped') this.lowerPlainInput(node, gradient, weight);
    else this.lowerSparseInput(node, kind, shape, gradient, weight);
  }

  private lowerSparseInput(
    node: ConvolutionNode,
    kind: 'depthwise' | 'grouped',
    shape: ConvolutionShape,
    gradient: Tensor,
    weight: string,
  ): void {
    const slices = { source: wholeOf(gradient.buffer), weights: sliceOf(this.context.layout, weight) };
    const target = this.gradients.target(node.input, 'maskAndSum');
    const lines = { batch: shape.batch, height: shape.inHeight, width: shape.inWidth, channelVectors: shape.inVectors };
    const epilogue = epilogueOf(target);
    const kernel =
      kind === 'depthwise'
        ? depthwiseInputGradient(shape, epilogue)
        : groupedInputGradient(groupedShape(this.facts, node), epilogue);
    this.runInto(kernel, target, slices, countRunTiles(lines));
  }

  /** The kernel for odd group widths only stores; a second share is added in a pass of its own. */
  private lowerPlainInput(node: ConvolutionNode, gradient: Tensor, weight: string): void {
    const target = this.gradients.target(node.input, 'store');
    const own = target.hasAddend ? this.gradients.makeLike(target.result, `share of ${node.name}`) : target.result;
    this.context.builder.run(plainGroupedInputGradient(plainGroupedShape(this.facts, node)), {
      source: wholeOf(gradient.buffer),
      weights: sliceOf(this.context.layout, weight),
      result: wholeOf(own.buffer),
    });
    if (target.hasAddend) this.gradients.pass(target.result, target.result, { addend: own });
  }

  private lowerLinear(node: LinearNode, gradient: Tensor): void {
    const source = this.valueOf(node.input);
    const inFeatures = this.facts.graph.nodes[node.input]?.shape[0] as number;
    const shape = linearShape(this.facts.batch, inFeatures, node.outFeatures);
    const weight = `${node.name}.weight`;
    if (this.learns(weight)) this.parameters.dense(shape, source, gradient, weight);
    this.parameters.bias(`${node.name}.bias`, gradient);
    if (this.needs(node.input)) this.lowerDenseInput(node.input, shape, gradient, weight);
  }

  private lowerDenseInput(input: NodeIndex, shape: ConvolutionShape, gradient: Tensor, weight: string): void {
    const target = this.gradients.target(input, 'maskAndSum');
    const geometry = inputGradientGeometry(shape);
    const problem = { kind: 'pixels', geometry, hasView: false } as const;
    const tile = this.context.chooseTile(problem);
    const kernel = tileProduct({
      family: 'inputGradient',
      geometry,
      tile,
      view: PLAIN_VIEW,
      epilogue: epilogueOf(target),
    });
    const rowTiles = Math.ceil(productSize(problem).rows / geometry.phases.length / tile.rows);
    const slices = { source: wholeOf(gradient.buffer), weights: this.transposedOf(weight) };
    this.runInto(kernel, target, slices, rowTiles * geometry.phases.length);
  }

  private runInto(
    kernel: Kernel,
    target: GradientTarget,
    slices: Readonly<Record<string, Slice>>,
    tileCount: number,
  ): void {
    this.context.builder.run(kernel, {
      ...slices,
      result: wholeOf(target.result.buffer),
      ...target.slices,
      ...(target.canSum ? { partials: target.leaveSums(tileCount) } : {}),
    });
  }

  private lowerBatchNorm(node: BatchNormNode, index: NodeIndex, state: GradientState): void {
    const { norm, tensor: base } = this.valueOf(index);
    if (!norm) throw new RangeError(`${node.name} was folded, yet a gradient reaches it.`);
    const factors = norm.isLearning ? this.finishNormSums(node, state, base, norm.coefficients) : null;
    if (!this.needs(node.input)) return;
    if (!norm.isTraining || !factors) {
      // By running statistics, which no item moves: only the scale stands between the gradients.
      const result = this.resultLike(state, `unscaled ${node.name}`);
      this.gradients.pass(state.tensor, result, { scale: norm.coefficients });
      this.gradients.transfer(node.input, result);
      return;
    }
    const result = this.resultLike(state, `through ${node.name}`);
    const isInPlace = result.buffer === state.tensor.buffer;
    this.context.builder.run(applyNormGradient(normShapeOf(this.facts, base), isInPlace), {
      gradient: wholeOf(state.tensor.buffer),
      base: wholeOf(base.buffer),
      coefficients: norm.coefficients,
      factors,
      step: wholeOf(this.context.step),
      ...(isInPlace ? {} : { result: wholeOf(result.buffer) }),
    });
    this.gradients.transfer(node.input, result);
  }

  /** Gradients of scale and shift, and the factors of the pass to come. */
  private finishNormSums(node: BatchNormNode, state: GradientState, base: Tensor, coefficients: Slice): Slice {
    const { builder, layout, step } = this.context;
    const shape = normShapeOf(this.facts, base);
    let { sums } = state;
    if (!sums) {
      const tileCount = countStandaloneTiles(shape);
      sums = {
        tileCount,
        slice: wholeOf(builder.scratch(`gradient sums of ${node.name}`, 32 * tileCount * shape.channelVectors)),
      };
      builder.run(columnGradientSums(shape), {
        gradient: wholeOf(state.tensor.buffer),
        base: wholeOf(base.buffer),
        coefficients,
        partials: sums.slice,
      });
    }
    const factors = wholeOf(
      builder.scratch(`factors of ${node.name}`, 16 * GRADIENT_FACTOR_ROWS * shape.channelVectors),
    );
    const gradientOf = (part: 'weight' | 'bias') =>
      this.learns(`${node.name}.${part}`)
        ? sliceOf(layout, `${node.name}.${part}`, 'gradients')
        : wholeOf(builder.scratch(`unused gradient of ${node.name}.${part}`, 16 * shape.channelVectors));
    builder.run(finishGradientSums(shape, sums.tileCount), {
      partials: sums.slice,
      coefficients,
      scaleGradient: gradientOf('weight'),
      shiftGradient: gradientOf('bias'),
      factors,
      step: wholeOf(step),
    });
    return factors;
  }

  private lowerActivation(input: NodeIndex, index: NodeIndex, state: GradientState): void {
    if (!this.needs(input)) return;
    if (state.isMasked) {
      this.gradients.transfer(input, state.tensor, state.sums);
      return;
    }
    const result = this.resultLike(state, `masked ${index}`);
    this.gradients.pass(state.tensor, result, { mask: this.valueOf(index) });
    this.gradients.transfer(input, result);
  }

  private lowerDropout(node: Extract<GraphNode, { op: 'dropout' }>, index: NodeIndex, state: GradientState): void {
    if (!this.needs(node.input)) return;
    if (node.rate === 0) {
      this.gradients.transfer(node.input, state.tensor);
      return;
    }
    const result = this.resultLike(state, `undropped ${index}`);
    const stream = dropoutStream(this.facts.graph, index);
    const dropout = { rate: node.rate, stream, step: wholeOf(this.context.step) };
    this.gradients.pass(state.tensor, result, { dropout });
    this.gradients.transfer(node.input, result);
  }

  private lowerMaxPool(node: Extract<GraphNode, { op: 'maxPool' }>, index: NodeIndex, gradient: Tensor): void {
    if (!this.needs(node.input)) return;
    const target = this.gradients.target(node.input, 'mask');
    const epilogue = { hasAddend: target.hasAddend, mask: target.mask };
    this.context.builder.run(maxPoolGradient(poolShape(this.facts, node), epilogue), {
      gradient: wholeOf(gradient.buffer),
      winners: this.winnersOf(index),
      result: wholeOf(target.result.buffer),
      ...target.slices,
    });
  }

  private lowerPicturePool(
    node: Extract<GraphNode, { op: 'concatPool' | 'averagePool' }>,
    index: NodeIndex,
    gradient: Tensor,
  ): void {
    if (!this.needs(node.input)) return;
    const target = this.gradients.target(node.input, 'mask');
    const isConcat = node.op === 'concatPool';
    const epilogue = { hasAddend: target.hasAddend, mask: target.mask };
    this.context.builder.run(picturePoolGradient(picturePoolShape(this.facts, target.result, isConcat), epilogue), {
      gradient: wholeOf(gradient.buffer),
      ...(isConcat ? { winners: this.winnersOf(index) } : {}),
      result: wholeOf(target.result.buffer),
      ...target.slices,
    });
  }

  /** In place where nobody else holds the gradient. */
  private resultLike(state: GradientState, label: string): Tensor {
    return this.gradients.isOwned(state) ? state.tensor : this.gradients.makeLike(state.tensor, label);
  }

  private winnersOf(index: NodeIndex): Slice {
    const winners = this.forward.winners.get(index);
    if (!winners) throw new RangeError(`Node ${index} kept no winners.`);
    return wholeOf(winners);
  }

  private valueOf(index: NodeIndex): Value {
    const value = this.forward.values[index];
    if (!value) throw new RangeError(`Node ${index} was folded away, yet a gradient reaches it.`);
    return value;
  }

  private needs(index: NodeIndex): boolean {
    return this.facts.needsGradient[index] === true;
  }

  private learns(name: string): boolean {
    return this.facts.learning.has(name);
  }
}

function epilogueOf(target: GradientTarget): ProductEpilogue {
  return {
    ...PLAIN_EPILOGUE,
    addend: target.hasAddend ? 'result' : 'none',
    mask: target.mask,
    hasGradientSums: target.canSum,
  };
}
