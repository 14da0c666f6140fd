// Step 1: pictures through the frozen body, features into the cache.

import { EngineError } from '../../protocol/errors.ts';
import type { ActivationKey, Activations } from '../activations/activationCache.ts';
import { computeActivations } from '../activations/computeActivations.ts';
import { countItems } from '../data/targets.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFeatureExtractor } from '../models/head.ts';
import { keepTrained, networkFromSettings, weightsFromSettings } from './chooseNetwork.ts';
import { featureKeyOf } from './featureKey.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { readMemoryNeed, readPreparation } from './readings.ts';
import { numberSetting } from './settings.ts';
import { requireDataset, type StepContext, type StepResult } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';
import { readBody } from './trainee.ts';

export async function prepareFeatures(context: StepContext): Promise<StepResult> {
  const { settings, platform, activationCache, state } = context;
  requireDataset(context);
  const network = networkFromSettings(state.network, settings, await weightsFromSettings(context));
  const key = featureKeyOf(context, network);
  const progress = createProgressReporter(context.stepId, platform.clock, context.emit);
  const cached = activationCache.find(key);
  const activations = cached ?? (await compute(context, network, key, progress));
  if (!activations) {
    return {
      outcome: 'stopped',
      state,
      reading: 'Stopped before every picture was through. Half a set of features is of no use, so none were kept.',
      imagesPerSecond: progress.imagesPerSecond(),
    };
  }
  activationCache.store(activations);
  const pictureCount = countItems(activations.train.targets) + countItems(activations.valid.targets);
  return {
    outcome: 'done',
    state: { ...keepTrained(state, network), activations },
    reading: readPreparation(pictureCount, activations.lostPictureIds.length, cached !== undefined),
    imagesPerSecond: progress.imagesPerSecond(),
  };
}

async function compute(
  context: StepContext,
  network: ChosenNetwork,
  key: ActivationKey,
  progress: ProgressReporter,
): Promise<Activations | null> {
  const dataset = requireDataset(context);
  const batchSize = numberSetting(context.settings, 'batchSize');
  progress.announce('Loading the network');
  const graph = buildFeatureExtractor(findArchitecture(key.architecture), key.imageSizePx);
  const weights = await readBody(context, network);
  // Inference only; a set smaller than a batch needs no room for a whole one.
  const largestBatch = Math.min(batchSize, dataset.summary.pictures.length);
  const body = await context.executor.create(graph, { batchSize: largestBatch, learning: [] });
  const store = context.executor.createPictureStore({ budgetBytes: 0, statistics: network.weights.preprocessing });
  try {
    if (body.memory) progress.announce(readMemoryNeed(body.memory));
    body.writeParameters(weights);
    const activations = await computeActivations({
      key,
      dataset,
      body,
      batchSize,
      decoder: context.platform.decoder,
      store,
      signal: context.signal,
      onBatch: (done, total, pictureCount) =>
        progress.report({
          label: 'Computing features',
          fraction: done / total,
          epochs: null,
          batches: { done, total },
          pictureCount,
        }),
    });
    if (activations && countItems(activations.train.targets) === 0) {
      throw new EngineError(
        'pictureUnreadable',
        'None of the training pictures can be read any more. They may have been moved. Drop the folder again.',
      );
    }
    return activations;
  } finally {
    store.dispose();
    body.dispose();
  }
}
