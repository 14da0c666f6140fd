// Repeats the training runs of fixtures/parity/networkTraining (scripts/parity/make_network_training.py) and measures how far
// they end from PyTorch's. For any executor, in Node or a browser: the caller loads the JSON, nothing in here touches files.

import type { Executor, LabelledBatch, NumberBatch } from '../executors/executor.ts';
import type { Graph, ParameterSpec, ParameterValues } from '../graph/graph.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildClassifier } from '../models/head.ts';
import { toTorchLayout } from '../models/weights/tensorLayout.ts';
import type { ParameterGroup } from '../optimizers/optimizer.ts';
import { largestRelativeError } from './formula.ts';
import {
  compareRecords,
  findWorst,
  initialValues,
  type MadeBatches,
  makeBatch,
  orInfinity,
  recordValues,
  sizeOfChange,
  type TensorRecord,
  type WorstError,
} from './networkParity.ts';

export interface TrainingRun {
  /** Name prefixes of what does not learn. */
  readonly frozen: readonly string[];
  readonly bodyRate: number;
  readonly classifierRate: number;
  /** Of the batch of each step. */
  readonly salts: readonly number[];
  /** Distance of every activation from where a gradient would jump, in units of float32's rounding there. */
  readonly leastClearance: number;
  readonly evaluationSalt: number;
  /** How far PyTorch's own float32 run ends from its float64 run, measured as below. */
  readonly float32Difference: Readonly<Record<keyof TrainingDifference, number>>;
  /** Mean cross-entropy of every step, before its update. */
  readonly losses: readonly number[];
  /** In inference mode after the last step, [batch, class]. */
  readonly evaluationLogits: readonly number[];
  /** final - initial of everything that is not frozen. */
  readonly updates: Readonly<Record<string, TensorRecord>>;
}

export interface NetworkTrainingFixture extends MadeBatches {
  readonly network: string;
  readonly classCount: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly runs: { readonly whole: TrainingRun; readonly firstGroupFrozen?: TrainingRun };
}

/** Losses: relative. Logits: relative to the largest. Parameters and running statistics: relative to how far they moved. */
export interface TrainingDifference {
  readonly losses: WorstError;
  readonly evaluationLogits: WorstError;
  readonly parameters: WorstError;
  readonly runningStatistics: WorstError;
}

export interface TrainingResult {
  readonly losses: readonly number[];
  readonly evaluationLogits: ArrayLike<number>;
  readonly before: ParameterValues;
  readonly after: ParameterValues;
}

const SAMPLES = 12;
const CLASSIFIERS = ['fc.', 'classifier.', '_fc.'];

/** Trains as the run says. The network's tensors are gone when it resolves. */
export async function repeatTraining(
  executor: Executor,
  fixture: NetworkTrainingFixture,
  run: TrainingRun,
): Promise<TrainingDifference> {
  const graph = buildClassifier(findArchitecture(fixture.network), fixture.imageSizePx, fixture.classCount);
  const groups = trainingGroups(graph, fixture, run);
  const learning = groups.flatMap(({ names }) => names);
  const network = await executor.create(graph, { batchSize: fixture.batchSize, learning });
  try {
    const before = initialValues(graph);
    network.writeParameters(before);
    const rule = { kind: 'sgd', momentum: fixture.momentum, decay: 'coupled' } as const;
    for (let step = 0; step < run.salts.length; step++) {
      const batch = trainingBatch(fixture, run, step);
      await network.trainStep(batch, { groups, rule, maxGradientNorm: null, dropoutSeed: step });
    }
    const losses = (await network.finishSteps()).map(({ loss }) => loss);
    const after = await network.readParameters();
    const evaluationLogits = await network.infer(evaluationBatch(fixture, run));
    return compareTraining(graph, run, { losses, evaluationLogits, before, after });
  } finally {
    network.dispose();
  }
}

/** What learns, the body at one rate and the classifier at another. */
export function trainingGroups(
  graph: Graph,
  { weightDecay }: NetworkTrainingFixture,
  { frozen, bodyRate, classifierRate }: TrainingRun,
): readonly ParameterGroup[] {
  const startsWithOne = (prefixes: readonly string[], name: string) =>
    prefixes.some((prefix) => name.startsWith(prefix));
  const learning = graph.parameters
    .filter(({ name, isLearned }) => isLearned && !startsWithOne(frozen, name))
    .map(({ name }) => name);
  return [
    { names: learning.filter((name) => !startsWithOne(CLASSIFIERS, name)), learningRate: bodyRate, weightDecay },
    { names: learning.filter((name) => startsWithOne(CLASSIFIERS, name)), learningRate: classifierRate, weightDecay },
  ];
}

/** The label of picture j in step t is (j + t) mod classCount. */
export function trainingBatch(fixture: NetworkTrainingFixture, run: TrainingRun, step: number): LabelledBatch {
  const labels = Int32Array.from({ length: fixture.batchSize }, (_, item) => (item + step) % fixture.classCount);
  return { ...makeBatch(fixture, run.salts[step] as number), labels };
}

export function evaluationBatch(fixture: NetworkTrainingFixture, run: TrainingRun): NumberBatch {
  return makeBatch(fixture, run.evaluationSalt);
}

/** A frozen value that changed, and anything that is not a number, counts as infinitely wrong. */
export function compareTraining(graph: Graph, run: TrainingRun, result: TrainingResult): TrainingDifference {
  if (result.losses.length !== run.losses.length) {
    throw new RangeError(`${result.losses.length} losses, the run has ${run.losses.length}.`);
  }
  const compared = graph.parameters.map((spec) => ({ spec, worst: compareTensor(spec, run, result) }));
  const worstOf = (isLearned: boolean) =>
    findWorst(compared.filter(({ spec }) => spec.isLearned === isLearned).map(({ worst }) => worst));
  return {
    losses: findWorst(
      run.losses.map((truth, step) => ({
        error: Math.abs((result.losses[step] as number) / truth - 1),
        name: `step ${step}`,
      })),
    ),
    evaluationLogits: {
      error: orInfinity(largestRelativeError(result.evaluationLogits, run.evaluationLogits)),
      name: 'evaluation logits',
    },
    parameters: worstOf(true),
    runningStatistics: worstOf(false),
  };
}

function compareTensor(spec: ParameterSpec, run: TrainingRun, { before, after }: TrainingResult): WorstError {
  const start = before.get(spec.name) as Float32Array;
  const end = after.get(spec.name) as Float32Array;
  const expected = run.updates[spec.name];
  if (!expected) {
    const isKept = end.length === start.length && end.every((value, i) => value === start[i]);
    return { error: isKept ? 0 : Number.POSITIVE_INFINITY, name: `${spec.name} (frozen)` };
  }
  const error = compareRecords(recordUpdate(spec, start, end), expected, sizeOfChange(spec, run.updates));
  return { error, name: spec.name };
}

/** `before` and `after` in the layout of the spec. */
export function recordUpdate(spec: ParameterSpec, before: Float32Array, after: Float32Array): TensorRecord {
  const update = after.map((value, i) => value - (before[i] as number));
  return recordValues(spec.name, toTorchLayout(spec, update), SAMPLES);
}
