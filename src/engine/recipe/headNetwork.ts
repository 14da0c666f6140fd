// The head on cached features, as the finder and the training step use it.

import type { Activations, SplitActivations } from '../activations/activationCache.ts';
import type { Network } from '../executors/executor.ts';
import type { Graph } from '../graph/graph.ts';
import type { Learner } from '../learner/learner.ts';
import type { FeatureSet } from '../learner/trainingData.ts';
import { buildHead, initialiseHead } from '../models/head.ts';
import type { UpdateRule } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import { choiceSetting } from './settings.ts';
import { requireActivations, requireDataset, type StepContext } from './stepContext.ts';

/**
 * A network for the head: new layers from the seed, or a copy of what is trained so far. All of it learns. The caller
 * disposes it. @param batchSize the largest batch that it will be given.
 */
export async function createHeadNetwork(context: StepContext, batchSize: number): Promise<Network> {
  const { featureCount } = requireActivations(context);
  const classCount = requireDataset(context).summary.classes.length;
  const graph = buildHead(featureCount, classCount);
  const head = await context.executor.create(graph, { batchSize, learning: learnedNames(graph) });
  const isGoingOn = choiceSetting(context.settings, 'startFrom') === 'trainedLayers' && context.state.head;
  head.writeParameters(isGoingOn || initialiseHead(head.graph, createRandom(context.seed, 'head')));
  return head;
}

/** All of the head in one group at one rate. */
export function createHeadLearner(
  network: Network,
  { rule, learningRate, weightDecay }: { rule: UpdateRule; learningRate: number; weightDecay: number },
): Learner {
  const names = learnedNames(network.graph);
  return { network, groups: [{ names, learningRate, weightDecay }], rule, maxGradientNorm: null };
}

function learnedNames(graph: Graph): readonly string[] {
  return graph.parameters.filter((parameter) => parameter.isLearned).map(({ name }) => name);
}

export function toFeatureSet({ featureCount }: Activations, { features, labels }: SplitActivations): FeatureSet {
  return { features, labels, featureCount };
}
