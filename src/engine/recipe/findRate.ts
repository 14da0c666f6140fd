// Steps 2 and 7: the learning-rate finder, on the head or on the whole network. Works on its own copy and puts back what it trains.

import { splitFinderZones } from '../learner/finderZones.ts';
import { findLearningRate } from '../learner/lrFinder.ts';
import { isLowestTooEarly, suggestLearningRates } from '../learner/suggestLearningRate.ts';
import { createRandom } from '../random.ts';
import { describeSetup, keepSetup } from './finderSetups.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { readFinder, readStoppedEarly } from './readings.ts';
import { numberSetting } from './settings.ts';
import type { StepContext, StepResult } from './stepContext.ts';
import { createHeadTrainee, createPictureTrainee, type Trainee } from './trainee.ts';
import { updateSettings } from './updateSettings.ts';

export async function findHeadRate(context: StepContext): Promise<StepResult> {
  const progress = createProgressReporter(context.stepId, context.platform.clock, context.emit);
  return await sweep(context, await createHeadTrainee(context, progress), progress);
}

/** The groups keep the ratios of their rates; the rates told are the last group's. */
export async function findNetworkRate(context: StepContext): Promise<StepResult> {
  const { stepId, state } = context;
  const progress = createProgressReporter(stepId, context.platform.clock, context.emit);
  const trainee = await createPictureTrainee(context, { isBodyFrozen: false }, progress);
  if (!trainee) return { outcome: 'stopped', state, reading: readStoppedEarly(), imagesPerSecond: null };
  return await sweep(context, trainee, progress);
}

/** Sweeps and disposes the trainee. */
async function sweep(context: StepContext, trainee: Trainee, progress: ProgressReporter): Promise<StepResult> {
  const { settings, stepId, seed, signal } = context;
  const { network, groups, train } = trainee;
  const iterations = numberSetting(settings, 'iterations');
  const startRate = numberSetting(settings, 'startRate');
  try {
    const { rule, weightDecay, maxGradientNorm } = updateSettings(settings);
    const learner = {
      network,
      groups: groups.map(({ names, rateShare }) => ({ names, learningRate: startRate * rateShare, weightDecay })),
      rule,
      maxGradientNorm,
    };
    const { points, end } = await findLearningRate(learner, {
      train,
      startRate,
      endRate: numberSetting(settings, 'endRate'),
      iterations,
      shuffleRandom: createRandom(seed, `${stepId} shuffle`),
      dropoutRandom: createRandom(seed, `${stepId} dropout`),
      signal,
      onPoint: ({ iteration, learningRate, smoothedLoss }) => {
        context.emit({ type: 'lrPoint', stepId, iteration, learningRate, loss: smoothedLoss });
        progress.report({
          label: 'Raising the rate',
          fraction: (iteration + 1) / iterations,
          epochs: null,
          batches: { done: iteration + 1, total: iterations },
          pictureCount: (iteration + 1) * train.largestBatch,
        });
      },
    });
    const suggestions =
      end === 'stopped' ? [] : suggestLearningRates(points, { iterations, batchesPerEpoch: train.batchesPerEpoch });
    const recommendedRate = suggestions.find(({ isRecommended }) => isRecommended)?.learningRate ?? null;
    const zones = end === 'stopped' ? [] : splitFinderZones(points, { iterations, recommendedRate });
    context.emit({ type: 'lrSuggested', stepId, end, suggestions, zones });
    const hasFound = suggestions.length > 0;
    return {
      outcome: end === 'stopped' ? 'stopped' : 'done',
      state: hasFound ? keepSetup(context.state, describeSetup(context, trainee, rule)) : context.state,
      reading: readFinder(points, suggestions, {
        end,
        passes: points.length / train.batchesPerEpoch,
        isTooEarly: isLowestTooEarly(points, iterations),
      }),
      imagesPerSecond: progress.imagesPerSecond(),
    };
  } finally {
    trainee.dispose();
  }
}
