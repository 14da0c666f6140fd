// Step 3: the head on cached features. A stop keeps what is trained; a loss that is not a number brings the last good
// epoch back. The network itself would hold the weights from before the bad step, but nobody has validated those.

import type { AccuracyInterval, EpochRow } from '../../protocol/training.ts';
import type { Network } from '../executors/executor.ts';
import type { ParameterValues } from '../graph/graph.ts';
import { countConfusions, readPredictions } from '../interpretation/confusionMatrix.ts';
import type { Callback } from '../learner/callback.ts';
import { followSchedule } from '../learner/callbacks/followSchedule.ts';
import { fit, inferAll, LOSS_NOT_FINITE, STOPPED_BY_PERSON } from '../learner/learner.ts';
import { trainOnFeatures, type ValidationData, validateOnFeatures } from '../learner/trainingData.ts';
import { wilsonInterval } from '../metrics/accuracy.ts';
import { softmaxRows } from '../metrics/crossEntropy.ts';
import { LESSON_SGD, withMomentum } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import { constantSchedule } from '../schedules/constant.ts';
import { createHeadLearner, createHeadNetwork, toFeatureSet } from './headNetwork.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { formatRate, readMemoryNeed, readTraining } from './readings.ts';
import { numberSetting } from './settings.ts';
import { requireActivations, requireDataset, type StepContext, type StepResult } from './stepContext.ts';

export async function trainHead(context: StepContext): Promise<StepResult> {
  const { settings, seed, stepId } = context;
  const activations = requireActivations(context);
  const batchSize = numberSetting(settings, 'batchSize');
  const epochCount = numberSetting(settings, 'epochs');
  const learningRate = numberSetting(settings, 'learningRate');
  const progress = createProgressReporter(stepId, context.platform.clock, context.emit);
  const train = trainOnFeatures(toFeatureSet(activations, activations.train), batchSize);
  const valid = validateOnFeatures(toFeatureSet(activations, activations.valid), train.largestBatch);
  const network = await createHeadNetwork(context, train.largestBatch);
  try {
    if (network.memory) progress.announce(readMemoryNeed(network.memory));
    const learner = createHeadLearner(network, {
      learningRate,
      rule: withMomentum(LESSON_SGD, numberSetting(settings, 'momentum')),
      weightDecay: numberSetting(settings, 'weightDecay'),
    });
    const rows: EpochRow[] = [];
    let lastGood: ParameterValues | null = null;
    const keepLastGood: Callback = {
      async epochEnded(epoch) {
        if (Number.isFinite(epoch.validLoss)) lastGood = await network.readParameters();
      },
    };
    const { stopReason } = await fit(learner, {
      train,
      valid,
      epochCount,
      shuffleRandom: createRandom(seed, 'trainHead shuffle'),
      dropoutRandom: createRandom(seed, 'trainHead dropout'),
      signal: context.signal,
      callbacks: [
        followSchedule(constantSchedule(epochCount * train.batchesPerEpoch)),
        keepLastGood,
        tellStory(context, progress, rows, train.itemCount),
      ],
    });
    if (stopReason === LOSS_NOT_FINITE) return failForLoss(context, lastGood, rows.length, learningRate, progress);
    const accuracy = await tellPredictions(context, network, valid, activations.valid.pictureIds);
    return {
      outcome: stopReason === STOPPED_BY_PERSON ? 'stopped' : 'done',
      state: { ...context.state, head: await network.readParameters() },
      reading: readTraining(rows, accuracy, stopReason === STOPPED_BY_PERSON),
      imagesPerSecond: progress.imagesPerSecond(),
    };
  } finally {
    network.dispose();
  }
}

/** Loss and rate of every batch, a row for every epoch, progress at all three levels. */
function tellStory(context: StepContext, progress: ProgressReporter, rows: EpochRow[], pictureCount: number): Callback {
  const { stepId, emit } = context;
  return {
    batchEnded(fit) {
      const batchInEpoch = fit.batch - fit.epoch * fit.batchesPerEpoch + 1;
      emit({
        type: 'batchEnded',
        stepId,
        iteration: fit.batch,
        epoch: fit.epoch,
        learningRate: fit.rates.at(-1) as number,
        momentum: fit.momentum,
        loss: fit.loss,
        smoothedLoss: fit.smoothedLoss,
      });
      progress.report({
        label: 'Training the new layers',
        fraction: (fit.batch + 1) / (fit.epochCount * fit.batchesPerEpoch),
        epochs: { done: Math.floor((fit.batch + 1) / fit.batchesPerEpoch), total: fit.epochCount },
        batches: { done: batchInEpoch, total: fit.batchesPerEpoch },
        pictureCount: Math.round(((fit.batch + 1) / fit.batchesPerEpoch) * pictureCount),
      });
    },
    epochEnded(epoch) {
      const row = {
        epoch: epoch.epoch,
        trainLoss: epoch.smoothedLoss,
        validLoss: epoch.validLoss,
        accuracy: epoch.accuracy,
      };
      rows.push(row);
      emit({ type: 'epochEnded', stepId, row });
    },
  };
}

async function tellPredictions(
  context: StepContext,
  network: Network,
  valid: ValidationData,
  pictureIds: readonly number[],
): Promise<AccuracyInterval> {
  const { classes } = requireDataset(context).summary;
  const probabilities = softmaxRows(await inferAll(network, valid), classes.length);
  const predictions = readPredictions(probabilities, valid.labels, pictureIds);
  const matrix = countConfusions(classes, predictions);
  const correctCount = classes.reduce((sum, _, index) => sum + (matrix.counts[index]?.[index] as number), 0);
  const accuracy = wilsonInterval(correctCount, predictions.length);
  context.emit({ type: 'confusion', stepId: context.stepId, matrix, accuracy, predictions });
  return accuracy;
}

/** The weights of the last epoch with a finite loss are kept; without one, whatever was trained before this run. */
function failForLoss(
  context: StepContext,
  lastGood: ParameterValues | null,
  epochCount: number,
  learningRate: number,
  progress: ProgressReporter,
): StepResult {
  const kept =
    lastGood === null
      ? 'Nothing of this run was kept; earlier training is as it was.'
      : `The layers as they were after epoch ${epochCount - 1} are kept.`;
  const sentence = `The loss stopped being a number at the rate ${formatRate(learningRate)}. ${kept} Run the step again with a rate ten times smaller.`;
  return {
    outcome: 'failed',
    state: lastGood === null ? context.state : { ...context.state, head: lastGood },
    reading: sentence,
    imagesPerSecond: progress.imagesPerSecond(),
    error: { code: 'lossNotFinite', sentence },
  };
}
