import { expect, test } from 'vitest';
import type { Network } from '../../executors/executor.ts';
import { GraphBuilder } from '../../graph/graph.ts';
import { LESSON_SGD } from '../../optimizers/optimizer.ts';
import { createRandom } from '../../random.ts';
import { cosineRestarts } from '../../schedules/cosineRestarts.ts';
import type { Callback } from '../callback.ts';
import { fit } from '../learner.ts';
import { keepCycleSnapshots } from './keepCycleSnapshots.ts';

const BATCHES_PER_EPOCH = 10;
const schedule = cosineRestarts({ cycles: 3, firstCycleBatches: BATCHES_PER_EPOCH, cycleMultiplier: 2 });

/** Its only weight is the number of steps it has made. */
function createCountingNetwork(): Network {
  let steps = 0;
  const builder = new GraphBuilder([1]);
  builder.linear('last', builder.input, 2);
  return {
    graph: builder.build(),
    memory: null,
    keepsStatistics: false,
    async trainStep() {
      steps += 1;
    },
    takeMetrics: () => [],
    finishSteps: async () =>
      Array.from({ length: steps }, () => ({ loss: 1, correctCount: 0 })).slice(-BATCHES_PER_EPOCH),
    infer: async ({ count }) => new Float32Array(2 * count),
    readParameters: async () => new Map([['last.weight', Float32Array.of(steps)]]),
    writeParameters() {},
    readState: async () => {
      throw new Error('Nobody asks for its state.');
    },
    writeState() {},
    resetOptimizer() {},
    dispose() {},
  };
}

async function train(network: Network, callbacks: Callback[], batchesPerEpoch = BATCHES_PER_EPOCH) {
  const batch = { count: 1, inputs: new Float32Array(1), labels: Int32Array.of(0) };
  return await fit(
    {
      network,
      groups: [{ names: ['last.weight', 'last.bias'], learningRate: 1, weightDecay: 0 }],
      rule: LESSON_SGD,
      maxGradientNorm: null,
    },
    {
      train: {
        itemCount: batchesPerEpoch,
        batchesPerEpoch,
        largestBatch: 1,
        batchesAfter: (itemCount) => batchesPerEpoch - itemCount,
        epoch: () => Array.from({ length: batchesPerEpoch }, () => batch),
      },
      valid: {
        targets: { kind: 'oneClass', values: Int32Array.of(0, 1), classCount: 2 },
        batches: () => [{ count: 2, inputs: new Float32Array(2) }],
      },
      epochCount: 7,
      shuffleRandom: createRandom(1, 'shuffle'),
      dropoutRandom: createRandom(1, 'dropout'),
      callbacks,
      signal: { aborted: false },
    },
  );
}

test('a snapshot is taken after the last batch of each cycle, not before it', async () => {
  const network = createCountingNetwork();
  const keeper = keepCycleSnapshots(network, schedule);
  await train(network, [keeper]);
  const taken = keeper
    .snapshots()
    .map(({ cycle, epoch, parameters }) => [cycle, epoch, parameters?.get('last.weight')?.[0]]);
  // The original's hook came after 9, 29 and 69 batches.
  expect(taken).toEqual([
    [0, 0, 10],
    [1, 2, 30],
    [2, 6, 70],
  ]);
  // Two items of two classes, of which the network says nothing.
  expect(keeper.snapshots()[0]?.logits).toEqual(new Float32Array(4));
});

test('a cycle that was stopped leaves none', async () => {
  const network = createCountingNetwork();
  const keeper = keepCycleSnapshots(network, schedule);
  const stopper: Callback = {
    epochEnded({ epoch }, control) {
      if (epoch === 1) control.stop('enough');
    },
  };
  await train(network, [stopper, keeper]);
  expect(keeper.snapshots().map(({ cycle }) => cycle)).toEqual([0]);
});

test('cycles that end inside an epoch are refused before anything is trained', async () => {
  const network = createCountingNetwork();
  await expect(train(network, [keepCycleSnapshots(network, schedule)], 20)).rejects.toThrow(
    'A cycle ends after batch 10, inside an epoch of 20 batches.',
  );
  expect((await network.readParameters()).get('last.weight')?.[0]).toBe(0);
});

test('only what changes is kept', async () => {
  const keeper = keepCycleSnapshots(createCountingNetwork(), { ...schedule, isKept: (name) => name !== 'last.weight' });
  await train(createCountingNetwork(), [keeper]);
  expect(keeper.snapshots().map(({ parameters }) => parameters?.size)).toEqual([0, 0, 0]);
});

test('beyond the budget the oldest parameters go, then the oldest predictions, and never the newest', async () => {
  const bytes = (logits: number, weights: number) => 4 * (4 * logits + weights);
  const keptWithin = async (budgetBytes: number) => {
    const network = createCountingNetwork();
    const keeper = keepCycleSnapshots(network, { ...schedule, budgetBytes });
    await train(network, [keeper]);
    return keeper.snapshots().map(({ cycle, parameters }) => [cycle, parameters?.get('last.weight')?.[0] ?? null]);
  };
  expect(await keptWithin(bytes(3, 2))).toEqual([
    [0, null],
    [1, 30],
    [2, 70],
  ]);
  expect(await keptWithin(bytes(2, 1))).toEqual([
    [1, null],
    [2, 70],
  ]);
  expect(await keptWithin(0)).toEqual([[2, 70]]);
});
