import { describe, expect, test } from 'vitest';
import { type Graph, GraphBuilder, type ParameterValues, sizeOf } from '../../graph/graph.ts';
import { fromTorchLayout } from '../../models/weights/tensorLayout.ts';
import { useBackend } from '../../testing/backends.ts';
import { readJson } from '../../testing/fixtures.ts';
import { formulaValues, largestRelativeError } from '../../testing/formula.ts';
import { createReferenceExecutor } from './referenceExecutor.ts';

interface Formula {
  shape: number[];
  offset: number;
  scale: number;
  salt: number;
}

interface Run {
  losses: number[];
  evaluationLogits: number[];
  final: Record<string, number[]>;
}

interface TrainingFixture {
  batchNorm: { epsilon: number; momentum: number };
  optimizer: { learningRate: number; momentum: number; weightDecay: number };
  batches: { shape: number[]; scale: number; salts: number[]; labels: number[][]; evaluationSalt: number };
  initial: Record<string, Formula>;
}

/** PyTorch is the truth: losses, every parameter, running statistics and logits after a few SGD steps. */
async function expectSameTraining(
  graph: Graph,
  fixture: TrainingFixture,
  expected: Run,
  frozen: readonly string[] = [],
) {
  const network = createReferenceExecutor().create(graph);
  network.writeParameters(initialValues(graph, fixture));
  const before = await network.readParameters();
  const names = graph.parameters.map(({ name }) => name);
  const learning = names.filter((name) => !frozen.some((prefix) => name.startsWith(`${prefix}.`)));
  const { shape, scale, salts, labels, evaluationSalt } = fixture.batches;
  salts.forEach((salt, step) => {
    const inputs = formulaValues(sizeOf(shape), salt, scale);
    network.trainStep(
      { count: shape[0] as number, inputs, labels: Int32Array.from(labels[step] as number[]) },
      { groups: [{ names: learning, ...fixture.optimizer }], momentum: fixture.optimizer.momentum, dropoutSeed: step },
    );
  });
  const losses = await network.readLosses();
  const after = await network.readParameters();
  const logits = await network.infer({
    count: shape[0] as number,
    inputs: formulaValues(sizeOf(shape), evaluationSalt, scale),
  });
  network.dispose();

  expect(largestRelativeError(losses, expected.losses)).toBeLessThan(1e-4);
  expect(largestRelativeError(logits, expected.evaluationLogits)).toBeLessThan(1e-4);
  for (const spec of graph.parameters) {
    const value = after.get(spec.name) as Float32Array;
    if (learning.includes(spec.name)) {
      const truth = fromTorchLayout(spec, Float32Array.from(expected.final[spec.name] as number[]));
      expect(largestRelativeError(value, truth), spec.name).toBeLessThan(1e-4);
    } else expect([...value], `${spec.name} is frozen`).toEqual([...(before.get(spec.name) as Float32Array)]);
  }
}

function initialValues(graph: Graph, { initial }: TrainingFixture): ParameterValues {
  return new Map(
    graph.parameters.map((spec) => {
      const { offset, scale, salt } = initial[spec.name] as Formula;
      return [spec.name, fromTorchLayout(spec, formulaValues(sizeOf(spec.shape), salt, scale, offset))];
    }),
  );
}

// The ladder's last two rungs train everything too, with gradients that wasm lacks made of ops that it has.
describe.each(['cpu', 'wasm'] as const)('on the %s backend', (backend) => {
  useBackend(backend);

  test('a head trained with SGD, momentum and weight decay equals PyTorch after five steps', async () => {
    const fixture = readJson<TrainingFixture & Run>('fixtures/parity/headTraining.json');
    const builder = new GraphBuilder([10]);
    let node = builder.dropout(builder.batchNorm('0', builder.input, fixture.batchNorm), 0);
    node = builder.activation(builder.linear('2', node, 16), 'relu');
    node = builder.dropout(builder.batchNorm('4', node, fixture.batchNorm), 0);
    builder.linear('6', node, 3);
    await expectSameTraining(builder.build(), fixture, fixture);
  });

  describe('a small convolutional network with a residual block', () => {
    const fixture = readJson<TrainingFixture & { runs: { whole: Run; stemFrozen: Run }; frozenInStemFrozen: string[] }>(
      'fixtures/parity/smallNetworkTraining.json',
    );
    const builder = new GraphBuilder([12, 12, 3]);
    let node = builder.conv2d('_conv_stem', builder.input, {
      outChannels: 8,
      kernelSize: 3,
      stride: 2,
      padding: 'same',
    });
    node = builder.activation(builder.batchNorm('_bn0', node, fixture.batchNorm), 'relu6');
    const stem = node;
    node = builder.conv2d('_blocks.0._depthwise_conv', node, {
      outChannels: 8,
      kernelSize: 3,
      padding: 'same',
      groups: 8,
    });
    node = builder.activation(builder.batchNorm('_blocks.0._bn1', node, fixture.batchNorm), 'relu6');
    node = builder.conv2d('_blocks.0._project_conv', node, { outChannels: 8, kernelSize: 1, padding: 0 });
    node = builder.addNodes(builder.batchNorm('_blocks.0._bn2', node, fixture.batchNorm), stem);
    builder.linear('_fc', builder.concatPool(node), 3);
    const graph = builder.build();

    test('trains as in PyTorch, every parameter and running statistic', async () => {
      await expectSameTraining(graph, fixture, fixture.runs.whole);
    });

    test('keeps a frozen stem and its statistics bit-identical while the rest trains as in PyTorch', async () => {
      await expectSameTraining(graph, fixture, fixture.runs.stemFrozen, fixture.frozenInStemFrozen);
    });
  });
});
