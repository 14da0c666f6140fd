// Repeats a training run that PyTorch recorded (scripts/parity/training.py) on an executor and compares everything that came
// out of it: losses, right answers, every parameter and running statistic, logits. For any executor, in Node or a browser.

import { expect } from 'vitest';
import type { Executor, LossKind } from '../executors/executor.ts';
import { type Graph, GraphBuilder, type ParameterSpec, type ParameterValues, sizeOf } from '../graph/graph.ts';
import { fromTorchLayout } from '../models/weights/tensorLayout.ts';
import type { UpdateRule } from '../optimizers/optimizer.ts';
import { formulaValues, largestRelativeError } from './formula.ts';

interface Formula {
  readonly shape: readonly number[];
  readonly offset: number;
  readonly scale: number;
  readonly salt: number;
}

export interface TrainingBatches {
  readonly shape: readonly number[];
  readonly scale: number;
  readonly salts: readonly number[];
  readonly labels: readonly (readonly number[])[];
  readonly evaluationSalt: number;
  /** Of the cross-entropy; all pictures count alike unless given. */
  readonly classWeights?: readonly number[];
}

/** What PyTorch ended with. */
export interface RecordedRun {
  readonly losses: readonly number[];
  readonly evaluationLogits: readonly number[];
  readonly final: Readonly<Record<string, readonly number[]>>;
  readonly correctCounts?: readonly number[];
}

export interface RunSettings {
  readonly batches: TrainingBatches;
  readonly initial: Readonly<Record<string, Formula>>;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly rule: UpdateRule;
  readonly maxGradientNorm?: number;
  readonly loss?: LossKind;
  /** Prefixes of the names of modules that do not learn. */
  readonly frozen?: readonly string[];
  readonly keepsStatistics?: boolean;
}

/** PyTorch is the truth, to 1e-4 of the largest value; what is frozen is as it was, to the last bit. */
export async function expectSameTraining(
  executor: Executor,
  graph: Graph,
  settings: RunSettings,
  expected: RecordedRun,
): Promise<void> {
  const { batches, frozen = [], loss = 'crossEntropy', keepsStatistics = false } = settings;
  const count = batches.shape[0] as number;
  const makeInputs = (salt: number) => formulaValues(sizeOf(batches.shape), salt, batches.scale);
  const learning = graph.parameters
    .filter(({ name, isLearned }) => isLearned && !frozen.some((prefix) => name.startsWith(`${prefix}.`)))
    .map(({ name }) => name);
  const classWeights = batches.classWeights && Float32Array.from(batches.classWeights);
  const network = await executor.create(graph, {
    batchSize: count,
    learning,
    loss,
    keepsStatistics,
    ...(classWeights && { classWeights }),
  });
  network.writeParameters(initialValues(graph, settings.initial));
  const before = await network.readParameters();
  for (const [step, salt] of batches.salts.entries()) {
    const labels = batches.labels[step] as number[];
    await network.trainStep(
      {
        count,
        inputs: makeInputs(salt),
        labels: loss === 'crossEntropy' ? Int32Array.from(labels) : Float32Array.from(labels),
      },
      {
        groups: [{ names: learning, learningRate: settings.learningRate, weightDecay: settings.weightDecay }],
        rule: settings.rule,
        maxGradientNorm: settings.maxGradientNorm ?? null,
        dropoutSeed: step,
      },
    );
  }
  const metrics = await network.finishSteps();
  const after = await network.readParameters();
  const logits = await network.infer({ count, inputs: makeInputs(batches.evaluationSalt) });
  network.dispose();

  expect(
    largestRelativeError(
      metrics.map((step) => step.loss),
      expected.losses,
    ),
  ).toBeLessThan(1e-4);
  if (expected.correctCounts) expect(metrics.map((step) => step.correctCount)).toEqual(expected.correctCounts);
  expect(largestRelativeError(logits, expected.evaluationLogits)).toBeLessThan(1e-4);
  const isKept = ({ name, isLearned }: ParameterSpec) =>
    (keepsStatistics && !isLearned) || frozen.some((prefix) => name.startsWith(`${prefix}.`));
  expectSameParameters(graph, before, after, expected, isKept);
}

function expectSameParameters(
  graph: Graph,
  before: ParameterValues,
  after: ParameterValues,
  expected: RecordedRun,
  isKept: (spec: ParameterSpec) => boolean,
): void {
  for (const spec of graph.parameters) {
    const value = after.get(spec.name) as Float32Array;
    if (isKept(spec)) {
      expect([...value], `${spec.name} stays`).toEqual([...(before.get(spec.name) as Float32Array)]);
      continue;
    }
    const truth = fromTorchLayout(spec, Float32Array.from(expected.final[spec.name] as number[]));
    expect(largestRelativeError(value, truth), spec.name).toBeLessThan(1e-4);
  }
}

function initialValues(graph: Graph, initial: Readonly<Record<string, Formula>>): ParameterValues {
  return new Map(
    graph.parameters.map((spec) => {
      const { offset, scale, salt } = initial[spec.name] as Formula;
      return [spec.name, fromTorchLayout(spec, formulaValues(sizeOf(spec.shape), salt, scale, offset))];
    }),
  );
}

/** The network of headTraining.json and headTrainingRules.json: the lesson's head, small and without dropout. */
export function buildSmallHead(batchNorm: { epsilon: number; momentum: number }): Graph {
  const builder = new GraphBuilder([10]);
  let node = builder.dropout(builder.batchNorm('0', builder.input, batchNorm), 0);
  node = builder.activation(builder.linear('2', node, 16), 'relu');
  node = builder.dropout(builder.batchNorm('4', node, batchNorm), 0);
  builder.linear('6', node, 3);
  return builder.build();
}

/** The network of smallNetworkTraining.json: every kind of convolution, a residual addition, concat pooling. */
export function buildSmallNetwork(batchNorm: { epsilon: number; momentum: number }): Graph {
  const builder = new GraphBuilder([12, 12, 3]);
  const stemShape = { outChannels: 8, kernelSize: 3, stride: 2, padding: 'same' } as const;
  const stem = builder.activation(
    builder.batchNorm('_bn0', builder.conv2d('_conv_stem', builder.input, stemShape), batchNorm),
    'relu6',
  );
  const depthwiseShape = { outChannels: 8, kernelSize: 3, padding: 'same', groups: 8 } as const;
  let node = builder.conv2d('_blocks.0._depthwise_conv', stem, depthwiseShape);
  node = builder.activation(builder.batchNorm('_blocks.0._bn1', node, batchNorm), 'relu6');
  node = builder.conv2d('_blocks.0._project_conv', node, { outChannels: 8, kernelSize: 1, padding: 0 });
  node = builder.addNodes(builder.batchNorm('_blocks.0._bn2', node, batchNorm), stem);
  builder.linear('_fc', builder.concatPool(node), 3);
  return builder.build();
}
