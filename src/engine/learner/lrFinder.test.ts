import { expect, test } from 'vitest';
import type { Network } from '../executors/executor.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { buildHead, initialiseHead } from '../models/head.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import { useBackend } from '../testing/backends.ts';
import { formulaValues } from '../testing/formula.ts';
import { findLearningRate } from './lrFinder.ts';
import { planBatchSizes, trainOnFeatures } from './trainingData.ts';

useBackend('cpu');

const train = trainOnFeatures(
  { features: formulaValues(40 * 6, 1), labels: Int32Array.from({ length: 40 }, (_, i) => i % 2), featureCount: 6 },
  8,
);

async function createNetwork(): Promise<Network> {
  const graph = buildHead(6, 2);
  const learning = graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
  const network = await createReferenceExecutor().create(graph, { batchSize: train.largestBatch, learning });
  network.writeParameters(initialiseHead(network.graph, createRandom(1, 'head')));
  return network;
}

function sweep(network: Network, signal: { aborted: boolean }, onPoint: () => void = () => {}, endRate = 10) {
  const names = network.graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
  const learner = {
    network,
    groups: [{ names, learningRate: 1e-5, weightDecay: 0 }],
    rule: LESSON_SGD,
    maxGradientNorm: null,
  };
  return findLearningRate(learner, {
    train,
    startRate: 1e-5,
    endRate,
    iterations: 30,
    shuffleRandom: createRandom(1, 'shuffle'),
    dropoutRandom: createRandom(1, 'dropout'),
    signal,
    onPoint,
  });
}

async function expectRestored(network: Network, act: () => Promise<unknown>) {
  const before = await network.readParameters();
  await act();
  const after = await network.readParameters();
  for (const [name, value] of before) expect([...(after.get(name) as Float32Array)], name).toEqual([...value]);
  network.dispose();
}

test('the finder sweeps over more than one epoch and puts every weight and statistic back', async () => {
  const network = await createNetwork();
  await expectRestored(network, async () => {
    const { points, end } = await sweep(network, { aborted: false });
    expect(points[0]?.learningRate).toBeCloseTo(1e-5, 10);
    expect(points.map(({ iteration }) => iteration)).toEqual(points.map((_, index) => index));
    expect(points.length).toBeGreaterThan(12);
    expect(['finished', 'diverged']).toContain(end);
  });
});

test('every weight comes back when the finder is stopped half-way', async () => {
  const network = await createNetwork();
  const signal = { aborted: false };
  await expectRestored(network, async () => {
    const { end, points } = await sweep(network, signal, () => {
      signal.aborted = true;
    });
    expect(end).toBe('stopped');
    expect(points.length).toBeLessThan(30);
  });
});

test('every weight comes back after a sweep that ends in numbers that are none', async () => {
  const network = await createNetwork();
  await expectRestored(network, async () => {
    const { end, points } = await sweep(network, { aborted: false }, () => {}, 1e30);
    expect(end).toBe('diverged');
    expect(points.every(({ smoothedLoss }) => Number.isFinite(smoothedLoss))).toBe(true);
  });
});

test('every weight comes back when something breaks during the sweep', async () => {
  const network = await createNetwork();
  await expectRestored(network, async () => {
    const failing = sweep(network, { aborted: false }, () => {
      throw new Error('drawing failed');
    });
    await expect(failing).rejects.toThrow('drawing failed');
  });
});

test('an epoch takes every item once, in another order each time, and no batch of one', () => {
  expect(planBatchSizes(40, 8)).toEqual([8, 8, 8, 8, 8]);
  expect(planBatchSizes(10, 4)).toEqual([4, 4, 2]);
  expect(planBatchSizes(9, 4)).toEqual([4, 5]);
  expect(planBatchSizes(1, 4)).toEqual([1]);
  const labels = new Int32Array(9);
  expect(trainOnFeatures({ features: new Float32Array(9), labels, featureCount: 1 }, 4).largestBatch).toBe(5);
  const random = createRandom(3, 'shuffle');
  const order = () =>
    [...(train.epoch(random) as Iterable<{ labels: Int32Array; inputs: Float32Array }>)].flatMap(({ inputs, labels }) =>
      Array.from(labels, (_, row) => inputs[row * 6] as number),
    );
  const [first, second] = [order(), order()];
  expect(first).not.toEqual(second);
  expect([...first].sort()).toEqual([...second].sort());
  expect(new Set(first).size).toBe(40);
});
