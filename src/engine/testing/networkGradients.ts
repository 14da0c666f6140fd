// Repeats the passes of fixtures/parity/networkGradients (scripts/parity/make_network_gradients.py) and measures how far they
// are from PyTorch's. For any executor, in Node or a browser: the caller loads the JSON, nothing in here touches files.

import type { Executor, NumberBatch } from '../executors/executor.ts';
import {
  type Graph,
  GraphBuilder,
  type NodeIndex,
  type ParameterSpec,
  type ParameterValues,
  type Shape,
} from '../graph/graph.ts';
import { groupParameters } from '../graph/layerGroups.ts';
import type { Architecture } from '../models/architecture.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildClassifier } from '../models/head.ts';
import { toTorchLayout } from '../models/weights/tensorLayout.ts';
import { largestRelativeError } from './formula.ts';
import {
  compareRecords,
  findWorst,
  initialValues,
  type MadeBatches,
  makeBatch,
  orInfinity,
  RECORD_HEADER,
  recordValues,
  sizeOfChange,
  type TensorRecord,
  type WorstError,
} from './networkParity.ts';

export interface NetworkGradientsFixture extends MadeBatches {
  readonly network: string;
  readonly classCount: number;
  /** Of the batch. */
  readonly salt: number;
  /** Distance of every activation from where a gradient would jump, in units of float32's rounding there. */
  readonly leastClearance: number;
  /** How far PyTorch's own float32 run is from its float64 run, measured as below over every value. */
  readonly float32Difference: Readonly<Record<keyof PassDifference, number>>;
  /** In inference mode, [batch, class]. */
  readonly logits: readonly number[];
  /** In inference mode, at the end of each of the body's layer groups. Shape: [height, width, channel]. */
  readonly featureMaps: readonly { readonly shape: Shape; readonly values: TensorRecord }[];
  /** In training mode: mean cross-entropy, picture j being of class j. */
  readonly loss: number;
  readonly gradients: Readonly<Record<string, TensorRecord>>;
  /** How far each running statistic moves. */
  readonly runningStatistics: Readonly<Record<string, TensorRecord>>;
}

/** The loss: relative. Logits: relative to the largest. Everything else: relative to the size of its tensor. */
export interface PassDifference {
  readonly logits: WorstError;
  readonly featureMaps: WorstError;
  readonly loss: WorstError;
  readonly gradients: WorstError;
  readonly runningStatistics: WorstError;
}

/**
 * The largest value of a gradient times its rate. Far above what a parameter is (below 2), so that the sum, whose rounding is a
 * fraction of this, gives the gradient back to seven digits.
 */
const LARGEST_UPDATE = 64;

/** The network's tensors are gone when it resolves. */
export async function repeatPasses(executor: Executor, fixture: NetworkGradientsFixture): Promise<PassDifference> {
  const architecture = findArchitecture(fixture.network);
  const graph = buildClassifier(architecture, fixture.imageSizePx, fixture.classCount);
  const before = initialValues(graph);
  const batch = makeBatch(fixture, fixture.salt);
  const featureMaps = await compareFeatureMaps(executor, architecture, fixture, before, batch);
  const learning = graph.parameters.filter(({ isLearned }) => isLearned);
  const network = await executor.create(graph, {
    batchSize: fixture.batchSize,
    learning: learning.map(({ name }) => name),
  });
  try {
    network.writeParameters(before);
    const logits = await network.infer(batch);
    const labels = Int32Array.from({ length: fixture.batchSize }, (_, item) => item);
    await network.trainStep(
      { ...batch, labels },
      {
        groups: groupByRate(learning, fixture),
        rule: { kind: 'sgd', momentum: 0, decay: 'coupled' },
        maxGradientNorm: null,
        dropoutSeed: 0,
      },
    );
    const [step] = await network.finishSteps();
    const after = await network.readParameters();
    return {
      logits: { error: orInfinity(largestRelativeError(logits, fixture.logits)), name: 'logits' },
      featureMaps,
      loss: { error: orInfinity(Math.abs((step?.loss ?? Number.NaN) / fixture.loss - 1)), name: 'loss' },
      ...compareStep(graph, fixture, before, after),
    };
  } finally {
    network.dispose();
  }
}

async function compareFeatureMaps(
  executor: Executor,
  architecture: Architecture,
  fixture: NetworkGradientsFixture,
  before: ParameterValues,
  batch: NumberBatch,
): Promise<WorstError> {
  const graphs = cutAtGroups(architecture, fixture.imageSizePx);
  if (graphs.length !== fixture.featureMaps.length) {
    throw new RangeError(`${graphs.length} layer groups, the fixture has ${fixture.featureMaps.length}.`);
  }
  const errors: WorstError[] = [];
  for (const [group, graph] of graphs.entries()) {
    const { shape, values: expected } = fixture.featureMaps[group] as NetworkGradientsFixture['featureMaps'][number];
    const name = `group ${group}`;
    if (graph.outputShape.join() !== shape.join()) {
      throw new RangeError(`The feature map of ${name} is [${graph.outputShape}], the fixture’s [${shape}].`);
    }
    const network = await executor.create(graph, { batchSize: fixture.batchSize, learning: [] });
    try {
      network.writeParameters(new Map(graph.parameters.map((spec) => [spec.name, valueIn(before, spec)])));
      const found = recordValues(name, await network.infer(batch), expected.length - RECORD_HEADER);
      errors.push({ error: compareRecords(found, expected), name });
    } finally {
      network.dispose();
    }
  }
  return findWorst(errors);
}

/** The body up to the end of each of its layer groups: what the first layer of the next one reads. */
export function cutAtGroups({ body, bodyGroups }: Architecture, imageSizePx: number): readonly Graph[] {
  const builder = new GraphBuilder([imageSizePx, imageSizePx, 3]);
  body(builder, builder.input);
  const graph = builder.build();
  const [, ...laterGroups] = groupParameters(graph, bodyGroups);
  const ends = laterGroups.map(([first]) => {
    const opening = graph.nodes.find((node) => node.op === 'conv2d' && `${node.name}.weight` === first?.name);
    if (opening?.op !== 'conv2d') throw new RangeError(`The group of ${first?.name} begins with no convolution.`);
    return opening.input;
  });
  return [...ends.map((end) => cutAfter(graph, end)), graph];
}

/** The graph up to a node, which is its output then. */
function cutAfter(graph: Graph, end: NodeIndex): Graph {
  const nodes = graph.nodes.slice(0, end + 1);
  const kept = nodes.flatMap((node) => ('name' in node ? [`${node.name}.`] : []));
  return {
    ...graph,
    nodes,
    outputShape: (nodes[end] as Graph['nodes'][number]).shape,
    parameters: graph.parameters.filter(({ name }) => kept.some((prefix) => name.startsWith(prefix))),
  };
}

/** One group of parameters for each rate that is needed. */
function groupByRate(learning: readonly ParameterSpec[], fixture: NetworkGradientsFixture) {
  const names = new Map<number, string[]>();
  for (const spec of learning) {
    const rate = rateOf(spec, fixture);
    names.set(rate, [...(names.get(rate) ?? []), spec.name]);
  }
  return [...names].map(([learningRate, group]) => ({ names: group, learningRate, weightDecay: 0 }));
}

/** A power of two, so that multiplying by it rounds nothing; the largest value moves by half of LARGEST_UPDATE at least. */
function rateOf(spec: ParameterSpec, { gradients }: NetworkGradientsFixture): number {
  const [, largest] = sizeOfChange(spec, gradients);
  return 2 ** Math.floor(Math.log2(LARGEST_UPDATE / largest));
}

/** A step of plain SGD takes rate * gradient away from a parameter. */
function compareStep(
  graph: Graph,
  fixture: NetworkGradientsFixture,
  before: ParameterValues,
  after: ParameterValues,
): Pick<PassDifference, 'gradients' | 'runningStatistics'> {
  const compared = graph.parameters.map((spec) => {
    const changes = spec.isLearned ? fixture.gradients : fixture.runningStatistics;
    const expected = changes[spec.name] as TensorRecord;
    const divisor = spec.isLearned ? -rateOf(spec, fixture) : 1;
    const [start, end] = [valueIn(before, spec), valueIn(after, spec)];
    const change = toTorchLayout(
      spec,
      end.map((value, i) => (value - (start[i] as number)) / divisor),
    );
    const found = recordValues(spec.name, change, expected.length - RECORD_HEADER);
    const error = compareRecords(found, expected, sizeOfChange(spec, changes));
    return { isLearned: spec.isLearned, error, name: spec.name };
  });
  return {
    gradients: findWorst(compared.filter(({ isLearned }) => isLearned)),
    runningStatistics: findWorst(compared.filter(({ isLearned }) => !isLearned)),
  };
}

function valueIn(values: ParameterValues, { name }: ParameterSpec): Float32Array {
  return values.get(name) as Float32Array;
}
