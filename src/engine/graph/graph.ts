// A network is data: a list of nodes in running order, with shapes and parameter specs worked out as it is built.
// Two executors run the same graph; nothing in here computes.

import { type Padding, slidingOutputSize } from './shapes.ts';

/** Without the batch: [height, width, channel] or [feature]. */
export type Shape = readonly number[];

/** Position of a node in `Graph.nodes`. */
export type NodeIndex = number;

export type ActivationKind = 'relu' | 'relu6';

export interface ConvolutionNode {
  readonly op: 'conv2d';
  readonly name: string;
  readonly input: NodeIndex;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly groups: number;
  readonly outChannels: number;
  readonly hasBias: boolean;
  readonly shape: Shape;
}

export interface BatchNormNode {
  readonly op: 'batchNorm';
  readonly name: string;
  readonly input: NodeIndex;
  readonly epsilon: number;
  /** PyTorch's convention: running = (1 - momentum) * running + momentum * batch. */
  readonly momentum: number;
  readonly shape: Shape;
}

export interface LinearNode {
  readonly op: 'linear';
  readonly name: string;
  readonly input: NodeIndex;
  readonly outFeatures: number;
  readonly shape: Shape;
}

export interface MaxPoolNode {
  readonly op: 'maxPool';
  readonly input: NodeIndex;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: number;
  readonly shape: Shape;
}

export type GraphNode =
  | { readonly op: 'input'; readonly shape: Shape }
  | ConvolutionNode
  | BatchNormNode
  | LinearNode
  | { readonly op: 'activation'; readonly input: NodeIndex; readonly kind: ActivationKind; readonly shape: Shape }
  | { readonly op: 'add'; readonly left: NodeIndex; readonly right: NodeIndex; readonly shape: Shape }
  /** Padding counts as minus infinity and never wins; of equal maxima the first gets the gradient, both as in PyTorch. */
  | MaxPoolNode
  /** [height, width, channel] -> [2 * channel]: the maximum over the picture, then the mean (LESSON order). */
  | { readonly op: 'concatPool'; readonly input: NodeIndex; readonly shape: Shape }
  | { readonly op: 'averagePool'; readonly input: NodeIndex; readonly shape: Shape }
  | { readonly op: 'dropout'; readonly input: NodeIndex; readonly rate: number; readonly shape: Shape };

export type ParameterKind = 'kernel' | 'weight' | 'bias' | 'scale' | 'shift' | 'runningMean' | 'runningVariance';

export interface ParameterSpec {
  /** As in PyTorch's state dict: 'layer1.0.conv1.weight'. */
  readonly name: string;
  readonly kind: ParameterKind;
  /** kernel: [height, width, in / groups, out]; weight: [in, out]; the others: [channel]. */
  readonly shape: Shape;
  /** False for running statistics, which no gradient reaches. */
  readonly isLearned: boolean;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  readonly parameters: readonly ParameterSpec[];
}

/** Parameter values by name, in the layout of their spec. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

interface ConvolutionOptions {
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride?: number;
  readonly padding: Padding;
  readonly groups?: number;
  readonly hasBias?: boolean;
}

/** Builds a graph node by node; each method returns the new node's index. The last node added is the output. */
export class GraphBuilder {
  private readonly nodes: GraphNode[];
  private readonly parameters: ParameterSpec[] = [];

  constructor(inputShape: Shape) {
    this.nodes = [{ op: 'input', shape: inputShape }];
  }

  /** The input node. */
  get input(): NodeIndex {
    return 0;
  }

  shapeOf(node: NodeIndex): Shape {
    const found = this.nodes[node];
    if (!found) throw new RangeError(`No node ${node} in this graph.`);
    return found.shape;
  }

  conv2d(name: string, input: NodeIndex, options: ConvolutionOptions): NodeIndex {
    const { outChannels, kernelSize, stride = 1, padding, groups = 1, hasBias = false } = options;
    const [height, width, inChannels] = this.imageShape(input);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new RangeError(`${name}: ${groups} groups do not divide ${inChannels} -> ${outChannels} channels.`);
    }
    this.addParameter(`${name}.weight`, 'kernel', [kernelSize, kernelSize, inChannels / groups, outChannels]);
    if (hasBias) this.addParameter(`${name}.bias`, 'bias', [outChannels]);
    const shape = [
      slidingOutputSize(height, kernelSize, stride, padding),
      slidingOutputSize(width, kernelSize, stride, padding),
      outChannels,
    ];
    return this.add({ op: 'conv2d', name, input, kernelSize, stride, padding, groups, outChannels, hasBias, shape });
  }

  batchNorm(name: string, input: NodeIndex, { epsilon, momentum }: { epsilon: number; momentum: number }): NodeIndex {
    const shape = this.shapeOf(input);
    const channels = [shape.at(-1) as number];
    this.addParameter(`${name}.weight`, 'scale', channels);
    this.addParameter(`${name}.bias`, 'shift', channels);
    this.addParameter(`${name}.running_mean`, 'runningMean', channels);
    this.addParameter(`${name}.running_var`, 'runningVariance', channels);
    return this.add({ op: 'batchNorm', name, input, epsilon, momentum, shape });
  }

  activation(input: NodeIndex, kind: ActivationKind): NodeIndex {
    return this.add({ op: 'activation', input, kind, shape: this.shapeOf(input) });
  }

  addNodes(left: NodeIndex, right: NodeIndex): NodeIndex {
    const shape = this.shapeOf(left);
    if (shape.join() !== this.shapeOf(right).join()) {
      throw new RangeError(`Cannot add shapes [${shape}] and [${this.shapeOf(right)}].`);
    }
    return this.add({ op: 'add', left, right, shape });
  }

  concatPool(input: NodeIndex): NodeIndex {
    const [, , channels] = this.imageShape(input);
    return this.add({ op: 'concatPool', input, shape: [2 * channels] });
  }

  averagePool(input: NodeIndex): NodeIndex {
    const [, , channels] = this.imageShape(input);
    return this.add({ op: 'averagePool', input, shape: [channels] });
  }

  maxPool(
    input: NodeIndex,
    { kernelSize, stride, padding }: { kernelSize: number; stride: number; padding: number },
  ): NodeIndex {
    const [height, width, channels] = this.imageShape(input);
    const shape = [
      slidingOutputSize(height, kernelSize, stride, padding),
      slidingOutputSize(width, kernelSize, stride, padding),
      channels,
    ];
    return this.add({ op: 'maxPool', input, kernelSize, stride, padding, shape });
  }

  dropout(input: NodeIndex, rate: number): NodeIndex {
    return this.add({ op: 'dropout', input, rate, shape: this.shapeOf(input) });
  }

  linear(name: string, input: NodeIndex, outFeatures: number): NodeIndex {
    const shape = this.shapeOf(input);
    if (shape.length !== 1) throw new RangeError(`${name}: a linear layer takes [feature], not [${shape}].`);
    this.addParameter(`${name}.weight`, 'weight', [shape[0] as number, outFeatures]);
    this.addParameter(`${name}.bias`, 'bias', [outFeatures]);
    return this.add({ op: 'linear', name, input, outFeatures, shape: [outFeatures] });
  }

  build(): Graph {
    return {
      nodes: this.nodes,
      inputShape: this.shapeOf(0),
      outputShape: this.shapeOf(this.nodes.length - 1),
      parameters: this.parameters,
    };
  }

  private add(node: GraphNode): NodeIndex {
    return this.nodes.push(node) - 1;
  }

  private addParameter(name: string, kind: ParameterKind, shape: Shape): void {
    if (this.parameters.some((parameter) => parameter.name === name)) {
      throw new RangeError(`Two parameters are called ${name}.`);
    }
    this.parameters.push({ name, kind, shape, isLearned: kind !== 'runningMean' && kind !== 'runningVariance' });
  }

  private imageShape(node: NodeIndex): readonly [number, number, number] {
    const [height, width, channels] = this.shapeOf(node);
    if (height === undefined || width === undefined || channels === undefined) {
      throw new RangeError(`This layer takes [height, width, channel], not [${this.shapeOf(node)}].`);
    }
    return [height, width, channels];
  }
}

/** Number of values in a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** The nodes whose output this one reads. */
export function inputsOf(node: GraphNode): readonly NodeIndex[] {
  if (node.op === 'input') return [];
  return node.op === 'add' ? [node.left, node.right] : [node.input];
}

/** The nodes that read the output of the node at `index`. */
export function readersOf(graph: Graph, index: NodeIndex): readonly GraphNode[] {
  return graph.nodes.filter((node) => inputsOf(node).includes(index));
}
