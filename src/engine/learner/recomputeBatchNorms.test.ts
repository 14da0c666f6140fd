import { describe, expect, test, vi } from 'vitest';
import type { Network } from '../executors/executor.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { DEFAULT_ADAMW, LESSON_SGD, type UpdateRule } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import { useBackend } from '../testing/backends.ts';
import { CLASSES, createNetwork, FEATURES } from '../testing/contractNetwork.ts';
import { formulaValues, largestRelativeError } from '../testing/formula.ts';
import { recomputeBatchNorms } from './recomputeBatchNorms.ts';
import { trainOnFeatures } from './trainingData.ts';

useBackend('cpu');

const ITEMS = 19;
const features = formulaValues(ITEMS * FEATURES, 1);
const targets = {
  kind: 'oneClass',
  values: Int32Array.from({ length: ITEMS }, (_, item) => item % CLASSES),
  classCount: CLASSES,
} as const;
const train = trainOnFeatures({ features, targets, featureCount: FEATURES }, 8);
const LAST_LAYER = ['last.weight', 'last.bias'];

function recompute(
  network: Network,
  {
    names,
    rule = LESSON_SGD,
    signal = { aborted: false },
  }: { names?: string[]; rule?: UpdateRule; signal?: { aborted: boolean } } = {},
) {
  const learned = names ?? network.graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
  const groups = [{ names: learned, learningRate: 0.5, weightDecay: 0.1 }];
  return recomputeBatchNorms(
    { network, groups, rule, maxGradientNorm: 1 },
    { train, shuffleRandom: createRandom(1, 'shuffle'), dropoutRandom: createRandom(1, 'dropout'), signal },
  );
}

/** Mean and unbiased variance of each feature over each batch, averaged over the batches by their items. */
function expectedStatistics() {
  const [mean, variance] = [new Float64Array(FEATURES), new Float64Array(FEATURES)];
  for (const { count, inputs } of train.epoch(createRandom(1, 'shuffle')) as Iterable<{
    count: number;
    inputs: Float32Array;
  }>) {
    for (let feature = 0; feature < FEATURES; feature++) {
      const values = Array.from({ length: count }, (_, item) => inputs[item * FEATURES + feature] as number);
      const batchMean = values.reduce((sum, value) => sum + value, 0) / count;
      const squares = values.reduce((sum, value) => sum + (value - batchMean) ** 2, 0);
      mean[feature] = (mean[feature] as number) + (batchMean * count) / ITEMS;
      variance[feature] = (variance[feature] as number) + ((squares / (count - 1)) * count) / ITEMS;
    }
  }
  return { mean, variance };
}

describe.each([
  ['SGD', LESSON_SGD],
  ['AdamW', DEFAULT_ADAMW],
])('under %s', (_, rule) => {
  test('statistics become the exact mean over the batches, and no weight moves', async () => {
    const network = await createNetwork(createReferenceExecutor());
    const before = await network.readParameters();
    expect(await recompute(network, { rule })).toBe(true);
    const after = await network.readParameters();
    const { mean, variance } = expectedStatistics();
    expect(largestRelativeError(after.get('norm.running_mean') as Float32Array, mean)).toBeLessThan(1e-5);
    expect(largestRelativeError(after.get('norm.running_var') as Float32Array, variance)).toBeLessThan(1e-5);
    for (const { name, isLearned } of network.graph.parameters) {
      if (isLearned) expect(after.get(name), name).toEqual(before.get(name));
    }
    network.dispose();
  });
});

test('a frozen batch norm keeps its statistics, and nothing is computed for it', async () => {
  const network = await createNetwork(createReferenceExecutor(), { learning: LAST_LAYER });
  const before = await network.readParameters();
  const trainStep = vi.spyOn(network, 'trainStep');
  expect(await recompute(network, { names: LAST_LAYER })).toBe(true);
  expect(await network.readParameters()).toEqual(before);
  expect(trainStep).not.toHaveBeenCalled();
  network.dispose();
});

test('a network that keeps its statistics keeps them, though its batch norms learn', async () => {
  const network = await createNetwork(createReferenceExecutor(), { keepsStatistics: true });
  const before = await network.readParameters();
  const trainStep = vi.spyOn(network, 'trainStep');
  expect(await recompute(network)).toBe(true);
  expect(await network.readParameters()).toEqual(before);
  expect(trainStep).not.toHaveBeenCalled();
  network.dispose();
});

test('a stop leaves the statistics as they were', async () => {
  const network = await createNetwork(createReferenceExecutor());
  const before = await network.readParameters();
  expect(await recompute(network, { signal: { aborted: true } })).toBe(false);
  expect(await network.readParameters()).toEqual(before);
  network.dispose();
});

test('weights that give no numbers leave the statistics as they were', async () => {
  const network = await createNetwork(createReferenceExecutor());
  network.writeParameters(new Map([['last.bias', new Float32Array(CLASSES).fill(Number.NaN)]]));
  const before = await network.readParameters();
  expect(await recompute(network)).toBe(false);
  expect(await network.readParameters()).toEqual(before);
  network.dispose();
});
