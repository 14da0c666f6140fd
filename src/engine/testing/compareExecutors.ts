// Trains the same graph on two executors and compares all that came out: metrics, parameters, running statistics, outputs.

import { expect } from 'vitest';
import type { Executor, LossKind } from '../executors/executor.ts';
import { type Graph, type ParameterValues, sizeOf } from '../graph/graph.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { hash } from '../random.ts';
import { hashedValues, largestRelativeError } from './formula.ts';

export interface ComparedTraining {
  readonly graph: Graph;
  readonly batchSize: number;
  /** Items of each step's batch; fewer than batchSize leaves padding. */
  readonly counts: readonly number[];
  /** Prefixes of the names of modules that do not learn. */
  readonly frozen?: readonly string[];
  readonly keepsStatistics?: boolean;
  readonly loss?: LossKind;
  readonly classWeights?: Float32Array;
  readonly learningRate?: number;
}

/** Well-conditioned values: kernels by fan-in, scales and variances about 1. */
export function spreadParameters(graph: Graph): ParameterValues {
  return new Map(
    graph.parameters.map(({ name, kind, shape }) => {
      const isMatrix = kind === 'kernel' || kind === 'weight';
      const fanIn = sizeOf(shape) / (shape.at(-1) as number);
      const scale = isMatrix ? Math.sqrt(6 / fanIn) : 0.2;
      const offset = kind === 'scale' || kind === 'runningVariance' ? 1 : 0;
      return [name, hashedValues(sizeOf(shape), hash(name), scale, offset)];
    }),
  );
}

/** After steps at a rate large enough that a wrong gradient shows; the second executor is the truth. */
export async function expectSameAsReference(
  executor: Executor,
  reference: Executor,
  training: ComparedTraining,
): Promise<void> {
  const [actual, truth] = [await runTraining(executor, training), await runTraining(reference, training)];
  expect(largestRelativeError(actual.losses, truth.losses), 'losses').toBeLessThan(1e-4);
  expect(actual.correctCounts).toEqual(truth.correctCounts);
  expect(largestRelativeError(actual.outputs, truth.outputs), 'outputs').toBeLessThan(1e-3);
  const before = spreadParameters(training.graph);
  for (const [name, value] of truth.after) {
    const start = before.get(name) as Float32Array;
    const update = value.map((number, index) => number - (start[index] as number));
    const largestUpdate = update.reduce((largest, number) => Math.max(largest, Math.abs(number)), 0);
    const found = (actual.after.get(name) as Float32Array).map((number, index) => number - (start[index] as number));
    if (largestUpdate === 0)
      expect(
        found.every((number) => number === 0),
        `${name} is frozen`,
      ).toBe(true);
    // Rounding of the parameter itself shows in a small update.
    else expect(largestDifference(found, update), name).toBeLessThan(1e-3 * largestUpdate + 3e-7);
  }
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  a.forEach((value, index) => {
    const difference = Math.abs(value - (b[index] as number));
    if (!(difference <= largest)) largest = difference;
  });
  return largest;
}

async function runTraining(executor: Executor, training: ComparedTraining) {
  const { graph, batchSize, counts, frozen = [], loss = 'crossEntropy', classWeights, learningRate = 0.05 } = training;
  const names = graph.parameters
    .filter(({ name, isLearned }) => isLearned && !frozen.some((prefix) => name.startsWith(prefix)))
    .map(({ name }) => name);
  const network = await executor.create(graph, {
    batchSize,
    learning: names,
    loss,
    keepsStatistics: training.keepsStatistics ?? false,
    ...(classWeights && { classWeights }),
  });
  network.writeParameters(spreadParameters(graph));
  const classCount = graph.outputShape[0] as number;
  for (const [step, count] of counts.entries()) {
    const inputs = hashedValues(count * sizeOf(graph.inputShape), 100 + step, 1.5);
    const labels =
      loss === 'crossEntropy'
        ? Int32Array.from({ length: count }, (_, item) => (item + step) % classCount)
        : Float32Array.from({ length: count * classCount }, (_, place) => ((place * 7 + step) % 3 > 1 ? 1 : 0));
    await network.trainStep(
      { count, inputs, labels },
      {
        groups: [{ names, learningRate, weightDecay: 0.01 }],
        rule: LESSON_SGD,
        maxGradientNorm: null,
        dropoutSeed: step + 1,
      },
    );
  }
  const metrics = await network.finishSteps();
  const after = await network.readParameters();
  const outputs = await network.infer({ count: 2, inputs: hashedValues(2 * sizeOf(graph.inputShape), 99, 1.5) });
  network.dispose();
  return {
    losses: metrics.map((step) => step.loss),
    correctCounts: metrics.map(({ correctCount }) => correctCount),
    after,
    outputs,
  };
}
