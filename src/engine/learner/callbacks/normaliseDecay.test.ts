import { expect, test } from 'vitest';
import type { Network, TrainStepOptions } from '../../executors/executor.ts';
import { GraphBuilder } from '../../graph/graph.ts';
import { LESSON_SGD } from '../../optimizers/optimizer.ts';
import { createRandom } from '../../random.ts';
import { fit } from '../learner.ts';
import { normaliseDecay } from './normaliseDecay.ts';

test('every batch trains with the decay of its cycle’s length, for each group in its proportion', async () => {
  const decays: number[][] = [];
  const builder = new GraphBuilder([1]);
  builder.linear('last', builder.input, 2);
  const network: Network = {
    graph: builder.build(),
    memory: null,
    keepsStatistics: false,
    async trainStep(_: unknown, { groups }: TrainStepOptions) {
      decays.push(groups.map(({ weightDecay }) => weightDecay));
    },
    takeMetrics: () => [{ loss: 1, correctCount: 0 }],
    finishSteps: async () => [],
    infer: async () => new Float32Array(2),
    readParameters: async () => new Map(),
    writeParameters() {},
    readState: async () => {
      throw new Error('Nobody asks for its state.');
    },
    writeState() {},
    resetOptimizer() {},
    dispose() {},
  };
  const batch = { count: 1, inputs: new Float32Array(1), labels: Int32Array.of(0) };
  const learner = {
    network,
    groups: [
      { names: ['last.weight'], learningRate: 1, weightDecay: 0.01 },
      { names: ['last.bias'], learningRate: 1, weightDecay: 0 },
    ],
    rule: LESSON_SGD,
    maxGradientNorm: null,
  };
  await fit(learner, {
    train: {
      ...{ itemCount: 4, batchesPerEpoch: 4, largestBatch: 1 },
      batchesAfter: (itemCount) => 4 - itemCount,
      epoch: () => [batch, batch, batch, batch],
    },
    valid: null,
    epochCount: 5,
    shuffleRandom: createRandom(1, 'shuffle'),
    dropoutRandom: createRandom(1, 'dropout'),
    callbacks: [normaliseDecay([4, 20])],
    signal: { aborted: false },
  });
  expect(decays).toHaveLength(20);
  for (const [index, [decay, none]] of decays.entries()) {
    expect(decay).toBeCloseTo(index < 4 ? 0.005 : 0.0025, 12);
    expect(none).toBe(0);
  }
});
