// Steps 3, 4 and 8: the head on cached features, or the network on changing pictures. A stop keeps what is trained; a loss that is not
// a number brings the last good epoch back. The network itself would hold the weights from before the bad step, but nobody has
// validated those.

import type { EpochRow, ResultScore } from '../../protocol/training.ts';
import { isChanging } from '../augment/augmentation.ts';
import type { ParameterValues } from '../graph/graph.ts';
import { averageProbabilities } from '../interpretation/averageProbabilities.ts';
import { diagnoseFit, type FitFacts, type ValidatedRow } from '../interpretation/fitDiagnosis.ts';
import type { Callback } from '../learner/callback.ts';
import { followSchedule } from '../learner/callbacks/followSchedule.ts';
import { keepBestEpoch } from '../learner/callbacks/keepBestEpoch.ts';
import { type CyclePrediction, keepCyclePredictions } from '../learner/callbacks/keepCyclePredictions.ts';
import { fit, inferAll, type Learner, LOSS_NOT_FINITE, STOPPED_BY_PERSON } from '../learner/learner.ts';
import type { ValidationData } from '../learner/trainingData.ts';
import { probabilitiesOf } from '../metrics/judgeLogits.ts';
import { createRandom } from '../random.ts';
import { constantSchedule } from '../schedules/constant.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { augmentationSettings } from './augmentationSettings.ts';
import { isBalanced } from './balanceSettings.ts';
import { describeSetup, whyRateIsOutdated } from './finderSetups.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { formatRate, readStoppedEarly, readTraining, readTrainingOnAll } from './readings.ts';
import { scheduleSettings } from './scheduleSettings.ts';
import { choiceSetting, numberSetting } from './settings.ts';
import { requireNetwork, type StepContext, type StepResult } from './stepContext.ts';
import { PLAINLY, tellResult, tellRow } from './tellResult.ts';
import { createHeadTrainee, createPictureTrainee, type Trainee } from './trainee.ts';
import { updateSettings } from './updateSettings.ts';

/** Step 3. The rate stays what it is. */
export async function trainHead(context: StepContext): Promise<StepResult> {
  const progress = createProgressReporter(context.stepId, context.platform.clock, context.emit);
  const trainee = await createHeadTrainee(context, progress);
  const epochCount = numberSetting(context.settings, 'epochs');
  const schedule = constantSchedule(epochCount * trainee.train.batchesPerEpoch);
  return await train(context, trainee, {
    epochCount,
    schedule,
    label: 'Training the new layers',
    progress,
    averagedCycles: 1,
    facts: { isAugmented: false, isUnfrozen: false },
  });
}

/** Step 4: the network stays frozen, whatever step 5 has said. */
export async function trainHeadOnPictures(context: StepContext): Promise<StepResult> {
  return await trainInCycles(context, { isBodyFrozen: true });
}

/** Step 8: what is not frozen learns. */
export async function trainOnPictures(context: StepContext): Promise<StepResult> {
  return await trainInCycles(context, { isBodyFrozen: false });
}

/** The rate falls along a cosine in each cycle and jumps up again at its end. */
async function trainInCycles(context: StepContext, { isBodyFrozen }: { isBodyFrozen: boolean }): Promise<StepResult> {
  const { settings, stepId, state } = context;
  const progress = createProgressReporter(stepId, context.platform.clock, context.emit);
  const trainee = await createPictureTrainee(context, { isBodyFrozen }, progress);
  if (!trainee) return { outcome: 'stopped', state, reading: readStoppedEarly(), imagesPerSecond: null };
  return await train(context, trainee, {
    ...scheduleSettings(settings, trainee.train.batchesPerEpoch),
    label: trainee.groups.length > 1 ? 'Training the network' : 'Training the new layers',
    progress,
    averagedCycles: numberSetting(settings, 'averagedCycles'),
    facts: {
      isAugmented: isChanging(augmentationSettings(settings)),
      isUnfrozen: trainee.groups.length === requireNetwork(context).rateShares.length,
    },
  });
}

interface TrainOptions {
  readonly epochCount: number;
  readonly schedule: Schedule;
  /** What progress says. */
  readonly label: string;
  readonly progress: ProgressReporter;
  /** How many of the last cycles are averaged, for a result beside the plain one. */
  readonly averagedCycles: number;
  readonly facts: FitFacts;
}

/** Trains and disposes the trainee. */
async function train(context: StepContext, trainee: Trainee, options: TrainOptions): Promise<StepResult> {
  const { seed, stepId } = context;
  const { network } = trainee;
  const { progress } = options;
  try {
    const learner = createLearner(context, trainee);
    const reasons = whyRateIsOutdated(context.state, describeSetup(context, trainee, learner.rule));
    if (reasons.length > 0) context.emit({ type: 'finderOutdated', stepId, reasons });
    const rows: EpochRow[] = [];
    let lastGood: ParameterValues | null = null;
    const cycles = keepCyclePredictions(options.schedule.cycleEnds, options.averagedCycles);
    const keepBest = choiceSetting(context.settings, 'keptWeights') === 'best' ? keepBestEpoch(network) : null;
    const keepLastGood: Callback = {
      async epochEnded(epoch) {
        const isGood = Number.isFinite(epoch.valid ? epoch.valid.loss : epoch.smoothedLoss);
        if (isGood) lastGood = await network.readParameters();
      },
    };
    const { stopReason } = await fit(learner, {
      train: trainee.train,
      valid: trainee.valid,
      epochCount: options.epochCount,
      shuffleRandom: createRandom(seed, `${stepId} shuffle`),
      dropoutRandom: createRandom(seed, `${stepId} dropout`),
      signal: context.signal,
      callbacks: [
        followSchedule(options.schedule),
        keepLastGood,
        ...(keepBest ? [keepBest] : []),
        cycles,
        tellStory(context, options, rows, trainee.train.itemCount),
      ],
    });
    if (stopReason === LOSS_NOT_FINITE) return failForLoss(context, trainee, lastGood, rows.length, progress);
    const best = keepBest?.best() ?? null;
    if (best) network.writeParameters(best.parameters);
    const wasStopped = stopReason === STOPPED_BY_PERSON;
    const tell = async (valid: ValidationData): Promise<string> => {
      const score = await tellPredictions(context, trainee, valid);
      const averaged = tellAverage(context, trainee, valid, cycles.predictions());
      const diagnosis = diagnoseFit(rows.filter(isValidated), { ...options.facts, isBalanced: isBalanced(context) });
      context.emit({ type: 'fitDiagnosed', stepId, diagnosis });
      return readTraining(score, diagnosis, { wasStopped, averaged, bestEpoch: best?.epoch ?? null });
    };
    return {
      outcome: wasStopped ? 'stopped' : 'done',
      reading: trainee.valid ? await tell(trainee.valid) : readTrainingOnAll(rows, trainee.train.itemCount, wasStopped),
      state: trainee.keep(await network.readParameters()),
      imagesPerSecond: progress.imagesPerSecond(),
    };
  } finally {
    trainee.dispose();
  }
}

function createLearner({ settings }: StepContext, { network, groups }: Trainee): Learner {
  const learningRate = numberSetting(settings, 'learningRate');
  const { rule, weightDecay, maxGradientNorm } = updateSettings(settings);
  return {
    network,
    groups: groups.map(({ names, rateShare }) => ({ names, learningRate: learningRate * rateShare, weightDecay })),
    rule,
    maxGradientNorm,
  };
}

/** Loss and rate of every batch, a row for every epoch, progress at all three levels. */
function tellStory(
  { stepId, emit }: StepContext,
  { progress, label }: TrainOptions,
  rows: EpochRow[],
  pictureCount: number,
): Callback {
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
        label,
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
        validLoss: epoch.valid?.loss ?? null,
        score: epoch.valid?.score ?? null,
      };
      rows.push(row);
      emit({ type: 'epochEnded', stepId, row });
    },
  };
}

function isValidated(row: EpochRow): row is ValidatedRow {
  return row.validLoss !== null;
}

async function tellPredictions(
  context: StepContext,
  { network, validIds }: Trainee,
  valid: ValidationData,
): Promise<ResultScore> {
  const probabilities = probabilitiesOf(await inferAll(network, valid), valid.targets);
  return tellResult(context, PLAINLY, { probabilities, targets: valid.targets, pictureIds: validIds });
}

/** The snapshot ensemble; null where fewer than two cycles came to their end. */
function tellAverage(
  context: StepContext,
  { validIds }: Trainee,
  { targets }: ValidationData,
  cycles: readonly CyclePrediction[],
): ResultScore | null {
  const [first, last] = [cycles[0], cycles.at(-1)];
  if (!first || !last || first === last) return null;
  const probabilities = averageProbabilities(cycles.map(({ logits }) => probabilitiesOf(logits, targets)));
  const label = `Average of cycles ${first.cycle + 1} to ${last.cycle + 1}`;
  return tellRow(context, label, { probabilities, targets, pictureIds: validIds });
}

/** The weights of the last epoch with a finite loss are kept; without one, whatever was trained before this run. */
function failForLoss(
  context: StepContext,
  trainee: Trainee,
  lastGood: ParameterValues | null,
  epochCount: number,
  progress: ProgressReporter,
): StepResult {
  const kept =
    lastGood === null
      ? 'Nothing of this run was kept; earlier training is as it was.'
      : `The layers as they were after epoch ${epochCount - 1} are kept.`;
  const rate = formatRate(numberSetting(context.settings, 'learningRate'));
  const sentence = `The loss stopped being a number at the rate ${rate}. ${kept} Run the step again with a rate ten times smaller.`;
  return {
    outcome: 'failed',
    state: lastGood === null ? context.state : trainee.keep(lastGood),
    reading: sentence,
    imagesPerSecond: progress.imagesPerSecond(),
    error: { code: 'lossNotFinite', sentence },
  };
}
