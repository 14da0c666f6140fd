import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../engine/executors/reference/referenceExecutor.ts';
import { type Graph, GraphBuilder, type ParameterValues, sizeOf } from '../engine/graph/graph.ts';
import { findArchitecture } from '../engine/models/catalog.ts';
import { buildClassifier, buildHead } from '../engine/models/head.ts';
import { LESSON_SGD } from '../engine/optimizers/optimizer.ts';
import { createRandom } from '../engine/random.ts';
import { useBackend } from '../engine/testing/backends.ts';
import * as tf from '../engine/tf.ts';
import { randomParameters } from './randomInputs.ts';
import { buildStockModel, type StockModel, writeStockWeights } from './stockLayers.ts';
import { trainStockStep } from './stockSteps.ts';

useBackend('cpu');

const NORM = { epsilon: 1e-3, momentum: 0.1 };

/** Every node that a network of the bench has, with paddings that tf.layers has a name for and such that it has not. */
function buildEveryNode(): Graph {
  const builder = new GraphBuilder([12, 12, 3]);
  const stem = builder.conv2d('_stem', builder.input, { outChannels: 8, kernelSize: 5, stride: 2, padding: 2 });
  const active = builder.activation(builder.batchNorm('_stemNorm', stem, NORM), 'relu6');
  const pooled = builder.maxPool(active, { kernelSize: 3, stride: 2, padding: 1 });
  const same = { outChannels: 8, kernelSize: 3, stride: 1, padding: 'same' as const };
  const depthwise = builder.conv2d('depthwise', pooled, { ...same, groups: 8 });
  const inner = builder.activation(builder.batchNorm('depthwiseNorm', depthwise, NORM), 'relu');
  const dense = builder.conv2d('dense', inner, { ...same, padding: 1, hasBias: true });
  const sum = builder.addNodes(builder.batchNorm('denseNorm', dense, NORM), pooled);
  const strided = builder.conv2d('strided', sum, { ...same, stride: 2 });
  builder.linear('last', builder.dropout(builder.concatPool(strided), 0), 4);
  return builder.build();
}

function randomInputs(graph: Graph, batch: number): Float32Array {
  const random = createRandom(5, 'inputs');
  return Float32Array.from({ length: batch * sizeOf(graph.inputShape) }, () => random.normal());
}

/** Running statistics that are not those of a fresh network, or a wrong epsilon would not show. */
function unusualParameters(graph: Graph): ParameterValues {
  const random = createRandom(6, 'statistics');
  const values = new Map(randomParameters(graph, 3));
  for (const { name, kind, shape } of graph.parameters) {
    if (kind === 'runningVariance')
      values.set(
        name,
        Float32Array.from({ length: sizeOf(shape) }, () => 0.5 + random.uniform()),
      );
    else if (kind !== 'kernel' && kind !== 'weight') {
      values.set(
        name,
        Float32Array.from({ length: sizeOf(shape) }, () => (kind === 'scale' ? 1 : 0) + 0.2 * random.normal()),
      );
    }
  }
  return values;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  expect(actual.length, what).toBe(expected.length);
  const largest = Math.max(1e-6, ...Array.from(expected, Math.abs));
  const error = Math.max(...Array.from(expected, (value, index) => Math.abs((actual[index] as number) - value)));
  expect(error / largest, what).toBeLessThan(1e-4);
}

async function compareInference(graph: Graph, batch: number): Promise<void> {
  const [parameters, inputs] = [unusualParameters(graph), randomInputs(graph, batch)];
  const network = await createReferenceExecutor().create(graph, { batchSize: batch, learning: [] });
  network.writeParameters(parameters);
  const expected = await network.infer({ count: batch, inputs });
  network.dispose();
  const stock = buildStockModel(graph);
  writeStockWeights(stock, graph, parameters);
  const images = tf.tensor(inputs, [batch, ...graph.inputShape]);
  const output = stock.model.predictOnBatch(images) as tf.Tensor;
  expectClose(await output.data(), expected, 'the output');
  tf.dispose([images, output]);
  stock.model.dispose();
}

describe('stock’s model infers what the reference executor does', () => {
  test('with every kind of node', async () => compareInference(buildEveryNode(), 2));

  test('for the lesson’s head', async () => compareInference(buildHead(24, 5), 3));

  test.each(['resnet18', 'resnet50', 'mobilenet-v2', 'efficientnet-lite0'])('for %s', async (id) =>
    compareInference(buildClassifier(findArchitecture(id), 32, 10), 1),
  );
});

async function readStockWeights({ layersByName }: StockModel): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const found = new Map<string, ArrayLike<number>>();
  for (const [name, layer] of layersByName) {
    for (const [index, weight] of layer.weights.entries()) found.set(`${name} ${index}`, await weight.read().data());
  }
  return found;
}

test('stock’s training step changes what the reference executor’s does', async () => {
  const graph = buildEveryNode();
  const [parameters, inputs, labels] = [
    unusualParameters(graph),
    randomInputs(graph, 4),
    Int32Array.from([3, 0, 1, 3]),
  ];
  const learning = graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
  const network = await createReferenceExecutor().create(graph, { batchSize: 4, learning });
  network.writeParameters(parameters);
  const stock = buildStockModel(graph);
  writeStockWeights(stock, graph, parameters);
  const optimizer = tf.train.momentum(0.1, 0.9);
  const images = tf.tensor(inputs, [4, ...graph.inputShape]);
  const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), 4));
  for (let step = 0; step < 2; step++) {
    const groups = [{ names: learning, learningRate: 0.1, weightDecay: 0 }];
    await network.trainStep(
      { count: 4, inputs, labels },
      { groups, rule: LESSON_SGD, maxGradientNorm: null, dropoutSeed: 1 },
    );
    const loss = trainStockStep(stock, optimizer, images, oneHot);
    expectClose(
      await loss.data(),
      (await network.finishSteps()).map((metrics) => metrics.loss),
      'the loss',
    );
    loss.dispose();
  }
  const expected = await network.readParameters();
  const actual = await readStockWeights(stock);
  for (const { name, kind } of graph.parameters) {
    // tf.layers keeps the biased variance of a batch, PyTorch and the studio the unbiased one.
    if (kind === 'runningVariance') continue;
    const order = { kernel: 0, weight: 0, bias: 1, scale: 0, shift: 1, runningMean: 2 }[kind];
    const layer = name.slice(0, name.lastIndexOf('.'));
    expectClose(actual.get(`${layer} ${order}`) ?? [], expected.get(name) ?? [], name);
  }
  optimizer.dispose();
  // MomentumOptimizer.dispose forgets the scalar of its parent class.
  tf.dispose([images, oneHot, (optimizer as unknown as { c: tf.Scalar }).c]);
  stock.model.dispose();
  network.dispose();
});

test('grouped convolutions are refused with a sentence', () => {
  expect(() => buildStockModel(buildClassifier(findArchitecture('resnext50'), 32, 10))).toThrow(
    /Not possible in tf.layers: .* 32 groups/,
  );
});

test('padded pooling of values that may be negative is refused with a sentence', () => {
  const builder = new GraphBuilder([6, 6, 3]);
  builder.maxPool(builder.input, { kernelSize: 3, stride: 2, padding: 1 });
  expect(() => buildStockModel(builder.build())).toThrow('may be negative');
});
