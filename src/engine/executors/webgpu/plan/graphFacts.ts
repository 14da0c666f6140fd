// What lowering asks about a graph: who reads a node, where gradients must flow, which batch norms train.

import {
  type BatchNormNode,
  type ConvolutionNode,
  type Graph,
  inputsOf,
  type MaxPoolNode,
  type NodeIndex,
  type Shape,
} from '../../../graph/graph.ts';
import { resolvePadding } from '../../../graph/shapes.ts';
import type { GroupedShape } from '../kernels/grouped.ts';
import type { ConvolutionShape } from '../kernels/tapGeometry.ts';

export interface GraphFacts {
  readonly graph: Graph;
  readonly batch: number;
  readonly learning: ReadonlySet<string>;
  /** No batch norm uses its batch's statistics, whatever learns. */
  readonly keepsStatistics: boolean;
  /** Nodes that read each node, in running order; a node that reads twice stands twice. */
  readonly readers: readonly (readonly NodeIndex[])[];
  /** Whether the loss's gradient with respect to each node's output is needed. */
  readonly needsGradient: readonly boolean[];
}

export function studyGraph(
  graph: Graph,
  batch: number,
  learning: ReadonlySet<string>,
  keepsStatistics = false,
): GraphFacts {
  const readers: NodeIndex[][] = graph.nodes.map(() => []);
  const needsGradient: boolean[] = [];
  graph.nodes.forEach((node, index) => {
    for (const input of inputsOf(node)) readers[input]?.push(index);
    const learns = 'name' in node && ['weight', 'bias'].some((part) => learning.has(`${node.name}.${part}`));
    needsGradient.push(learns || inputsOf(node).some((input) => needsGradient[input] === true));
  });
  return { graph, batch, learning, keepsStatistics, readers, needsGradient };
}

/** The only reader of a node, or null where it has none or several. */
export function soleReader({ readers }: GraphFacts, index: NodeIndex): NodeIndex | null {
  const [reader, ...others] = readers[index] ?? [];
  return reader !== undefined && others.length === 0 ? reader : null;
}

/** A batch norm normalises by its batch when its scale learns and statistics are not kept; else by its running ones. */
export function isTrainingNorm(
  { learning, keepsStatistics }: Pick<GraphFacts, 'learning' | 'keepsStatistics'>,
  { name }: BatchNormNode,
): boolean {
  return !keepsStatistics && learning.has(`${name}.weight`);
}

/** Whether gradients of a batch norm's scale or shift are needed. */
export function isLearningNorm({ learning }: GraphFacts, { name }: BatchNormNode): boolean {
  return learning.has(`${name}.weight`) || learning.has(`${name}.bias`);
}

function shapeOf(graph: Graph, index: NodeIndex): Shape {
  const node = graph.nodes[index];
  if (!node) throw new RangeError(`No node ${index} in this graph.`);
  return node.shape;
}

export function convolutionShape({ graph, batch }: GraphFacts, node: ConvolutionNode): ConvolutionShape {
  const [inHeight, inWidth, inChannels] = shapeOf(graph, node.input) as readonly [number, number, number];
  const [outHeight, outWidth, outChannels] = node.shape as readonly [number, number, number];
  const { padding, kernelSize, stride } = node;
  return {
    batch,
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    kernelSize,
    stride,
    padTop: resolvePadding(padding, inHeight, kernelSize, stride).before,
    padLeft: resolvePadding(padding, inWidth, kernelSize, stride).before,
    inVectors: Math.ceil(inChannels / 4),
    outVectors: Math.ceil(outChannels / 4),
  };
}

/** A linear layer is a convolution of one pixel with one tap. */
export function linearShape(batch: number, inFeatures: number, outFeatures: number): ConvolutionShape {
  return {
    batch,
    inHeight: 1,
    inWidth: 1,
    outHeight: 1,
    outWidth: 1,
    kernelSize: 1,
    stride: 1,
    padTop: 0,
    padLeft: 0,
    inVectors: Math.ceil(inFeatures / 4),
    outVectors: Math.ceil(outFeatures / 4),
  };
}

/** Which kernels compute a convolution. `plainGrouped`: groups whose widths are no multiples of four. */
export type ConvolutionKind = 'dense' | 'depthwise' | 'grouped' | 'plainGrouped';

export function convolutionKind({ graph }: GraphFacts, node: ConvolutionNode): ConvolutionKind {
  const inChannels = shapeOf(graph, node.input).at(-1) as number;
  if (node.groups === 1) return 'dense';
  // Depthwise kernels take short runs of pixels that a stride must divide.
  if (node.groups === inChannels && node.outChannels === inChannels && node.stride <= 2) return 'depthwise';
  const isByFour = (inChannels / node.groups) % 4 === 0 && (node.outChannels / node.groups) % 4 === 0;
  return isByFour ? 'grouped' : 'plainGrouped';
}

export function groupedShape(facts: GraphFacts, node: ConvolutionNode): GroupedShape {
  return { ...convolutionShape(facts, node), groups: node.groups };
}

export function plainGroupedShape(facts: GraphFacts, node: ConvolutionNode) {
  const inChannels = shapeOf(facts.graph, node.input).at(-1) as number;
  return { ...groupedShape(facts, node), inChannels, outChannels: node.outChannels };
}

export function poolShape(facts: GraphFacts, node: MaxPoolNode): ConvolutionShape {
  const channels = node.shape.at(-1) as number;
  return convolutionShape(facts, {
    ...node,
    op: 'conv2d',
    name: '',
    groups: channels,
    outChannels: channels,
    hasBias: false,
  });
}

export function picturePoolShape(
  { batch }: GraphFacts,
  { height, width, channels }: { height: number; width: number; channels: number },
  isConcat: boolean,
) {
  return { batch, pixels: height * width, channels, kind: isConcat ? 'concat' : 'average' } as const;
}
