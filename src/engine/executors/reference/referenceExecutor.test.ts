import { describe, expect, test } from 'vitest';
import { foldBatchNorm } from '../../graph/foldBatchNorm.ts';
import { GraphBuilder, type ParameterValues, sizeOf } from '../../graph/graph.ts';
import { addHead, buildHead, initialiseHead } from '../../models/head.ts';
import { createRandom } from '../../random.ts';
import { useBackend } from '../../testing/backends.ts';
import { formulaValues, largestRelativeError } from '../../testing/formula.ts';
import * as tf from '../../tf.ts';
import { runForward } from './forward.ts';
import { createReferenceExecutor } from './referenceExecutor.ts';

useBackend('cpu');

const BATCH_NORM = { epsilon: 1e-3, momentum: 0.01 };

/** A body of every kind of convolution, with a bias before one batch norm and a residual addition. */
function buildBody(builder: GraphBuilder) {
  let node = builder.conv2d('stem', builder.input, {
    outChannels: 8,
    kernelSize: 3,
    stride: 2,
    padding: 'same',
    hasBias: true,
  });
  node = builder.activation(builder.batchNorm('stemNorm', node, BATCH_NORM), 'relu6');
  const shortcut = node;
  node = builder.conv2d('depthwise', node, { outChannels: 8, kernelSize: 5, padding: 'same', groups: 8 });
  node = builder.activation(builder.batchNorm('depthwiseNorm', node, BATCH_NORM), 'relu');
  node = builder.conv2d('grouped', node, { outChannels: 8, kernelSize: 3, padding: 1, groups: 2 });
  node = builder.addNodes(builder.batchNorm('groupedNorm', node, BATCH_NORM), shortcut);
  return builder.concatPool(node);
}

function formulaParameters(graph: {
  parameters: readonly { name: string; kind: string; shape: readonly number[] }[];
}): ParameterValues {
  return new Map(
    graph.parameters.map(({ name, kind, shape }, index) => [
      name,
      formulaValues(sizeOf(shape), index, 0.4, kind === 'runningVariance' || kind === 'scale' ? 1 : 0),
    ]),
  );
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
    const network = createReferenceExecutor().create(graph);
    network.writeParameters(values);
    const fused = await network.infer({ count: 2, inputs });
    network.dispose();
    const plain = tf.tidy(() => {
      const specs = new Map(graph.parameters.map(({ name, shape }) => [name, [...shape]]));
      const parameter = (name: string) => tf.tensor(values.get(name) as Float32Array, specs.get(name) as number[]);
      const mode = { parameter, isTraining: () => false, dropoutSeed: null };
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
  const [body, alone, whole] = [bodyBuilder.build(), head, wholeBuilder.build()].map((graph) => {
    const network = executor.create(graph);
    network.writeParameters(new Map(graph.parameters.map(({ name }) => [name, values.get(name) as Float32Array])));
    return network;
  }) as [ReturnType<typeof executor.create>, ReturnType<typeof executor.create>, ReturnType<typeof executor.create>];
  const pictures = { count: 4, inputs: formulaValues(4 * 9 * 7 * 3, 3) };
  const cached = await alone.infer({ count: 4, inputs: await body.infer(pictures) });
  const live = await whole.infer(pictures);
  for (const network of [body, alone, whole]) network.dispose();
  expect(largestRelativeError(cached, live)).toBeLessThan(1e-5);
});

describe('a fresh head', () => {
  const head = buildHead(1024, 2);
  const values = initialiseHead(head, createRandom(7, 'head'));

  test('has the lesson’s number of learned parameters', () => {
    const count = (features: number) =>
      buildHead(features, 2)
        .parameters.filter(({ isLearned }) => isLearned)
        .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    expect(count(1024)).toBe(528_898);
    expect(count(4096)).toBe(2_107_906);
  });

  test('draws its weights with the lesson’s spread, the final layer too', () => {
    const spread = (name: string) => {
      const weights = values.get(name) as Float32Array;
      return Math.sqrt(weights.reduce((sum, weight) => sum + weight ** 2, 0) / weights.length);
    };
    expect(spread('head.fc1.weight')).toBeCloseTo(0.044194, 3);
    expect(spread('head.fc2.weight') / 0.0625).toBeCloseTo(1, 0);
    expect(values.get('head.fc1.bias')?.every((bias) => bias === 0)).toBe(true);
    expect(values.get('head.bn1.weight')?.every((scale) => scale === 1)).toBe(true);
  });
});

test('dropout draws anew for another seed, the same for the same, and not at all in inference', async () => {
  const builder = new GraphBuilder([64]);
  builder.linear('out', builder.dropout(builder.input, 0.5), 2);
  const graph = builder.build();
  const network = createReferenceExecutor().create(graph);
  const values = formulaParameters(graph);
  network.writeParameters(values);
  const batch = { count: 2, inputs: formulaValues(128, 1), labels: Int32Array.from([0, 1]) };
  const frozen = { groups: [], momentum: 0 };
  const group = { names: ['out.weight'], learningRate: 0, weightDecay: 0 };
  for (const dropoutSeed of [1, 1, 2]) network.trainStep(batch, { ...frozen, groups: [group], dropoutSeed });
  const [first, again, other] = await network.readLosses();
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  expect(await network.infer(batch)).toEqual(await network.infer(batch));
  network.dispose();
});

test('a parameter of the wrong size is refused', () => {
  const network = createReferenceExecutor().create(buildHead(4, 2));
  expect(() => network.writeParameters(new Map([['head.fc1.bias', new Float32Array(3)]]))).toThrow('512');
  expect(() => network.writeParameters(new Map([['nobody', new Float32Array(3)]]))).toThrow('nobody');
  network.dispose();
});
