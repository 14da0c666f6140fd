// Step 2: the learning-rate finder on the head. Works on its own copy and puts back what it trains.

import { findLearningRate } from '../learner/lrFinder.ts';
import { suggestLearningRates } from '../learner/suggestLearningRate.ts';
import { trainOnFeatures } from '../learner/trainingData.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import { createHeadLearner, createHeadNetwork, toFeatureSet } from './headNetwork.ts';
import { createProgressReporter } from './progress.ts';
import { readFinder, readMemoryNeed } from './readings.ts';
import { numberSetting } from './settings.ts';
import { requireActivations, type StepContext, type StepResult } from './stepContext.ts';

export async function findHeadRate(context: StepContext): Promise<StepResult> {
  const { settings, stepId, seed, signal } = context;
  const activations = requireActivations(context);
  const batchSize = numberSetting(settings, 'batchSize');
  const iterations = numberSetting(settings, 'iterations');
  const startRate = numberSetting(settings, 'startRate');
  const progress = createProgressReporter(stepId, context.platform.clock, context.emit);
  const train = trainOnFeatures(toFeatureSet(activations, activations.train), batchSize);
  const network = await createHeadNetwork(context, train.largestBatch);
  try {
    if (network.memory) progress.announce(readMemoryNeed(network.memory));
    // The lesson's optimizer, whatever the training step is set to.
    const learner = createHeadLearner(network, { learningRate: startRate, rule: LESSON_SGD, weightDecay: 0 });
    const { points, end } = await findLearningRate(learner, {
      train,
      startRate,
      endRate: numberSetting(settings, 'endRate'),
      iterations,
      shuffleRandom: createRandom(seed, 'findRate shuffle'),
      dropoutRandom: createRandom(seed, 'findRate dropout'),
      signal,
      onPoint: ({ iteration, learningRate, smoothedLoss }) => {
        context.emit({ type: 'lrPoint', stepId, iteration, learningRate, loss: smoothedLoss });
        progress.report({
          label: 'Raising the rate',
          fraction: (iteration + 1) / iterations,
          epochs: null,
          batches: { done: iteration + 1, total: iterations },
          pictureCount: (iteration + 1) * batchSize,
        });
      },
    });
    const suggestions =
      end === 'stopped' ? [] : suggestLearningRates(points, { iterations, batchesPerEpoch: train.batchesPerEpoch });
    context.emit({ type: 'lrSuggested', stepId, end, suggestions });
    return {
      outcome: end === 'stopped' ? 'stopped' : 'done',
      state: context.state,
      reading: readFinder(points, suggestions, { end, passes: points.length / train.batchesPerEpoch }),
      imagesPerSecond: progress.imagesPerSecond(),
    };
  } finally {
    network.dispose();
  }
}
