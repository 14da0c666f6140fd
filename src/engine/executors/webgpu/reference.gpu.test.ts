import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, test } from 'vitest';
import { GraphBuilder, type NodeIndex } from '../../graph/graph.ts';
import { addHead } from '../../models/head.ts';
import { type ComparedTraining, expectSameAsReference } from '../../testing/compareExecutors.ts';
import { createTestExecutor, useGpu } from '../../testing/gpu.ts';
import * as tf from '../../tf.ts';
import { createReferenceExecutor } from '../reference/referenceExecutor.ts';
import { type ChooseTile, chooseFixedTile } from './plan/tiles.ts';

const gpu = useGpu();
const NORM = { epsilon: 1e-3, momentum: 0.1 };

beforeAll(async () => {
  await tf.setBackend('cpu');
});

async function expectSame(training: ComparedTraining, chooseTile?: ChooseTile): Promise<void> {
  await expectSameAsReference(createTestExecutor(gpu(), chooseTile), createReferenceExecutor(), training);
}

function convolveNormalised(
  builder: GraphBuilder,
  name: string,
  input: NodeIndex,
  options: { outChannels: number; kernelSize: number; stride?: number; groups?: number },
): NodeIndex {
  const padding = (options.kernelSize - 1) / 2;
  return builder.batchNorm(`${name}Norm`, builder.conv2d(name, input, { ...options, padding }), NORM);
}

/** A residual network in small: odd sizes, channels that are no multiple of four, strides, a pool with ties, both kinds of block. */
function buildResidual(): GraphBuilder {
  const builder = new GraphBuilder([15, 13, 3]);
  const stem = convolveNormalised(builder, 'stem', builder.input, { outChannels: 6, kernelSize: 7, stride: 2 });
  let node = builder.maxPool(builder.activation(stem, 'relu'), { kernelSize: 3, stride: 2, padding: 1 });
  for (const [name, outChannels, stride] of [
    ['first', 6, 1],
    ['second', 10, 2],
  ] as const) {
    const inner = convolveNormalised(builder, `${name}A`, node, { outChannels, kernelSize: 3, stride });
    const main = convolveNormalised(builder, `${name}B`, builder.activation(inner, 'relu'), {
      outChannels,
      kernelSize: 3,
    });
    const shortcut =
      stride === 1 ? node : convolveNormalised(builder, `${name}Down`, node, { outChannels, kernelSize: 1, stride });
    node = builder.activation(builder.addNodes(main, shortcut), 'relu');
  }
  return withHead(builder, builder.concatPool(node));
}

function withHead(builder: GraphBuilder, features: NodeIndex): GraphBuilder {
  let node = builder.dropout(builder.batchNorm('head.bn1', features, NORM), 0.25);
  node = builder.activation(builder.linear('head.fc1', node, 9), 'relu');
  builder.linear('head.fc2', builder.dropout(builder.batchNorm('head.bn2', node, NORM), 0.5), 3);
  return builder;
}

/** An inverted bottleneck network in small: depthwise 5x5 and 3x3, strides, ReLU6, linear bottlenecks that are added. */
function buildMobile(): GraphBuilder {
  const builder = new GraphBuilder([14, 11, 3]);
  const stem = builder.conv2d('stem', builder.input, { outChannels: 10, kernelSize: 3, stride: 2, padding: 'same' });
  let node = builder.activation(builder.batchNorm('stemNorm', stem, NORM), 'relu6');
  for (const [name, kernelSize, stride] of [
    ['first', 5, 1],
    ['second', 3, 2],
    ['third', 5, 2],
    ['fourth', 3, 1],
  ] as const) {
    const before = node;
    const wide = builder.activation(
      convolveNormalised(builder, `${name}Expand`, node, { outChannels: 18, kernelSize: 1 }),
      'relu6',
    );
    const depthwise = builder.conv2d(`${name}Depthwise`, wide, {
      outChannels: 18,
      kernelSize,
      stride,
      padding: 'same',
      groups: 18,
    });
    const inner = builder.activation(builder.batchNorm(`${name}DepthwiseNorm`, depthwise, NORM), 'relu6');
    node = convolveNormalised(builder, `${name}Project`, inner, { outChannels: 10, kernelSize: 1 });
    if (stride === 1) node = builder.addNodes(node, before);
  }
  builder.linear('last', builder.averagePool(node), 5);
  return builder;
}

/** Everything that networks of the studio do not do, and a graph may: groups of odd width, biases, nodes with many readers. */
function buildUnusual(): GraphBuilder {
  const builder = new GraphBuilder([9, 9, 5]);
  const first = builder.conv2d('biased', builder.input, { outChannels: 6, kernelSize: 3, padding: 1, hasBias: true });
  const shared = builder.activation(first, 'relu');
  const odd = builder.conv2d('odd', shared, {
    outChannels: 8,
    kernelSize: 3,
    stride: 2,
    padding: 1,
    groups: 2,
    hasBias: true,
  });
  const normal = builder.batchNorm('oddNorm', odd, NORM);
  // The batch norm is read by its activation, by a sum and by a convolution.
  const active = builder.activation(normal, 'relu6');
  const grouped = convolveNormalised(builder, 'grouped', builder.addNodes(normal, active), {
    outChannels: 16,
    kernelSize: 3,
    groups: 2,
  });
  const wide = convolveNormalised(builder, 'wide', normal, { outChannels: 16, kernelSize: 1 });
  const again = builder.activation(builder.activation(builder.addNodes(grouped, wide), 'relu6'), 'relu');
  const strided = builder.conv2d('strided', again, {
    outChannels: 16,
    kernelSize: 3,
    stride: 2,
    padding: 1,
    groups: 4,
    hasBias: true,
  });
  const side = convolveNormalised(builder, 'side', shared, { outChannels: 16, kernelSize: 5, stride: 2 });
  const pooled = builder.maxPool(side, { kernelSize: 2, stride: 2, padding: 0 });
  const cut = builder.conv2d('cut', strided, { outChannels: 16, kernelSize: 2, padding: 0 });
  builder.linear('last', builder.concatPool(builder.addNodes(cut, pooled)), 3);
  return builder;
}

describe('on the device and on the reference executor, training is the same for', () => {
  test('a residual network with its head, short batches included', async () => {
    await expectSame({ graph: buildResidual().build(), batchSize: 6, counts: [6, 6, 4] });
  });

  test('the same network with the tiles of a graphics card', async () => {
    const graph = buildResidual().build();
    await expectSame({ graph, batchSize: 6, counts: [6, 4] }, chooseFixedTile);
  });

  test('the same network with its stem and first block frozen', async () => {
    const frozen = ['stem', 'first'];
    await expectSame({ graph: buildResidual().build(), batchSize: 6, counts: [6, 5], frozen });
  });

  test('the same network with a frozen middle that gradients pass through', async () => {
    const frozen = ['second', 'firstB'];
    await expectSame({ graph: buildResidual().build(), batchSize: 6, counts: [6, 5], frozen });
  });

  test('the same network with batch norms that stay while their convolutions learn', async () => {
    const frozen = ['stemNorm', 'firstANorm', 'firstBNorm', 'secondANorm', 'secondBNorm', 'secondDownNorm'];
    await expectSame({ graph: buildResidual().build(), batchSize: 6, counts: [6, 5], frozen });
  });

  test('the same network with running statistics that are kept while all else learns', async () => {
    await expectSame({ graph: buildResidual().build(), batchSize: 6, counts: [6, 5], keepsStatistics: true });
  });

  test('the same network with statistics kept, a frozen stem, and a batch norm of which only the shift learns', async () => {
    const frozen = ['stem', 'firstB', 'secondANorm.weight'];
    await expectSame({ graph: buildResidual().build(), batchSize: 6, counts: [6, 5], frozen, keepsStatistics: true });
  });

  test('the same network with nothing but its head learning', async () => {
    const frozen = ['stem', 'first', 'second'];
    await expectSame({ graph: buildResidual().build(), batchSize: 6, counts: [6, 5], frozen });
  });

  test('an inverted bottleneck network', async () => {
    await expectSame({ graph: buildMobile().build(), batchSize: 5, counts: [5, 5, 3] });
  });

  test('an inverted bottleneck network that keeps its statistics', async () => {
    await expectSame({ graph: buildMobile().build(), batchSize: 5, counts: [5, 3], keepsStatistics: true });
  });

  test('groups of odd width, biases, and nodes with many readers', async () => {
    await expectSame({ graph: buildUnusual().build(), batchSize: 4, counts: [4, 3] });
  });

  test('the same with statistics that are kept', async () => {
    await expectSame({ graph: buildUnusual().build(), batchSize: 4, counts: [4, 3], keepsStatistics: true });
  });

  test('several true classes', async () => {
    const builder = new GraphBuilder([7]);
    addHead(builder, builder.input, 6);
    await expectSame({ graph: builder.build(), batchSize: 9, counts: [9, 7], loss: 'binaryCrossEntropy' });
  });

  describe('more classes than lanes', () => {
    const classCount = 131;
    const builder = new GraphBuilder([12]);
    builder.linear('last', builder.input, classCount);
    const training = { graph: builder.build(), batchSize: 21, counts: [21, 20] };

    test('that count alike', async () => {
      await expectSame(training);
    });

    test('that weigh from nothing to ten times as much', async () => {
      await expectSame({ ...training, classWeights: Float32Array.from({ length: classCount }, (_, c) => c % 11) });
    });
  });
});
