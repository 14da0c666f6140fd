import { describe, expect, test, vi } from 'vitest';
import { foldBatchNorm } from '../../graph/foldBatchNorm.ts';
import { type Graph, GraphBuilder, sizeOf } from '../../graph/graph.ts';
import { addHead, buildHead, initialiseHead } from '../../models/head.ts';
import { LESSON_SGD } from '../../optimizers/optimizer.ts';
import { createRandom } from '../../random.ts';
import { useBackend } from '../../testing/backends.ts';
import { formulaParameters, learnedNames } from '../../testing/contractNetwork.ts';
import { formulaValues, largestRelativeError } from '../../testing/formula.ts';
import * as tf from '../../tf.ts';
import { runForward } from './forward.ts';
import { createReferenceExecutor } from './referenceExecutor.ts';

useBackend('cpu');

const BATCH_NORM = { epsilon: 1e-3, momentum: 0.01 };

/** A body of every kind of convolution, with a bias before one batch norm, max pooling and a residual addition. */
function buildBody(builder: GraphBuilder) {
  let node = builder.conv2d('stem', builder.input, {
    outChannels: 8,
    kernelSize: 3,
    stride: 2,
    padding: 'same',
    hasBias: true,
  });
  node = builder.activation(builder.batchNorm('stemNorm', node, BATCH_NORM), 'relu6');
  node = builder.maxPool(node, { kernelSize: 3, stride: 1, padding: 1 });
  const shortcut = node;
  node = builder.conv2d('depthwise', node, { outChannels: 8, kernelSize: 5, padding: 'same', groups: 8 });
  node = builder.activation(builder.batchNorm('depthwiseNorm', node, BATCH_NORM), 'relu');
  node = builder.conv2d('grouped', node, { outChannels: 8, kernelSize: 3, padding: 1, groups: 2 });
  node = builder.addNodes(builder.batchNorm('groupedNorm', node, BATCH_NORM), shortcut);
  return builder.concatPool(node);
}

describe('batch norm folded into convolutions', () => {
  test('changes no output', async () => {
    const builder = new GraphBuilder([9, 7, 3]);
    buildBody(builder);
    const graph = builder.build();
    const values = formulaParameters(graph);
    const folded = foldBatchNorm(graph, values);
    expect(folded.graph.nodes.some(({ op }) => op === 'batchNorm')).toBe(false);
    const inputs = formulaValues(2 * 9 * 7 * 3, 5);
    const network = await createReferenceExecutor().create(graph, { batchSize: 2, learning: [] });
    network.writeParameters(values);
    const fused = await network.infer({ count: 2, inputs });
    network.dispose();
    const plain = tf.tidy(() => {
      const specs = new Map(graph.parameters.map(({ name, shape }) => [name, [...shape]]));
      const parameter = (name: string) => tf.tensor(values.get(name) as Float32Array, specs.get(name) as number[]);
      const mode = { parameter, normMode: () => 'frozen' as const, dropoutSeed: null };
      return runForward(graph, tf.tensor(inputs, [2, 9, 7, 3]), mode).dataSync();
    });
    expect(largestRelativeError(fused, plain)).toBeLessThan(1e-5);
  });
});

test('the head on cached features answers as the whole network does on the pictures', async () => {
  const bodyBuilder = new GraphBuilder([9, 7, 3]);
  buildBody(bodyBuilder);
  const wholeBuilder = new GraphBuilder([9, 7, 3]);
  addHead(wholeBuilder, buildBody(wholeBuilder), 3);
  const head = buildHead(16, 3);
  const values = new Map([...formulaParameters(bodyBuilder.build()), ...initialiseHead(head, createRandom(1, 'head'))]);
  const executor = createReferenceExecutor();
  const create = async (graph: Graph) => {
    const network = await executor.create(graph, { batchSize: 4, learning: [] });
    network.writeParameters(new Map(graph.parameters.map(({ name }) => [name, values.get(name) as Float32Array])));
    return network;
  };
  const [body, alone, whole] = [
    await create(bodyBuilder.build()),
    await create(head),
    await create(wholeBuilder.build()),
  ];
  const pictures = { count: 4, inputs: formulaValues(4 * 9 * 7 * 3, 3) };
  const cached = await alone.infer({ count: 4, inputs: await body.infer(pictures) });
  const live = await whole.infer(pictures);
  for (const network of [body, alone, whole]) network.dispose();
  expect(largestRelativeError(cached, live)).toBeLessThan(1e-5);
});

test('a batch of 1 and 3 moves fresh statistics a tenth of the way to its mean, 2, and its unbiased variance, 2', async () => {
  const builder = new GraphBuilder([1]);
  builder.linear('last', builder.batchNorm('norm', builder.input, { epsilon: 1e-5, momentum: 0.1 }), 2);
  const graph = builder.build();
  const network = await createReferenceExecutor().create(graph, { batchSize: 2, learning: learnedNames(graph) });
  network.writeParameters(initialiseHead(graph, createRandom(1, 'head')));
  await network.trainStep(
    { count: 2, inputs: Float32Array.of(1, 3), labels: Int32Array.of(0, 1) },
    {
      groups: [{ names: learnedNames(graph), learningRate: 0.1, weightDecay: 0 }],
      rule: LESSON_SGD,
      maxGradientNorm: null,
      dropoutSeed: 1,
    },
  );
  const values = await network.readParameters();
  expect(values.get('norm.running_mean')?.[0]).toBeCloseTo(0.2, 6);
  expect(values.get('norm.running_var')?.[0]).toBeCloseTo(1.1, 6);
  network.dispose();
});

describe('the reference executor', () => {
  const graph = buildHead(6, 2);
  const create = async () => {
    const network = await createReferenceExecutor().create(graph, { batchSize: 4, learning: learnedNames(graph) });
    network.writeParameters(formulaParameters(graph));
    return network;
  };
  const batch = { count: 4, inputs: formulaValues(24, 1), labels: Int32Array.from([0, 1, 0, 1]) };
  const options = {
    groups: [{ names: learnedNames(graph), learningRate: 0.1, weightDecay: 0 }],
    rule: LESSON_SGD,
    maxGradientNorm: null,
    dropoutSeed: 1,
  };

  test('has a step’s loss as soon as the step is done', async () => {
    const network = await create();
    await network.trainStep(batch, options);
    expect(network.takeMetrics().length).toBe(1);
    expect(network.takeMetrics()).toEqual([]);
    network.dispose();
  });

  test('answers with the weights that were there when it was asked', async () => {
    const network = await create();
    const [early, late] = [network.infer(batch), network.infer(batch)];
    network.writeParameters(new Map([['head.fc2.bias', Float32Array.from([5, -5])]]));
    const changed = network.infer(batch);
    expect(await late).toEqual(await early);
    expect(((await changed)[0] as number) - ((await early)[0] as number)).toBeCloseTo(
      5 - (formulaParameters(graph).get('head.fc2.bias')?.[0] as number),
      4,
    );
    network.dispose();
  });

  test('leaves no tensor behind when it is disposed while it answers', async () => {
    const before = tf.memory().numTensors;
    const network = await create();
    const answer = network.infer(batch);
    network.dispose();
    expect((await answer).every(Number.isFinite)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('takes no second step while one is under way', async () => {
    const network = await create();
    const step = network.trainStep(batch, options);
    await expect(network.trainStep(batch, options)).rejects.toThrow('under way');
    await step;
    expect((await network.finishSteps()).length).toBe(1);
    network.dispose();
  });

  test('tells the most memory that was in use, once', async () => {
    const executor = createReferenceExecutor();
    const network = await executor.create(graph, { batchSize: 4, learning: [] });
    await network.infer(batch);
    expect(executor.takePeakBytes()).toBeGreaterThan(sizeOf([6, 512]) * 4);
    expect(executor.takePeakBytes()).toBe(0);
    expect(network.memory).toBeNull();
    network.dispose();
  });

  test('a backend that broke is not asked for anything more, which would hide why', async () => {
    const network = await create();
    const breakDown = () => {
      throw new Error('memory access out of bounds');
    };
    const write = vi.spyOn(tf.backend(), 'write').mockImplementation(breakDown);
    await expect(network.trainStep(batch, options)).rejects.toThrow('WebAssembly ran out of memory in this step');
    write.mockRestore();
    const give = vi.spyOn(tf.backend(), 'disposeData').mockImplementation(breakDown);
    expect(() => network.dispose()).not.toThrow();
    give.mockRestore();
    tf.disposeVariables();
  });
});
