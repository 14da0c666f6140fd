// Builds the tf.layers model of a graph, as a user of stock tfjs writes it, so that both compute the same network. What
// tf.layers cannot say is refused with a sentence, never approximated.

import * as layers from '@tensorflow/tfjs-layers';
import type {
  BatchNormNode,
  ConvolutionNode,
  Graph,
  GraphNode,
  MaxPoolNode,
  NodeIndex,
  ParameterValues,
  Shape,
} from '../engine/graph/graph.ts';
import { type Padding, resolvePadding } from '../engine/graph/shapes.ts';
import * as tf from '../engine/tf.ts';

export interface StockModel {
  readonly model: layers.LayersModel;
  /** Layers with parameters, by the name of their node. Layer names of their own: tf.layers allows no leading underscore. */
  readonly layersByName: ReadonlyMap<string, layers.layers.Layer>;
}

/** @throws RangeError with a sentence for what tf.layers cannot compute. */
export function buildStockModel(graph: Graph): StockModel {
  refuseImpossible(graph);
  const layersByName = new Map<string, layers.layers.Layer>();
  const outputs: layers.SymbolicTensor[] = [];
  const at = (index: number) => outputs[index] as layers.SymbolicTensor;
  for (const node of graph.nodes)
    outputs.push(applyNode(graph, node, at, (name, layer) => layersByName.set(name, layer)));
  const input = at(0);
  return { model: layers.model({ inputs: input, outputs: outputs.at(-1) as layers.SymbolicTensor }), layersByName };
}

/** Replaces all parameters, running statistics included. */
export function writeStockWeights({ layersByName }: StockModel, graph: Graph, values: ParameterValues): void {
  for (const [name, layer] of layersByName) {
    const parameters = graph.parameters.filter(
      (parameter) => parameter.name.slice(0, parameter.name.lastIndexOf('.')) === name,
    );
    tf.tidy(() => {
      // Both list a layer's parameters in the same order: kernel, bias; scale, shift, running mean, running variance.
      layer.setWeights(
        layer.weights.map((weight, index) => {
          const value = values.get(parameters[index]?.name ?? '');
          if (!value) throw new RangeError(`No value for ${weight.name} of ${name}.`);
          return tf.tensor(value, weight.shape as number[]);
        }),
      );
    });
  }
}

/** What learns, as the variables that a tfjs optimizer takes. */
export function trainableVariables({ model }: StockModel): tf.Variable[] {
  // A weight's value is a tf.Variable; LayersModel.trainOnBatch casts it in the same way.
  return model.trainableWeights.map((weight) => weight.read() as tf.Variable);
}

/** Needs no backend. Throws RangeError with a sentence for what tf.layers cannot compute. */
export function refuseImpossible(graph: Graph): void {
  for (const node of graph.nodes) {
    if (node.op === 'conv2d' && node.groups > 1 && !isDepthwise(graph, node)) {
      const { name, groups } = node;
      throw new RangeError(
        `Not possible in tf.layers: ${name} is a convolution in ${groups} groups, which tfjs does not have.`,
      );
    }
    // A padding of zeros counts as minus infinity only where nothing is below zero.
    if (node.op === 'maxPool' && node.padding > 0 && graph.nodes[node.input]?.op !== 'activation') {
      throw new RangeError('Not possible in tf.layers: padded max pooling of values that may be negative.');
    }
  }
}

function isDepthwise(graph: Graph, { groups, input, outChannels }: ConvolutionNode): boolean {
  return groups > 1 && groups === graph.nodes[input]?.shape[2] && groups === outChannels;
}

type KeepLayer = (name: string, layer: layers.layers.Layer) => void;

function applyNode(
  graph: Graph,
  node: GraphNode,
  at: (index: number) => layers.SymbolicTensor,
  keep: KeepLayer,
): layers.SymbolicTensor {
  switch (node.op) {
    case 'input':
      return layers.input({ shape: [...node.shape] });
    case 'conv2d':
      return convolve(graph, node, at(node.input), keep);
    case 'batchNorm':
      return named(node.name, batchNorm(node), at(node.input), keep);
    case 'linear':
      return named(node.name, layers.layers.dense({ units: node.outFeatures }), at(node.input), keep);
    case 'activation':
      // layers.reLU({ maxValue: 6 }) clips, whose gradient costs more: this is the faster way to say it.
      return apply(layers.layers.activation({ activation: node.kind }), at(node.input));
    case 'add':
      return apply(layers.layers.add(), [at(node.left), at(node.right)]);
    case 'maxPool':
      return maxPool(graph, node, at(node.input));
    case 'averagePool':
      return apply(layers.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }), at(node.input));
    case 'concatPool': {
      const pools = [layers.layers.globalMaxPooling2d, layers.layers.globalAveragePooling2d];
      const pooled = pools.map((pool) => apply(pool({ dataFormat: 'channelsLast' }), at(node.input)));
      return apply(layers.layers.concatenate(), pooled);
    }
    case 'dropout':
      return apply(layers.layers.dropout({ rate: node.rate }), at(node.input));
  }
}

function apply(
  layer: layers.layers.Layer,
  inputs: layers.SymbolicTensor | layers.SymbolicTensor[],
): layers.SymbolicTensor {
  // A layer that is given symbolic tensors answers with one.
  return layer.apply(inputs) as layers.SymbolicTensor;
}

function named(
  name: string,
  layer: layers.layers.Layer,
  input: layers.SymbolicTensor,
  keep: KeepLayer,
): layers.SymbolicTensor {
  keep(name, layer);
  return apply(layer, input);
}

function convolve(
  graph: Graph,
  node: ConvolutionNode,
  input: layers.SymbolicTensor,
  keep: KeepLayer,
): layers.SymbolicTensor {
  const { name, kernelSize, stride: strides, outChannels, hasBias: useBias } = node;
  const { padded, padding } = pad(node, shapeOf(graph, node.input), input);
  const options = { kernelSize, strides, padding, useBias };
  const layer = isDepthwise(graph, node)
    ? layers.layers.depthwiseConv2d({ ...options, depthMultiplier: 1 })
    : layers.layers.conv2d({ ...options, filters: outChannels });
  return named(name, layer, padded, keep);
}

function batchNorm({ epsilon, momentum }: BatchNormNode): layers.layers.Layer {
  // Keras counts momentum the other way round: what is kept of the old value.
  return layers.layers.batchNormalization({ epsilon, momentum: 1 - momentum });
}

function maxPool(graph: Graph, node: MaxPoolNode, input: layers.SymbolicTensor): layers.SymbolicTensor {
  const { padded, padding } = pad(node, shapeOf(graph, node.input), input);
  return apply(layers.layers.maxPooling2d({ poolSize: node.kernelSize, strides: node.stride, padding }), padded);
}

function shapeOf(graph: Graph, index: NodeIndex): Shape {
  // A node reads one that stands before it.
  return graph.nodes[index]?.shape as Shape;
}

interface Padded {
  readonly padded: layers.SymbolicTensor;
  readonly padding: 'same' | 'valid';
}

/** 'same' or 'valid' where they mean what the node means; else a layer of zeros first, as in Keras's own networks. */
function pad(
  { kernelSize, stride, padding }: { kernelSize: number; stride: number; padding: Padding },
  inputShape: Shape,
  input: layers.SymbolicTensor,
): Padded {
  const [height, width] = inputShape as readonly [number, number];
  const sidesBy = (rule: Padding): [[number, number], [number, number]] => {
    const [rows, columns] = [height, width].map((size) => resolvePadding(rule, size, kernelSize, stride));
    return [
      [rows?.before ?? 0, rows?.after ?? 0],
      [columns?.before ?? 0, columns?.after ?? 0],
    ];
  };
  const wanted = sidesBy(padding);
  if (wanted.flat().every((zeros) => zeros === 0)) return { padded: input, padding: 'valid' };
  if (wanted.join() === sidesBy('same').join()) return { padded: input, padding: 'same' };
  return { padded: apply(layers.layers.zeroPadding2d({ padding: wanted }), input), padding: 'valid' };
}
