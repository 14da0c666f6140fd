// The head on cached features, as the finder and the training step use it.

import type { Activations, SplitActivations } from '../activations/activationCache.ts';
import type { Network } from '../executors/executor.ts';
import type { Learner } from '../learner/learner.ts';
import type { FeatureSet } from '../learner/trainingData.ts';
import { buildHead, initialiseHead } from '../models/head.ts';
import { createRandom } from '../random.ts';
import { choiceSetting } from './settings.ts';
import { requireActivations, requireDataset, type StepContext } from './stepContext.ts';

/** A network for the head: new layers from the seed, or a copy of what is trained so far. The caller disposes it. */
export function createHeadNetwork(context: StepContext): Network {
  const { featureCount } = requireActivations(context);
  const classCount = requireDataset(context).summary.classes.length;
  const head = context.executor.create(buildHead(featureCount, classCount));
  const isGoingOn = choiceSetting(context.settings, 'startFrom') === 'trainedLayers' && context.state.head;
  head.writeParameters(isGoingOn || initialiseHead(head.graph, createRandom(context.seed, 'head')));
  return head;
}

/** All of the head in one group at one rate. */
export function createHeadLearner(
  network: Network,
  context: StepContext,
  options: { learningRate: number; momentum: number; weightDecay: number },
): Learner {
  const names = network.graph.parameters.filter((parameter) => parameter.isLearned).map(({ name }) => name);
  return {
    network,
    groups: [{ names, learningRate: options.learningRate, weightDecay: options.weightDecay }],
    momentum: options.momentum,
    clock: context.platform.clock,
  };
}

export function toFeatureSet({ featureCount }: Activations, { features, labels }: SplitActivations): FeatureSet {
  return { features, labels, featureCount };
}
