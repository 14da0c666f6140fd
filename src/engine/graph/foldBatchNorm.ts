// Frozen batch norm is a per-channel scale and shift, so it disappears into the convolution before it:
// w' = w * gamma / sqrt(variance + epsilon), b' = beta + (b - mean) * gamma / sqrt(variance + epsilon).

import { type Graph, GraphBuilder, type GraphNode, type NodeIndex, type ParameterValues, readersOf } from './graph.ts';

export interface FoldedNetwork {
  readonly graph: Graph;
  readonly values: ParameterValues;
}

/** A graph for inference that computes the same, with every batch norm behind a convolution folded into it. */
export function foldBatchNorm(graph: Graph, values: ParameterValues): FoldedNetwork {
  const builder = new GraphBuilder(graph.inputShape);
  const folded = new Map<string, Float32Array>();
  const newIndexOf = new Map<NodeIndex, NodeIndex>([[0, 0]]);
  const at = (old: NodeIndex): NodeIndex => {
    const index = newIndexOf.get(old);
    if (index === undefined) throw new RangeError(`Node ${old} is used before it is made.`);
    return index;
  };

  graph.nodes.forEach((node, index) => {
    if (node.op === 'input') return;
    const producer = node.op === 'batchNorm' ? graph.nodes[node.input] : undefined;
    if (node.op === 'batchNorm' && producer?.op === 'conv2d' && readersOf(graph, node.input).length === 1) {
      foldInto(producer.name, producer.hasBias, producer.outChannels, node, values, folded);
      newIndexOf.set(index, at(node.input));
      return;
    }
    if (node.op === 'conv2d') {
      const readers = readersOf(graph, index);
      const isFolded = readers.length === 1 && readers[0]?.op === 'batchNorm';
      copy(`${node.name}.weight`, values, folded);
      if (node.hasBias) copy(`${node.name}.bias`, values, folded);
      newIndexOf.set(index, builder.conv2d(node.name, at(node.input), { ...node, hasBias: node.hasBias || isFolded }));
      return;
    }
    newIndexOf.set(index, copyNode(builder, node, at, values, folded));
  });
  return { graph: builder.build(), values: folded };
}

function foldInto(
  convolution: string,
  hasBias: boolean,
  outChannels: number,
  batchNorm: Extract<GraphNode, { op: 'batchNorm' }>,
  values: ParameterValues,
  folded: Map<string, Float32Array>,
): void {
  const gamma = read(values, `${batchNorm.name}.weight`);
  const beta = read(values, `${batchNorm.name}.bias`);
  const mean = read(values, `${batchNorm.name}.running_mean`);
  const variance = read(values, `${batchNorm.name}.running_var`);
  const factor = gamma.map((g, channel) => g / Math.sqrt((variance[channel] as number) + batchNorm.epsilon));
  // The output channel is the last dimension of a kernel, so it runs fastest.
  const kernel = read(values, `${convolution}.weight`).map(
    (weight, index) => weight * (factor[index % outChannels] as number),
  );
  const bias = beta.map((b, channel) => {
    const before = hasBias ? (read(values, `${convolution}.bias`)[channel] as number) : 0;
    return b + (before - (mean[channel] as number)) * (factor[channel] as number);
  });
  folded.set(`${convolution}.weight`, kernel);
  folded.set(`${convolution}.bias`, bias);
}

function copyNode(
  builder: GraphBuilder,
  node: GraphNode,
  at: (old: NodeIndex) => NodeIndex,
  values: ParameterValues,
  folded: Map<string, Float32Array>,
): NodeIndex {
  switch (node.op) {
    case 'batchNorm':
      for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
        copy(`${node.name}.${part}`, values, folded);
      return builder.batchNorm(node.name, at(node.input), node);
    case 'linear':
      for (const part of ['weight', 'bias']) copy(`${node.name}.${part}`, values, folded);
      return builder.linear(node.name, at(node.input), node.outFeatures);
    case 'activation':
      return builder.activation(at(node.input), node.kind);
    case 'add':
      return builder.addNodes(at(node.left), at(node.right));
    case 'maxPool':
      return builder.maxPool(at(node.input), node);
    case 'concatPool':
      return builder.concatPool(at(node.input));
    case 'averagePool':
      return builder.averagePool(at(node.input));
    case 'dropout':
      return builder.dropout(at(node.input), node.rate);
    case 'conv2d':
    case 'input':
      throw new RangeError(`${node.op} is copied by the caller.`);
  }
}

function copy(name: string, values: ParameterValues, folded: Map<string, Float32Array>): void {
  if (!folded.has(name)) folded.set(name, read(values, name));
}

function read(values: ParameterValues, name: string): Float32Array {
  const value = values.get(name);
  if (!value) throw new RangeError(`No value for the parameter ${name}.`);
  return value;
}
