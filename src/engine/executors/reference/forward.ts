// One pass through a graph with tfjs ops, in training or inference mode. Short and obviously right: it is the oracle.

import { dropoutStream } from '../../graph/dropoutStream.ts';
import {
  type BatchNormNode,
  type ConvolutionNode,
  type Graph,
  type GraphNode,
  inputsOf,
  type NodeIndex,
  readersOf,
  sizeOf,
} from '../../graph/graph.ts';
import { dropoutFactor } from '../../random.ts';
import * as tf from '../../tf.ts';
import { normaliseBatch, normaliseByRunning, scaleAndShift } from './batchNorm.ts';
import { convolve, isDepthwise, padImages, toDepthwiseKernel } from './convolution.ts';
import { maxPool } from './maxPool.ts';

export interface RunningStatistics {
  readonly name: string;
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/**
 * What a batch norm does. batch: normalises by the batch and renews its running statistics; running: normalises by those and keeps
 * them, while scale and shift may learn; frozen: the same, and nothing of it learns.
 */
export type NormMode = 'batch' | 'running' | 'frozen';

export interface ForwardMode {
  readonly parameter: (name: string) => tf.Tensor;
  readonly normMode: (batchNormName: string) => NormMode;
  /** Null leaves dropout out. */
  readonly dropoutSeed: number | null;
  /** Gets the new running statistics of every batch norm in training. */
  readonly onStatistics?: (statistics: RunningStatistics) => void;
}

/** @param inputs [batch, ...graph.inputShape]; @returns [batch, ...graph.outputShape] */
export function runForward(graph: Graph, inputs: tf.Tensor, mode: ForwardMode): tf.Tensor {
  const outputs: tf.Tensor[] = [];
  const at = (index: number) => outputs[index] as tf.Tensor;
  graph.nodes.forEach((node, index) => {
    outputs.push(node.op === 'input' ? inputs : runNode(node, at, mode, dropoutStream(graph, index)));
  });
  return at(outputs.length - 1);
}

/**
 * Runs the nodes that no gradient flows through; an output goes after its last reader. Call it outside of what is differentiated:
 * tfjs would keep every output for a backward pass that does not come here.
 * @param inputs are disposed, too, unless they are of the border.
 * @param flows of each node; @returns outputs of the nodes of `border`, by node; the caller disposes them.
 */
export function runFrozen(
  graph: Graph,
  inputs: tf.Tensor,
  mode: ForwardMode & { readonly flows: readonly boolean[]; readonly border: ReadonlySet<NodeIndex> },
): ReadonlyMap<NodeIndex, tf.Tensor> {
  const { flows, border } = mode;
  const outputs = new Map<NodeIndex, tf.Tensor>();
  const at = (index: number) => outputs.get(index) as tf.Tensor;
  const lastReader = new Map<NodeIndex, NodeIndex>();
  graph.nodes.forEach((node, index) => {
    if (!flows[index]) for (const input of inputsOf(node)) lastReader.set(input, index);
  });
  graph.nodes.forEach((node, index) => {
    if (flows[index]) return;
    if (node.op === 'input') {
      outputs.set(index, inputs);
      return;
    }
    const output = tf.tidy(() => runNode(node, at, mode, dropoutStream(graph, index)));
    // Dropout that drops nothing passes its input through: each output has to be able to go by itself.
    outputs.set(index, inputsOf(node).some((input) => at(input) === output) ? output.clone() : output);
    for (const input of inputsOf(node)) {
      if (lastReader.get(input) !== index || border.has(input)) continue;
      at(input).dispose();
      outputs.delete(input);
    }
  });
  return outputs;
}

/** Runs the other nodes, from what `runFrozen` gave. @returns [batch, ...graph.outputShape] */
export function runLearning(
  graph: Graph,
  border: ReadonlyMap<NodeIndex, tf.Tensor>,
  mode: ForwardMode & { readonly flows: readonly boolean[] },
): tf.Tensor {
  const outputs = new Map(border);
  const at = (index: number) => outputs.get(index) as tf.Tensor;
  graph.nodes.forEach((node, index) => {
    if (!mode.flows[index] || node.op === 'input') return;
    outputs.set(index, runNode(node, at, mode, dropoutStream(graph, index)));
  });
  return at(graph.nodes.length - 1);
}

function runNode(
  node: Exclude<GraphNode, { op: 'input' }>,
  at: (index: number) => tf.Tensor,
  mode: ForwardMode,
  stream: number,
): tf.Tensor {
  switch (node.op) {
    case 'conv2d':
      return runConvolution(node, at(node.input) as tf.Tensor4D, mode);
    case 'batchNorm':
      return runBatchNorm(node, at(node.input), mode);
    case 'activation':
      return rectify(at(node.input), node.kind);
    case 'add':
      return tf.add(at(node.left), at(node.right));
    case 'maxPool':
      return maxPool(at(node.input) as tf.Tensor4D, node);
    case 'concatPool': {
      const images = at(node.input); // [batch, height, width, channel]
      return tf.concat([maxOverPicture(images as tf.Tensor4D), tf.mean(images, [1, 2])], 1); // [batch, 2 * channel]
    }
    case 'averagePool':
      return tf.mean(at(node.input), [1, 2]); // [batch, channel]
    case 'dropout':
      if (mode.dropoutSeed === null || node.rate === 0) return at(node.input);
      return tf.mul(at(node.input), drawDropout(at(node.input).shape, mode.dropoutSeed, stream, node.rate));
    case 'linear':
      return tf.add(
        multiply(at(node.input) as tf.Tensor2D, mode.parameter(`${node.name}.weight`) as tf.Tensor2D),
        mode.parameter(`${node.name}.bias`),
      ); // [batch, out]
  }
}

/**
 * ReLU or ReLU6. What comes back through it is read from its output, which the next layer keeps anyway, and in float32: tfjs-wasm
 * takes ten times as long for a comparison. At 0 and at 6 nothing comes back, as in PyTorch.
 */
const rectify = (input: tf.Tensor, kind: 'relu' | 'relu6'): tf.Tensor =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const value = kind === 'relu' ? tf.relu(x) : tf.relu6(x);
    save([value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [y] = saved as [tf.Tensor];
        return tf.tidy(() => tf.mul(dy, tf.step(kind === 'relu' ? y : tf.mul(y, tf.sub(6, y)))));
      },
    };
  })(input);

/** A factor for each element; streams keep two dropout layers from sharing a mask. */
function drawDropout(shape: number[], seed: number, stream: number, rate: number): tf.Tensor {
  const factors = new Float32Array(sizeOf(shape));
  for (let i = 0; i < factors.length; i++) factors[i] = dropoutFactor(seed, stream, i, rate);
  return tf.tensor(factors, shape);
}

/**
 * [batch, in] x [in, out]. Its gradient transposes beforehand: tfjs-wasm multiplies transposed operands with a slow loop,
 * plain ones with XNNPACK, ten times faster.
 */
const multiply = (inputs: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    // customGrad calls back with the tensors it was given and then its save function.
    const [x, w, save] = args as [tf.Tensor2D, tf.Tensor2D, tf.GradSaveFunc];
    save([x, w]);
    return {
      value: tf.matMul(x, w),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, w] = saved as [tf.Tensor2D, tf.Tensor2D];
        return [tf.matMul(dy as tf.Tensor2D, tf.transpose(w)), tf.matMul(tf.transpose(x), dy as tf.Tensor2D)];
      },
    };
  })(inputs, weight) as tf.Tensor2D;

/**
 * [batch, height, width, channel] -> [batch, channel]. Only the first of equal maxima gets the gradient, as in PyTorch's
 * adaptive max pool; tfjs's own would give all of it to each, and ReLU6 makes equal maxima (6, or 0) all the time.
 */
const maxOverPicture = (images: tf.Tensor4D): tf.Tensor2D => {
  const [batch, height, width, channels] = images.shape;
  return tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    // customGrad calls back with the tensor it was given and then its save function.
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const positions = tf.reshape(x, [batch, height * width, channels]);
    save([positions]);
    return {
      value: tf.max(positions, 1),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        // tfjs makes no one-hot of one position, which a small picture ends as; a second one is never chosen and cut off.
        const positionCount = height * width;
        const chosen = tf.oneHot(tf.argMax(saved[0] as tf.Tensor, 1) as tf.Tensor2D, positionCount + 1); // [batch, channel, position]
        const mask = tf.slice(tf.transpose(tf.cast(chosen, 'float32'), [0, 2, 1]), 0, [batch, positionCount, channels]); // [batch, position, channel]
        return tf.reshape(tf.mul(mask, tf.expandDims(dy, 1)), images.shape);
      },
    };
  })(images) as tf.Tensor2D;
};

function runConvolution(node: ConvolutionNode, images: tf.Tensor4D, mode: ForwardMode): tf.Tensor {
  const kernel = mode.parameter(`${node.name}.weight`) as tf.Tensor4D;
  const output = convolve(images, kernel, node);
  return node.hasBias ? tf.add(output, mode.parameter(`${node.name}.bias`)) : output;
}

function runBatchNorm(node: BatchNormNode, input: tf.Tensor, mode: ForwardMode): tf.Tensor {
  // One value for each channel.
  const scale = mode.parameter(`${node.name}.weight`) as tf.Tensor1D;
  const shift = mode.parameter(`${node.name}.bias`) as tf.Tensor1D;
  const runningMean = mode.parameter(`${node.name}.running_mean`) as tf.Tensor1D;
  const runningVariance = mode.parameter(`${node.name}.running_var`);
  const normMode = mode.normMode(node.name);
  if (normMode !== 'batch') {
    const inverse = tf.rsqrt(tf.add(runningVariance, node.epsilon)) as tf.Tensor1D; // [channel]
    if (normMode === 'running') return normaliseByRunning(input, scale, shift, runningMean, inverse);
    return scaleAndShift(input, tf.mul(scale, inverse), shift, runningMean);
  }
  const { value, mean, variance } = normaliseBatch(input, scale, shift, node.epsilon);
  const count = input.size / (node.shape.at(-1) as number);
  // PyTorch normalises by the biased variance but keeps the unbiased one.
  const unbiased = tf.mul(variance, count / Math.max(count - 1, 1));
  const update = (running: tf.Tensor, batch: tf.Tensor) =>
    tf.add(tf.mul(running, 1 - node.momentum), tf.mul(batch, node.momentum)) as tf.Tensor1D;
  mode.onStatistics?.({
    name: node.name,
    mean: update(runningMean, mean),
    variance: update(runningVariance, unbiased),
  });
  tf.dispose([mean, variance]);
  return value;
}

/**
 * Inference with convolution, bias and activation in one op each: for graphs whose batch norms were folded away.
 * Computes the same as runForward without training, several times faster on every backend.
 */
export function runFusedForward(graph: Graph, inputs: tf.Tensor, parameter: (name: string) => tf.Tensor): tf.Tensor {
  const mode: ForwardMode = { parameter, normMode: () => 'frozen', dropoutSeed: null };
  const outputs: (tf.Tensor | null)[] = [];
  const at = (index: number) => outputs[index] as tf.Tensor;
  const lastUse = findLastUses(graph);
  graph.nodes.forEach((node, index) => {
    if (node.op === 'input') outputs.push(inputs);
    else if (node.op === 'conv2d') outputs.push(runFusedConvolution(graph, node, index, at, parameter));
    else if (node.op === 'activation' && fusedActivation(graph, node.input)) outputs.push(at(node.input));
    else outputs.push(runNode(node, at, mode, index));
    // Feature maps are large: each is let go as soon as its last reader has run, not when the whole pass is over.
    for (const finished of lastUse.get(index) ?? []) {
      const output = outputs[finished];
      if (output && output !== inputs && !outputs.some((other, place) => place !== finished && other === output)) {
        output.dispose();
      }
      outputs[finished] = null;
    }
  });
  return at(outputs.length - 1);
}

function runFusedConvolution(
  graph: Graph,
  node: ConvolutionNode,
  index: number,
  at: (index: number) => tf.Tensor,
  parameter: (name: string) => tf.Tensor,
): tf.Tensor {
  const images = at(node.input) as tf.Tensor4D;
  const kernel = parameter(`${node.name}.weight`) as tf.Tensor4D;
  const depthwise = isDepthwise(images, kernel, node.groups);
  if (node.groups > 1 && !depthwise) {
    const output = convolve(images, kernel, node);
    return node.hasBias ? tf.add(output, parameter(`${node.name}.bias`)) : output;
  }
  const padded = padImages(images, node);
  const options = {
    x: padded,
    strides: node.stride,
    pad: 'valid' as const,
    ...(node.hasBias ? { bias: parameter(`${node.name}.bias`) } : {}),
    activation: fusedActivation(graph, index)?.kind ?? ('linear' as const),
  };
  const output = depthwise
    ? tf.fused.depthwiseConv2d({ ...options, filter: toDepthwiseKernel(kernel) })
    : tf.fused.conv2d({ ...options, filter: kernel });
  if (padded !== images) padded.dispose();
  return output;
}

/** The activation that the convolution at `index` computes along: its one reader. Null where it has none. */
function fusedActivation(graph: Graph, index: number): Extract<GraphNode, { op: 'activation' }> | null {
  const producer = graph.nodes[index];
  if (producer?.op !== 'conv2d') return null;
  if (producer.groups > 1 && producer.groups !== producer.outChannels) return null;
  const [reader, ...others] = readersOf(graph, index);
  return others.length === 0 && reader?.op === 'activation' ? reader : null;
}

/** For each node, the nodes whose output nobody reads after it. */
function findLastUses(graph: Graph): ReadonlyMap<number, number[]> {
  const last = new Map<number, number>();
  graph.nodes.forEach((node, index) => {
    for (const read of inputsOf(node)) last.set(read, index);
  });
  const finishedAt = new Map<number, number[]>();
  for (const [read, index] of last) finishedAt.set(index, [...(finishedAt.get(index) ?? []), read]);
  return finishedAt;
}
