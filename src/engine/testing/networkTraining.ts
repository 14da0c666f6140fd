// Repeats the training runs of fixtures/parity/networkTraining (scripts/parity/make_network_training.py) and measures how far
// they end from PyTorch's. For any executor, in Node or a browser: the caller loads the JSON, nothing in here touches files.

import type { Executor, LabelledBatch, NumberBatch } from '../executors/executor.ts';
import { type Graph, type ParameterSpec, type ParameterValues, sizeOf } from '../graph/graph.ts';
import { buildBenchNetwork } from '../models/benchNetworks.ts';
import { fromTorchLayout, torchShape, toTorchLayout } from '../models/weights/tensorLayout.ts';
import type { ParameterGroup } from '../optimizers/optimizer.ts';
import { hash } from '../random.ts';
import { hashedSamples, hashedSign, hashedValues, largestRelativeError } from './formula.ts';

/**
 * final - initial of one tensor: its L2 norm, its largest absolute value, the sum of its values with hashed signs, and its
 * values at hashed places; all counted in PyTorch's memory order.
 */
export type UpdateRecord = readonly [norm: number, largest: number, projection: number, ...samples: number[]];

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
  /** Of everything that is not frozen. */
  readonly updates: Readonly<Record<string, UpdateRecord>>;
}

export interface NetworkTrainingFixture {
  readonly network: string;
  readonly classCount: number;
  readonly imageSizePx: number;
  readonly batchSize: number;
  readonly inputScale: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly runs: { readonly whole: TrainingRun; readonly firstGroupFrozen?: TrainingRun };
}

export interface WorstError {
  readonly error: number;
  /** Of the tensor, step or logit that is furthest off. */
  readonly name: string;
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
  const graph = buildBenchNetwork(fixture.network, fixture.imageSizePx, fixture.classCount);
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

/**
 * Kernels and linear weights: He-uniform, +- sqrt(6 / fan in). Batch norm: scale 0.25 and shift 0.45, +- 0.025; running mean
 * +- 0.1, running variance 0.1 +- 0.01. Linear bias +- 0.1. The salt is the hash of the name.
 */
export function initialValues(graph: Graph): ParameterValues {
  return new Map(graph.parameters.map((spec) => [spec.name, fromTorchLayout(spec, initialValue(spec))]));
}

function initialValue(spec: ParameterSpec): Float32Array {
  const count = sizeOf(spec.shape);
  const salt = hash(spec.name);
  const fanIn = sizeOf(torchShape(spec).slice(1));
  switch (spec.kind) {
    case 'kernel':
    case 'weight':
      return hashedValues(count, salt, Math.sqrt(6 / fanIn));
    case 'scale':
      return hashedValues(count, salt, 0.025, 0.25);
    case 'shift':
      return hashedValues(count, salt, 0.025, 0.45);
    case 'runningVariance':
      return hashedValues(count, salt, 0.01, 0.1);
    case 'runningMean':
    case 'bias':
      return hashedValues(count, salt, 0.1);
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

function makeBatch({ batchSize, imageSizePx, inputScale }: NetworkTrainingFixture, salt: number): NumberBatch {
  return { count: batchSize, inputs: hashedValues(batchSize * imageSizePx ** 2 * 3, salt, inputScale) };
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

/**
 * The worst of: the norm and the projection relative to the norm of the update (independent errors of size e in n places
 * add up to e * sqrt(n) in the projection, which is their own norm), the largest value and the samples relative to the
 * largest value.
 */
function compareTensor(spec: ParameterSpec, run: TrainingRun, { before, after }: TrainingResult): WorstError {
  const start = before.get(spec.name) as Float32Array;
  const end = after.get(spec.name) as Float32Array;
  const expected = run.updates[spec.name];
  if (!expected) {
    const isKept = end.length === start.length && end.every((value, i) => value === start[i]);
    return { error: isKept ? 0 : Number.POSITIVE_INFINITY, name: `${spec.name} (frozen)` };
  }
  const [norm, largest] = sizeOfUpdate(spec, run, expected);
  const errors = recordUpdate(spec, start, end).map((value, place) => {
    const isRelativeToNorm = place === 0 || place === 2;
    return orInfinity(Math.abs(value - (expected[place] as number)) / (isRelativeToNorm ? norm : largest));
  });
  return { error: Math.max(...errors), name: spec.name };
}

/**
 * Norm and largest value of the update. A batch norm's shift counts as at least as large as its scale's update: in front of a
 * 1x1 convolution with a batch norm behind it a shift has no gradient at all, it moves by its decay alone, and rounding is as
 * large as that. Scale and shift have gradients of one size otherwise.
 */
function sizeOfUpdate(spec: ParameterSpec, run: TrainingRun, [norm, largest]: UpdateRecord): [number, number] {
  const scale = spec.kind === 'shift' ? run.updates[spec.name.replace(/bias$/, 'weight')] : undefined;
  return scale ? [Math.max(norm, scale[0]), Math.max(largest, scale[1])] : [norm, largest];
}

/** `before` and `after` in the layout of the spec. */
export function recordUpdate(spec: ParameterSpec, before: Float32Array, after: Float32Array): UpdateRecord {
  const salt = hash(spec.name);
  const update = toTorchLayout(
    spec,
    after.map((value, i) => value - (before[i] as number)),
  );
  let [squares, largest, projection] = [0, 0, 0];
  update.forEach((value, i) => {
    squares += value ** 2;
    largest = Math.max(largest, Math.abs(value));
    projection += hashedSign(salt, i) * value;
  });
  const samples = hashedSamples(update.length, salt, SAMPLES).map((place) => update[place] as number);
  return [Math.sqrt(squares), largest, projection, ...samples];
}

function findWorst(errors: readonly WorstError[]): WorstError {
  return errors.reduce((worst, next) => (orInfinity(next.error) > worst.error ? next : worst), { error: 0, name: '' });
}

function orInfinity(error: number): number {
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
