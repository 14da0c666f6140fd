// Lowers a graph's forward pass. Batch norms and activations become views that readers apply; where nothing upstream learns
// they are folded into the convolution before them, and so is the sum of a residual branch.

import { dropoutStream } from '../../../graph/dropoutStream.ts';
import type {
  ActivationKind,
  BatchNormNode,
  ConvolutionNode,
  GraphNode,
  LinearNode,
  NodeIndex,
} from '../../../graph/graph.ts';
import { depthwise } from '../kernels/depthwise.ts';
import { combine } from '../kernels/elementwise.ts';
import { grouped } from '../kernels/grouped.ts';
import { unpackNumbers } from '../kernels/input.ts';
import { plainGrouped } from '../kernels/plainGrouped.ts';
import { maxPool, picturePool } from '../kernels/pooling.ts';
import { type ConvolutionShape, forwardGeometry } from '../kernels/tapGeometry.ts';
import { PLAIN_EPILOGUE, type ProductEpilogue } from '../kernels/tileEpilogue.ts';
import { tileProduct } from '../kernels/tileProduct.ts';
import { type FoldedChain, findFoldedChain } from './foldedChain.ts';
import {
  convolutionKind,
  convolutionShape,
  type GraphFacts,
  groupedShape,
  isLearningNorm,
  isTrainingNorm,
  linearShape,
  picturePoolShape,
  plainGroupedShape,
  poolShape,
  soleReader,
} from './graphFacts.ts';
import type { LoweringContext } from './loweringContext.ts';
import { Norms } from './norms.ts';
import { sliceOf } from './parameterLayout.ts';
import { type Dispatch, type PlanBuffer, type Slice, wholeOf } from './plan.ts';
import {
  channelVectors,
  isStored,
  rowsPerItem,
  stored,
  type Tensor,
  type Value,
  viewCode,
  viewSlices,
} from './values.ts';

export interface ForwardPass {
  /** By node; null inside a folded chain. */
  readonly values: readonly (Value | null)[];
  readonly input: Tensor;
  readonly output: Tensor;
  /** Coefficients of frozen batch norms, to be run when parameters changed. */
  readonly preparation: readonly Dispatch[];
  /** By max and concat pool node. */
  readonly winners: ReadonlyMap<NodeIndex, PlanBuffer>;
  /** The stored form of a node's value, made when a reader could not see through a view. */
  readonly stored: (index: NodeIndex) => Tensor;
}

export function lowerForward(context: LoweringContext): ForwardPass {
  const pass = new ForwardLowering(context);
  pass.run();
  return pass;
}

class ForwardLowering implements ForwardPass {
  readonly values: (Value | null)[] = [];
  readonly winners = new Map<NodeIndex, PlanBuffer>();
  private readonly context: LoweringContext;
  private readonly facts: GraphFacts;
  private readonly norms: Norms;
  private readonly materialised = new Map<NodeIndex, Tensor>();

  constructor(context: LoweringContext) {
    this.context = context;
    this.facts = context.facts;
    this.norms = new Norms(context);
  }

  get preparation(): readonly Dispatch[] {
    return this.norms.preparation;
  }

  get input(): Tensor {
    return (this.values[0] as Value).tensor;
  }

  get output(): Tensor {
    return this.stored(this.facts.graph.nodes.length - 1);
  }

  run(): void {
    this.facts.graph.nodes.forEach((node, index) => {
      // A folded chain has set the value of its last node already, and nobody asks for those before it.
      if (this.values[index] === undefined) this.values[index] = this.lower(node, index);
    });
    void this.output;
  }

  readonly stored = (index: NodeIndex): Tensor => {
    const value = this.valueOf(index);
    if (isStored(value)) return value.tensor;
    const known = this.materialised.get(index);
    if (known) return known;
    const tensor = this.combine(`stored ${index}`, value, null, null, null);
    this.materialised.set(index, tensor);
    return tensor;
  };

  private lower(node: GraphNode, index: NodeIndex): Value | null {
    switch (node.op) {
      case 'input':
        return stored(this.lowerInput());
      case 'conv2d':
        return this.lowerConvolution(node, index);
      case 'linear':
        return this.lowerLinear(node, index);
      case 'batchNorm':
        return this.lowerBatchNorm(node, index);
      case 'activation': {
        const input = this.valueOf(node.input);
        const seen = input.activation === null ? input : stored(this.stored(node.input));
        return { ...seen, activation: node.kind };
      }
      case 'add':
        return stored(this.combine(`sum ${index}`, this.valueOf(node.left), this.valueOf(node.right), null, null));
      case 'dropout': {
        const isOn = this.context.isTraining && node.rate > 0;
        const input = this.valueOf(node.input);
        if (!isOn) return input;
        const stream = dropoutStream(this.facts.graph, index);
        return stored(this.combine(`dropped ${index}`, input, null, { rate: node.rate, stream }, null));
      }
      case 'maxPool':
        return stored(this.lowerMaxPool(node, index));
      case 'concatPool':
      case 'averagePool':
        return stored(this.lowerPicturePool(node, index));
    }
  }

  private lowerInput(): Tensor {
    const { graph, batch } = this.facts;
    const tensor = this.makeTensor('input', graph.inputShape);
    this.context.builder.run(unpackNumbers({ batch, rowsPerItem: rowsPerItem(tensor), channels: tensor.channels }), {
      source: wholeOf(this.context.inputNumbers),
      result: wholeOf(tensor.buffer),
      step: wholeOf(this.context.step),
    });
    return tensor;
  }

  private lowerConvolution(node: ConvolutionNode, index: NodeIndex): Value | null {
    const kind = convolutionKind(this.facts, node);
    if (kind === 'plainGrouped') return stored(this.lowerPlainGrouped(node, index));
    const chain = findFoldedChain(this.facts, index, (other) => Boolean(this.values[other]));
    const shape = convolutionShape(this.facts, node);
    const source = this.valueOf(node.input);
    const result = this.makeTensor(node.name, node.shape);
    const reader = soleReader(this.facts, index);
    const readerNode = reader === null ? undefined : this.facts.graph.nodes[reader];
    const hasMoments = chain.last === index && readerNode?.op === 'batchNorm' && isTrainingNorm(this.facts, readerNode);
    const epilogue = this.epilogueOf(chain, node.hasBias, hasMoments);
    const kernel = this.convolutionKernel(node, kind, shape, source, epilogue);
    const moments = hasMoments ? this.norms.planMoments(index, kind, shape, kernel.tileRows) : null;
    this.context.builder.run(kernel.kernel, {
      source: wholeOf(source.tensor.buffer),
      weights: sliceOf(this.context.layout, `${node.name}.weight`),
      result: wholeOf(result.buffer),
      ...viewSlices(source, 'sourceNorm'),
      ...this.epilogueSlices(chain, node.hasBias ? `${node.name}.bias` : null),
      ...(moments ? { partials: moments.slice, step: wholeOf(this.context.step) } : {}),
    });
    return this.finishChain(chain, index, result);
  }

  private convolutionKernel(
    node: ConvolutionNode,
    kind: 'dense' | 'depthwise' | 'grouped',
    shape: ConvolutionShape,
    source: Value,
    epilogue: ProductEpilogue,
  ) {
    const view = viewCode(source);
    if (kind === 'depthwise') return { kernel: depthwise({ shape, view, epilogue }), tileRows: 0 };
    if (kind === 'grouped') return { kernel: grouped(groupedShape(this.facts, node), view, epilogue), tileRows: 0 };
    const geometry = forwardGeometry(shape);
    const tile = this.context.chooseTile({ kind: 'pixels', geometry, hasView: !isStored(source) });
    return { kernel: tileProduct({ family: 'convolution', geometry, tile, view, epilogue }), tileRows: tile.rows };
  }

  private lowerPlainGrouped(node: ConvolutionNode, index: NodeIndex): Tensor {
    const source = this.valueOf(node.input);
    const result = this.makeTensor(`${node.name} ${index}`, node.shape);
    this.context.builder.run(plainGrouped(plainGroupedShape(this.facts, node), viewCode(source), node.hasBias), {
      source: wholeOf(source.tensor.buffer),
      weights: sliceOf(this.context.layout, `${node.name}.weight`),
      result: wholeOf(result.buffer),
      ...viewSlices(source, 'sourceNorm'),
      ...(node.hasBias ? { bias: sliceOf(this.context.layout, `${node.name}.bias`) } : {}),
    });
    return result;
  }

  private lowerLinear(node: LinearNode, index: NodeIndex): Value | null {
    const source = this.valueOf(node.input);
    const inFeatures = this.facts.graph.nodes[node.input]?.shape[0] as number;
    const shape = linearShape(this.facts.batch, inFeatures, node.outFeatures);
    const geometry = forwardGeometry(shape);
    const tile = this.context.chooseTile({ kind: 'pixels', geometry, hasView: !isStored(source) });
    const chain = findFoldedChain(this.facts, index, (other) => Boolean(this.values[other]));
    const result = this.makeTensor(node.name, node.shape);
    const epilogue = this.epilogueOf(chain, true, false);
    const kernel = tileProduct({ family: 'convolution', geometry, tile, view: viewCode(source), epilogue });
    this.context.builder.run(kernel, {
      source: wholeOf(source.tensor.buffer),
      weights: sliceOf(this.context.layout, `${node.name}.weight`),
      result: wholeOf(result.buffer),
      ...viewSlices(source, 'sourceNorm'),
      ...this.epilogueSlices(chain, `${node.name}.bias`),
    });
    return this.finishChain(chain, index, result);
  }

  private epilogueOf(chain: FoldedChain, hasBias: boolean, hasMoments: boolean): ProductEpilogue {
    return {
      ...PLAIN_EPILOGUE,
      hasBias,
      hasFold: chain.norm !== null,
      addend: chain.addend === null ? 'none' : 'other',
      activation: chain.activation,
      hasMoments,
    };
  }

  private epilogueSlices(chain: FoldedChain, bias: string | null): Record<string, Slice> {
    const slices: Record<string, Slice> = {};
    if (bias !== null) slices.bias = sliceOf(this.context.layout, bias);
    if (chain.norm !== null) {
      const node = this.facts.graph.nodes[chain.norm] as BatchNormNode;
      slices.fold = this.norms.coefficientsOf(node, chain.norm);
      this.norms.prepareFrozen(node, chain.norm);
    }
    if (chain.addend !== null) slices.addend = wholeOf(this.stored(chain.addend).buffer);
    return slices;
  }

  /** Nodes inside the chain have no value of their own; the last one has the result. */
  private finishChain(chain: FoldedChain, index: NodeIndex, result: Tensor): Value | null {
    if (chain.last === index) return stored(result);
    for (let inside: NodeIndex | null = soleReader(this.facts, index); inside !== null && inside !== chain.last; ) {
      this.values[inside] = null;
      inside = soleReader(this.facts, inside);
    }
    this.values[chain.last] = stored(result);
    return null;
  }

  private lowerBatchNorm(node: BatchNormNode, index: NodeIndex): Value {
    const tensor = this.stored(node.input);
    const coefficients = this.norms.coefficientsOf(node, index);
    const isTraining = isTrainingNorm(this.facts, node);
    const isLearning = isLearningNorm(this.facts, node);
    if (isTraining) this.norms.normaliseByBatch(node, tensor, coefficients);
    else if (isLearning) this.norms.normaliseByRunning(node, index);
    else this.norms.prepareFrozen(node, index);
    return { tensor, norm: { node: index, coefficients, isTraining, isLearning }, activation: null };
  }

  private lowerMaxPool(node: Extract<GraphNode, { op: 'maxPool' }>, index: NodeIndex): Tensor {
    const source = this.valueOf(node.input);
    const result = this.makeTensor(`pooled ${index}`, node.shape);
    const shape = poolShape(this.facts, node);
    const winners = this.context.builder.scratch(`winners ${index}`, this.tensorBytes(node.shape) / 4);
    this.winners.set(index, winners);
    this.context.builder.run(maxPool(shape, viewCode(source)), {
      source: wholeOf(source.tensor.buffer),
      ...viewSlices(source, 'sourceNorm'),
      result: wholeOf(result.buffer),
      winners: wholeOf(winners),
    });
    return result;
  }

  private lowerPicturePool(node: Extract<GraphNode, { op: 'concatPool' | 'averagePool' }>, index: NodeIndex): Tensor {
    const source = this.valueOf(node.input);
    const { tensor } = source;
    const result = this.makeTensor(`pooled ${index}`, node.shape);
    const isConcat = node.op === 'concatPool';
    const slices: Record<string, Slice> = {
      source: wholeOf(tensor.buffer),
      ...viewSlices(source, 'sourceNorm'),
      result: wholeOf(result.buffer),
    };
    if (isConcat) {
      const winners = this.context.builder.scratch(`winners ${index}`, 16 * this.facts.batch * channelVectors(tensor));
      this.winners.set(index, winners);
      slices.winners = wholeOf(winners);
    }
    this.context.builder.run(picturePool(picturePoolShape(this.facts, tensor, isConcat), viewCode(source)), slices);
    return result;
  }

  private combine(
    label: string,
    left: Value,
    right: Value | null,
    dropout: { rate: number; stream: number } | null,
    activation: ActivationKind | null,
  ): Tensor {
    const { height, width, channels } = left.tensor;
    const result: Tensor = {
      ...left.tensor,
      buffer: this.context.builder.scratch(label, this.tensorBytes([height, width, channels])),
    };
    const size = { rows: this.facts.batch * height * width, channels };
    this.context.builder.run(
      combine({ size, left: viewCode(left), right: right ? viewCode(right) : null, dropout, activation }),
      {
        left: wholeOf(left.tensor.buffer),
        ...viewSlices(left, 'leftNorm'),
        ...(right ? { right: wholeOf(right.tensor.buffer), ...viewSlices(right, 'rightNorm') } : {}),
        result: wholeOf(result.buffer),
        ...(dropout ? { step: wholeOf(this.context.step) } : {}),
      },
    );
    return result;
  }

  private valueOf(index: NodeIndex): Value {
    const value = this.values[index];
    if (!value) throw new RangeError(`Node ${index} is read before it is computed, or inside a folded chain.`);
    return value;
  }

  private makeTensor(label: string, shape: readonly number[]): Tensor {
    const [height, width, channels] =
      shape.length === 1 ? [1, 1, shape[0] as number] : (shape as [number, number, number]);
    return { height, width, channels, buffer: this.context.builder.scratch(label, this.tensorBytes(shape)) };
  }

  private tensorBytes(shape: readonly number[]): number {
    const channels = shape.at(-1) as number;
    const pixels = shape.slice(0, -1).reduce((product, size) => product * size, 1);
    return 16 * this.facts.batch * pixels * Math.ceil(channels / 4);
  }
}
