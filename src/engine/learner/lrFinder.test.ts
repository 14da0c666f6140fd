import { describe, expect, test, vi } from 'vitest';
import type { Network } from '../executors/executor.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { buildHead, initialiseHead } from '../models/head.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import { useBackend } from '../testing/backends.ts';
import { formulaValues } from '../testing/formula.ts';
import type { FitView } from './callback.ts';
import { findLearningRate, recordSweep } from './lrFinder.ts';
import { planBatchSizes, trainOnFeatures } from './trainingData.ts';

useBackend('cpu');

const train = trainOnFeatures(
  {
    features: formulaValues(40 * 6, 1),
    targets: { kind: 'oneClass', values: Int32Array.from({ length: 40 }, (_, i) => i % 2), classCount: 2 },
    featureCount: 6,
  },
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
  const targets = { kind: 'oneClass', values: new Int32Array(9), classCount: 2 } as const;
  expect(trainOnFeatures({ features: new Float32Array(9), targets, featureCount: 1 }, 4).largestBatch).toBe(5);
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

describe('the sweep’s end', () => {
  /** Smoothed losses as they arrive: those that are recorded, and how the sweep ended. */
  function feed(losses: readonly number[]) {
    const recorded: number[] = [];
    let reason: string | null = null;
    const callback = recordSweep(({ smoothedLoss }) => recorded.push(smoothedLoss));
    const control = {
      setRateFactor() {},
      setMomentum() {},
      setDecayFactor() {},
      stop: (why: string) => {
        reason = why;
      },
    };
    for (const [batch, smoothedLoss] of losses.entries()) {
      callback.batchEnded?.({ batch, smoothedLoss, rates: [1e-3] } as unknown as FitView, control);
      if (reason) break;
    }
    return { recorded, reason };
  }
  const level = (count: number, loss: number): number[] => Array(count).fill(loss);

  test('comes at four times the best loss, and the batch that brings it is not recorded', () => {
    const { recorded, reason } = feed([...level(20, 1), ...level(20, 0.5), 1.9, 2.01, 0.1]);
    expect(reason).toBe('diverged');
    expect(recorded.length).toBe(41);
    expect(recorded.at(-1)).toBe(1.9);
  });

  test('does not come from exactly four times the best', () => {
    expect(feed([...level(12, 0.5), 2, 2])).toMatchObject({ reason: null, recorded: { length: 14 } });
  });

  test('counts the best from the twelfth batch on', () => {
    expect(feed([...level(11, 0.2), ...level(30, 1)]).reason).toBeNull();
    expect(feed([...level(11, 0.2), ...level(30, 1), 3.9, 4.1])).toMatchObject({
      reason: 'diverged',
      recorded: { length: 42 },
    });
    expect(feed([...level(12, 0.2), ...level(30, 1)])).toMatchObject({ reason: 'diverged', recorded: { length: 12 } });
  });

  test('comes in the first twelve batches from nothing but a loss that is no number', () => {
    expect(feed([0.001, ...level(11, 1e6)])).toMatchObject({ reason: null, recorded: { length: 12 } });
    expect(feed([1, 1, 1, Number.NaN, 1])).toMatchObject({ reason: 'diverged', recorded: { length: 3 } });
  });
});

describe('group rates', () => {
  /** The rates of every step's groups, and the rates on record. */
  async function sweepGroups(rates: readonly [number, number], form: 'exponential' | 'linear') {
    const network = await createNetwork();
    const names = network.graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
    const trainStep = vi.spyOn(network, 'trainStep');
    const learner = {
      network,
      groups: [
        { names: names.slice(0, 2), learningRate: rates[0], weightDecay: 0 },
        { names: names.slice(2), learningRate: rates[1], weightDecay: 0 },
      ],
      rule: LESSON_SGD,
      maxGradientNorm: null,
    };
    const { points } = await findLearningRate(learner, {
      train,
      startRate: 1e-5,
      endRate: 1e-2,
      iterations: 10,
      sweep: form,
      shuffleRandom: createRandom(1, 'shuffle'),
      dropoutRandom: createRandom(1, 'dropout'),
      signal: { aborted: false },
      onPoint: () => {},
    });
    network.dispose();
    return {
      trained: trainStep.mock.calls.map(([, { groups }]) => groups.map(({ learningRate }) => learningRate)),
      recorded: points.map(({ learningRate }) => learningRate),
    };
  }

  test('keep their ratio at every step, and the last group’s is recorded', async () => {
    const { trained, recorded } = await sweepGroups([0.003, 0.3], 'exponential');
    expect(trained.length).toBe(10);
    for (const [batch, [first, last]] of trained.entries()) {
      expect(last).toBeCloseTo(1e-5 * 1e3 ** (batch / 10), 12);
      expect((first as number) / (last as number)).toBeCloseTo(0.01, 12);
      expect(recorded[batch]).toBe(last);
    }
  });

  test('rise from 0 in equal steps in a linear sweep, and keep their ratio too', async () => {
    const { trained, recorded } = await sweepGroups([0.1, 0.3], 'linear');
    for (const [batch, rate] of recorded.entries()) expect(rate).toBeCloseTo((1e-2 * batch) / 10, 12);
    expect(trained[0]).toEqual([0, 0]);
    expect((trained[9]?.[0] as number) / (trained[9]?.[1] as number)).toBeCloseTo(1 / 3, 12);
  });
});
