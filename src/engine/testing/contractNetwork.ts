// The small network that the contract's tests are made with (executorContract.ts, refusalContract.ts, pictureContract.ts).

import type { Executor, LabelledBatch, Network, NetworkOptions, TrainStepOptions } from '../executors/executor.ts';
import { type Graph, GraphBuilder, type ParameterValues, sizeOf } from '../graph/graph.ts';
import { LESSON_SGD, type UpdateRule } from '../optimizers/optimizer.ts';
import { formulaValues } from './formula.ts';

export const FEATURES = 6;
export const CLASSES = 3;

/** Batch norm, a linear layer, ReLU, another linear layer. */
function buildGraph(): Graph {
  const builder = new GraphBuilder([FEATURES]);
  const normal = builder.batchNorm('norm', builder.input, { epsilon: 1e-5, momentum: 0.1 });
  builder.linear('last', builder.activation(builder.linear('first', normal, 8), 'relu'), CLASSES);
  return builder.build();
}

/** Values that differ from parameter to parameter; variances and scales about 1. */
export function formulaParameters(graph: Graph): ParameterValues {
  return new Map(
    graph.parameters.map(({ name, kind, shape }, index) => [
      name,
      formulaValues(sizeOf(shape), index, 0.4, kind === 'runningVariance' || kind === 'scale' ? 1 : 0),
    ]),
  );
}

export function learnedNames(graph: Graph): string[] {
  return graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
}

/** With formula values; all of it learns unless said otherwise. */
export async function createNetwork(executor: Executor, options: Partial<NetworkOptions> = {}): Promise<Network> {
  const graph = buildGraph();
  const network = await executor.create(graph, { batchSize: 8, learning: learnedNames(graph), ...options });
  network.writeParameters(formulaParameters(graph));
  return network;
}

export function makeBatch(count: number, salt = 1): LabelledBatch {
  return {
    count,
    inputs: formulaValues(count * FEATURES, salt),
    labels: Int32Array.from({ length: count }, (_, item) => (item + salt) % CLASSES),
  };
}

export const stepWith = (rule: UpdateRule = LESSON_SGD, names = learnedNames(buildGraph())): TrainStepOptions => ({
  groups: [{ names, learningRate: 0.05, weightDecay: 0.01 }],
  rule,
  maxGradientNorm: null,
  dropoutSeed: 1,
});
