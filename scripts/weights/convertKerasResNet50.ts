// Keras' ResNet-50 onto our graph of it, `resnet50-v1`. Keras and the engine keep kernels alike ([height, width, in, out]), so
// values are copied; what differs goes into numbers that inference cannot tell apart:
//
// - Keras feeds blue, green, red; we feed red, green, blue: the first kernel's input channels are turned round.
// - Its convolutions have biases before batch norm: norm(x + bias) is norm(x) with a mean that is smaller by the bias.
// - Its batch norms add another epsilon to the variance: the variance takes the difference.

import type { BatchNormNode, ConvolutionNode, Graph, LinearNode, Shape } from '../../src/engine/graph/graph.ts';
import { unexpectedPackage } from './fetchErrors.ts';
import type { LayersModel } from './readLayersModel.ts';

const PICTURE_CHANNELS = 3;

/** PyTorch's name of a layer -> Keras': layer1.0.conv2 -> res2a_branch2b. Source: keras-applications 1.0, resnet50.py. */
export function kerasName(torchName: string): string {
  const ends = new Map([
    ['conv1', 'conv1'],
    ['bn1', 'bn_conv1'],
    ['fc', 'fc1000'],
  ]);
  const end = ends.get(torchName);
  if (end) return end;
  const [, layer, block, part] = torchName.match(/^layer(\d)\.(\d)\.(.+)$/) ?? [];
  if (layer === undefined || block === undefined || part === undefined) throw new RangeError(`No layer ${torchName}.`);
  const place = `${Number(layer) + 1}${'abcdef'[Number(block)]}`;
  const shortcuts = new Map([
    ['downsample.0', `res${place}_branch1`],
    ['downsample.1', `bn${place}_branch1`],
  ]);
  const branch = `branch2${'abc'[Number(part.at(-1)) - 1]}`;
  return shortcuts.get(part) ?? `${part.startsWith('bn') ? 'bn' : 'res'}${place}_${branch}`;
}

/**
 * @param graph the classifier of `resnet50-v1`, or a smaller one with its names
 * @returns a value for every parameter of the graph, in the engine's layout
 * @throws {SetupError} when the model lacks something or has it otherwise
 */
export function convertKerasResNet50(model: LayersModel, graph: Graph): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const node of graph.nodes) {
    if (node.op === 'conv2d') convertConvolution(model, graph, node, values);
    else if (node.op === 'batchNorm') convertBatchNorm(model, graph, node, values);
    else if (node.op === 'linear') convertLinear(model, graph, node, values);
  }
  return values;
}

type Values = Map<string, Float32Array>;

function convertConvolution(model: LayersModel, graph: Graph, node: ConvolutionNode, values: Values): void {
  const name = kerasName(node.name);
  const strides = readSetting(model, name, 'strides');
  if (!Array.isArray(strides) || strides.some((stride) => stride !== node.stride)) {
    throw unexpectedPackage(`its layer ${name} strides by ${strides} instead of ${node.stride}`);
  }
  const kernel = readWeight(model, `${name}/kernel`, graph.parameters.find(isNamed(`${node.name}.weight`))?.shape);
  values.set(`${node.name}.weight`, node.input === 0 ? reverseInputChannels(kernel, node.outChannels) : kernel);
}

/** [height, width, 3, out] with the three the other way round. */
function reverseInputChannels(kernel: Float32Array, outChannels: number): Float32Array {
  const pixelValues = PICTURE_CHANNELS * outChannels;
  return kernel.map((_, index) => {
    const pixel = Math.floor(index / pixelValues);
    const channel = Math.floor((index % pixelValues) / outChannels);
    const reversed = PICTURE_CHANNELS - 1 - channel;
    return kernel[pixel * pixelValues + reversed * outChannels + (index % outChannels)] as number;
  });
}

function convertBatchNorm(model: LayersModel, graph: Graph, node: BatchNormNode, values: Values): void {
  const name = kerasName(node.name);
  const epsilon = readSetting(model, name, 'epsilon');
  if (typeof epsilon !== 'number' || epsilon < node.epsilon) {
    throw unexpectedPackage(`its layer ${name} has the epsilon ${String(epsilon)}`);
  }
  const shape = [graph.nodes[node.input]?.shape.at(-1) as number];
  const convolution = graph.nodes[node.input];
  if (convolution?.op !== 'conv2d') throw new RangeError(`${node.name} does not follow a convolution.`);
  const bias = readWeight(model, `${kerasName(convolution.name)}/bias`, shape);
  const mean = readWeight(model, `${name}/moving_mean`, shape);
  const variance = readWeight(model, `${name}/moving_variance`, shape);
  values.set(`${node.name}.weight`, readWeight(model, `${name}/gamma`, shape));
  values.set(`${node.name}.bias`, readWeight(model, `${name}/beta`, shape));
  values.set(
    `${node.name}.running_mean`,
    mean.map((value, channel) => value - (bias[channel] as number)),
  );
  values.set(
    `${node.name}.running_var`,
    variance.map((value) => value + (epsilon - node.epsilon)),
  );
}

function convertLinear(model: LayersModel, graph: Graph, node: LinearNode, values: Values): void {
  const name = kerasName(node.name);
  values.set(
    `${node.name}.weight`,
    readWeight(model, `${name}/kernel`, graph.parameters.find(isNamed(`${node.name}.weight`))?.shape),
  );
  values.set(`${node.name}.bias`, readWeight(model, `${name}/bias`, node.shape));
}

function isNamed(name: string) {
  return (spec: { readonly name: string }) => spec.name === name;
}

function readSetting(model: LayersModel, layer: string, setting: string): unknown {
  const settings = model.layers.get(layer);
  if (!settings) throw unexpectedPackage(`its layer ${layer} is missing`);
  return settings[setting];
}

/** Throws when the weight is missing, has another shape or holds what is not a finite number. */
function readWeight(model: LayersModel, name: string, shape: Shape | undefined): Float32Array {
  const weight = model.weights.get(name);
  if (!weight) throw unexpectedPackage(`its weight ${name} is missing`);
  if (weight.shape.join() !== shape?.join()) {
    throw unexpectedPackage(`its weight ${name} has the shape [${weight.shape}] instead of [${shape}]`);
  }
  if (!weight.values.every(Number.isFinite)) throw unexpectedPackage(`its weight ${name} is not all numbers`);
  return weight.values;
}
