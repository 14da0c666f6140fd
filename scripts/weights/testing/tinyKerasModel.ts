// For tests: a few layers of Keras' ResNet-50 in small, made with tf.layers of random numbers and written as the package has
// them (model.json and shards); and our graph of the same layers.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as layers from '@tensorflow/tfjs-layers';
import type { GraphBuilder, NodeIndex } from '../../../src/engine/graph/graph.ts';
import type { Architecture } from '../../../src/engine/models/architecture.ts';
import * as tf from '../../../src/engine/tf.ts';

export const TINY_IMAGE_SIZE_PX = 32;
const CLASSES = 1000;
const STEM_CHANNELS = 4;
const INNER_CHANNELS = 2;
const OUT_CHANNELS = 8;
const SHARD_COUNT = 3;

/** The stem and one block that strides, as `resnet50-v1` builds them. */
export const TINY_ARCHITECTURE: Architecture = {
  id: 'tiny-resnet',
  label: 'Tiny ResNet',
  imageSizePx: TINY_IMAGE_SIZE_PX,
  featureChannels: OUT_CHANNELS,
  bodyGroups: [['conv1.', 'bn1.'], ['layer2.']],
  body: buildTinyBody,
  classifier: (builder, featureMap, classCount) => builder.linear('fc', builder.averagePool(featureMap), classCount),
};

function buildTinyBody(builder: GraphBuilder, images: NodeIndex): NodeIndex {
  const convolve = (convolution: string, batchNorm: string, input: NodeIndex, channels: number, size = 1, stride = 1) =>
    builder.batchNorm(
      batchNorm,
      builder.conv2d(convolution, input, {
        outChannels: channels,
        kernelSize: size,
        stride,
        padding: (size - 1) / 2,
      }),
      { epsilon: 1e-5, momentum: 0.1 },
    );
  const stem = builder.activation(convolve('conv1', 'bn1', images, STEM_CHANNELS, 7, 2), 'relu');
  const pooled = builder.maxPool(stem, { kernelSize: 3, stride: 2, padding: 1 });
  const block = 'layer2.0';
  let node = builder.activation(convolve(`${block}.conv1`, `${block}.bn1`, pooled, INNER_CHANNELS, 1, 2), 'relu');
  node = builder.activation(convolve(`${block}.conv2`, `${block}.bn2`, node, INNER_CHANNELS, 3), 'relu');
  node = convolve(`${block}.conv3`, `${block}.bn3`, node, OUT_CHANNELS);
  const shortcut = convolve(`${block}.downsample.0`, `${block}.downsample.1`, pooled, OUT_CHANNELS, 1, 2);
  return builder.activation(builder.addNodes(node, shortcut), 'relu');
}

/** The same in Keras' layers and names. Biases and statistics are not what they begin as, so that each of them counts. */
export function makeTinyKerasModel(): layers.LayersModel {
  const { conv2d, batchNormalization, zeroPadding2d, maxPooling2d, activation, globalAveragePooling2d, dense } =
    layers.layers;
  type Node = layers.SymbolicTensor;
  const convolve = (input: Node, name: string, filters: number, kernelSize: number, strides = 1) =>
    conv2d({ name, filters, kernelSize, strides, padding: kernelSize === 3 ? 'same' : 'valid' }).apply(input) as Node;
  const normalise = (input: Node, name: string) => batchNormalization({ name, epsilon: 1e-3 }).apply(input) as Node;
  const relu = (input: Node) => activation({ activation: 'relu' }).apply(input) as Node;
  const images = layers.input({ shape: [TINY_IMAGE_SIZE_PX, TINY_IMAGE_SIZE_PX, 3] });
  const padded = zeroPadding2d({ padding: 3 }).apply(images) as Node;
  const stem = relu(normalise(convolve(padded, 'conv1', STEM_CHANNELS, 7, 2), 'bn_conv1'));
  const pooled = maxPooling2d({ poolSize: 3, strides: 2 }).apply(zeroPadding2d({ padding: 1 }).apply(stem)) as Node;
  let node = relu(normalise(convolve(pooled, 'res3a_branch2a', INNER_CHANNELS, 1, 2), 'bn3a_branch2a'));
  node = relu(normalise(convolve(node, 'res3a_branch2b', INNER_CHANNELS, 3), 'bn3a_branch2b'));
  node = normalise(convolve(node, 'res3a_branch2c', OUT_CHANNELS, 1), 'bn3a_branch2c');
  const shortcut = normalise(convolve(pooled, 'res3a_branch1', OUT_CHANNELS, 1, 2), 'bn3a_branch1');
  const sum = relu(layers.layers.add().apply([node, shortcut]) as Node);
  const mean = globalAveragePooling2d({}).apply(sum) as Node;
  const logits = dense({ name: 'fc1000', units: CLASSES }).apply(mean) as Node;
  const model = layers.model({ inputs: images, outputs: logits });
  const fresh = model.getWeights().map(({ shape }, index) => tf.randomUniform(shape, 0.1, 0.9, 'float32', index + 1));
  model.setWeights(fresh);
  tf.dispose(fresh);
  return model;
}

/** Writes model.json and its shards, as TensorFlow.js' converter does for Keras models. */
export function writeLayersModel(model: layers.LayersModel, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const weights = model.weights.map((weight) => {
    const value = weight.read();
    return { name: weight.originalName, shape: value.shape, values: value.dataSync() as Float32Array };
  });
  const bytes = Buffer.concat(
    weights.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)),
  );
  const shardBytes = Math.ceil(bytes.length / SHARD_COUNT);
  const paths = Array.from({ length: SHARD_COUNT }, (_, index) => `group1-shard${index + 1}of${SHARD_COUNT}.bin`);
  paths.forEach((name, index) => {
    writeFileSync(path.join(folder, name), bytes.subarray(index * shardBytes, (index + 1) * shardBytes));
  });
  const content = {
    format: 'layers-model',
    modelTopology: { model_config: model.toJSON(null, false) },
    weightsManifest: [{ paths, weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) }],
  };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(content));
}
