// Steps 3, 4 and 8: the head on cached features, or the network on changing pictures. A stop keeps what is trained; a loss that is not
// a number brings the last good epoch back. The network itself would hold the weights from before the bad step, but nobody has
// validated those.

import type { EpochRow, ResultScore } from '../../protocol/training.ts';
import { isChanging } from '../augment/augmentation.ts';
import type { ParameterValues } from '../graph/graph.ts';
import { averageProbabilities } from '../interpretation/averageProbabilities.ts';
import { diagnoseFit, type FitFacts, type ValidatedRow } from '../interpretation/fitDiagnosis.ts';
import type { Callback } from '../learner/callback.ts';
import { averageWeights, type WeightAverager } from '../learner/callbacks/averageWeights.ts';
import { followSchedule } from '../learner/callbacks/followSchedule.ts';
import { keepBestEpoch } from '../learner/callbacks/keepBestEpoch.ts';
import {
  type CycleSnapshot,
  keepCycleSnapshots,
  type SnapshotKeeper,
} from '../learner/callbacks/keepCycleSnapshots.ts';
import { keepLastGood } from '../learner/callbacks/keepLastGood.ts';
import { normaliseDecay } from '../learner/callbacks/normaliseDecay.ts';
import { type FitKeeper, fit, inferAll, type Learner, LOSS_NOT_FINITE, STOPPED_BY_PERSON } from '../learner/learner.ts';
import type { ValidationData } from '../learner/trainingData.ts';
import { probabilitiesOf } from '../metrics/judgeLogits.ts';
import { createRandom } from '../random.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { augmentationSettings } from './augmentationSettings.ts';
import { type AveragedWeights, makeAveragedWeights, readAveraged } from './averagedWeights.ts';
import { averagingSettings, type ChosenAveraging } from './averagingSettings.ts';
import { isBalanced } from './balanceSettings.ts';
import { describeSetup, whyRateIsOutdated } from './finderSetups.ts';
import { planSchedule } from './planSchedule.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { formatRate, readStoppedEarly, readTraining, readTrainingOnAll } from './readings.ts';
import { countEpochs, scheduleSettings } from './scheduleSettings.ts';
import { numberSetting } from './settings.ts';
import { CYCLES_CHOICE, nameAverage, nameTrained, SNAPSHOT_BUDGET_BYTES, tellSnapshots } from './snapshots.ts';
import { requireNetwork, type StepContext, type StepResult } from './stepContext.ts';
import type { Snapshots, StudioState } from './studioState.ts';
import { PLAINLY, tellResult, tellRow } from './tellResult.ts';
import { createHeadTrainee, createPictureTrainee, type Trainee } from './trainee.ts';
import { isDecayNormalised, updateSettings } from './updateSettings.ts';

/** Step 3. The rate stays what it is. */
export async function trainHead(context: StepContext): Promise<StepResult> {
  averagingSettings(context.settings); // Refuses what cannot be kept before anything is made.
  const progress = createProgressReporter(context.stepId, context.platform.clock, context.emit);
  const trainee = await createHeadTrainee(context, progress);
  return await train(context, trainee, {
    ...scheduleSettings(context.settings, trainee.train.batchesPerEpoch),
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
  averagingSettings(settings); // Refuses, as the next line does, what cannot run before any picture is read.
  countEpochs(settings);
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
    const resumeFrom = context.resumeFrom?.fit ?? null;
    if (!resumeFrom) tellPlan(context, trainee, learner, options);
    else if (resumeFrom.batchesPerEpoch !== trainee.train.batchesPerEpoch) tellSchedule(context, trainee, options);
    const rows: EpochRow[] = [];
    const cycles = keepCycles(trainee, options.schedule);
    const { firstEpoch, kept } = averagingSettings(context.settings);
    const averager = firstEpoch === null ? null : averageWeights(network, firstEpoch);
    const keepBest = kept === 'best' ? keepBestEpoch(network) : null;
    const lastGood = keepLastGood(network, trainee.isChanged);
    const { stopReason } = await fit(learner, {
      train: trainee.train,
      valid: trainee.valid,
      epochCount: options.epochCount,
      shuffleRandom: createRandom(seed, `${stepId} shuffle`),
      dropoutRandom: createRandom(seed, `${stepId} dropout`),
      signal: context.signal,
      resumeFrom,
      keeper: keeperOf(context, trainee),
      ...(context.control ? { waitForGo: context.control.waitForGo } : {}),
      callbacks: [
        followSchedule(options.schedule),
        ...(isDecayNormalised(context.settings) ? [normaliseDecay(options.schedule.cycleEnds)] : []),
        lastGood,
        ...(keepBest ? [keepBest] : []),
        ...(averager ? [averager] : []),
        cycles,
        tellStory(context, options, rows, trainee.train.itemCount),
      ],
    });
    if (stopReason === STOPPED_BY_PERSON && context.control?.isDiscarded()) return discard(context, progress);
    const snapshots = tellSnapshots(context, trainee, cycles.snapshots(), options.averagedCycles);
    if (stopReason === LOSS_NOT_FINITE) {
      const left = { lastGood: lastGood.lastGood(), epochCount: rows.length, snapshots };
      return failForLoss(context, trainee, left, progress);
    }
    const best = keepBest?.best() ?? null;
    if (best) network.writeParameters(best.parameters);
    const wasStopped = stopReason === STOPPED_BY_PERSON;
    const mean = averager && (await makeMean(context, trainee, learner, { averager, firstEpoch, rows, progress }));
    const isMeanKept = mean !== null && kept === 'averaged';
    const ended = { options, rows, cycles, wasStopped, bestEpoch: best?.epoch ?? null, mean, kept };
    const reading = trainee.valid
      ? await tellTraining(context, trainee, trainee.valid, ended)
      : readTrainingOnAll(rows, trainee.train.itemCount, wasStopped);
    if (isMeanKept) network.writeParameters(mean.parameters);
    return {
      outcome: wasStopped ? 'stopped' : 'done',
      reading,
      state: keepTraining(trainee, await network.readParameters(), snapshots),
      imagesPerSecond: progress.imagesPerSecond(),
    };
  } finally {
    trainee.dispose();
  }
}

/** What the training is about to do; one that goes on has told it. */
function tellPlan(context: StepContext, trainee: Trainee, learner: Learner, options: TrainOptions): void {
  const { stepId, state, emit } = context;
  const reasons = whyRateIsOutdated(state, describeSetup(context, trainee, learner.rule));
  if (reasons.length > 0) emit({ type: 'finderOutdated', stepId, reasons });
  tellSchedule(context, trainee, options);
}

function tellSchedule({ stepId, settings, emit }: StepContext, { train }: Trainee, options: TrainOptions): void {
  emit({ type: 'schedulePlanned', stepId, plan: planSchedule(settings, options, train.batchesPerEpoch) });
}

function discard({ state }: StepContext, progress: ProgressReporter): StepResult {
  return {
    outcome: 'stopped',
    state,
    reading: 'Discarded. Nothing that this run trained is kept; what was trained before it is as it was.',
    imagesPerSecond: progress.imagesPerSecond(),
  };
}

/** What is frozen is where the trainee takes it from, and is not kept again. */
function keeperOf({ keeper }: StepContext, { isChanged }: Trainee): FitKeeper | null {
  if (!keeper) return null;
  return {
    ...keeper,
    keep(state) {
      const parameters = new Map([...state.network.parameters].filter(([name]) => isChanged(name)));
      keeper.keep({ ...state, network: { ...state.network, parameters } });
    },
  };
}

interface EndedTraining {
  readonly options: TrainOptions;
  readonly rows: readonly EpochRow[];
  readonly cycles: SnapshotKeeper;
  readonly wasStopped: boolean;
  /** Null where the best epoch's weights are not kept. */
  readonly bestEpoch: number | null;
  readonly mean: AveragedWeights | null;
  readonly kept: ChosenAveraging['kept'];
}

/** Every way of judging the validation pictures; the matrix is of the weights that are kept. Gives the sentence that reads it. */
async function tellTraining(
  context: StepContext,
  trainee: Trainee,
  valid: ValidationData,
  { options, rows, cycles, wasStopped, bestEpoch, mean, kept }: EndedTraining,
): Promise<string> {
  const isMeanKept = mean !== null && kept === 'averaged';
  const score = await tellPredictions(context, trainee, valid, isMeanKept ? tellRow : tellResult);
  const meanScore = mean && (await tellMean(context, trainee, valid, mean, isMeanKept));
  const averaged = tellAverage(context, trainee, valid, cycles.snapshots().slice(-options.averagedCycles));
  const diagnosis = diagnoseFit(rows.filter(isValidated), { ...options.facts, isBalanced: isBalanced(context) });
  context.emit({ type: 'fitDiagnosed', stepId: context.stepId, diagnosis });
  const reading = readTraining(score, diagnosis, { wasStopped, averaged, bestEpoch });
  return `${reading}${readAveraged(mean, meanScore, { isWanted: kept === 'averaged', isKept: isMeanKept })}`;
}

interface MeanOptions {
  readonly averager: WeightAverager;
  readonly firstEpoch: number | null;
  readonly rows: readonly EpochRow[];
  readonly progress: ProgressReporter;
}

async function makeMean(
  context: StepContext,
  trainee: Trainee,
  learner: Learner,
  { averager, firstEpoch, rows, progress }: MeanOptions,
): Promise<AveragedWeights | null> {
  progress.report({
    label: 'Measuring the batch norms of the averaged weights',
    fraction: 1,
    epochs: null,
    batches: null,
    pictureCount: rows.length * trainee.train.itemCount,
  });
  return await makeAveragedWeights(context, learner, trainee, averager, firstEpoch ?? 0);
}

/** A training of a single cycle ends with what it would keep of it. */
function keepCycles(trainee: Trainee, { cycleEnds }: Schedule): SnapshotKeeper {
  return keepCycleSnapshots(trainee.network, {
    cycleEnds: cycleEnds.length > 1 ? cycleEnds : [],
    isKept: trainee.isChanged,
    budgetBytes: SNAPSHOT_BUDGET_BYTES,
  });
}

/** Snapshots of an earlier training stay until another one leaves its own. */
function keepTraining(trainee: Trainee, values: ParameterValues, snapshots: Snapshots | null): StudioState {
  const state = trainee.keep(values);
  return { ...state, trainedName: nameTrained(state), snapshots: snapshots ?? state.snapshots };
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
    memory: {
      name: 'rows',
      save: () => ({ facts: [...rows], sets: {} }),
      load({ facts }) {
        // As `save` wrote them.
        rows.splice(0, rows.length, ...(facts as EpochRow[]));
      },
    },
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
  tell: typeof tellRow | typeof tellResult,
  label = PLAINLY,
): Promise<ResultScore> {
  const probabilities = probabilitiesOf(await inferAll(network, valid), valid.targets);
  return tell(context, label, { probabilities, targets: valid.targets, pictureIds: validIds });
}

/** The mean of the weights judges the pictures; the network's own weights come back afterwards. */
async function tellMean(
  context: StepContext,
  trainee: Trainee,
  valid: ValidationData,
  { label, parameters }: AveragedWeights,
  isKept: boolean,
): Promise<ResultScore> {
  const own = await trainee.network.readParameters();
  trainee.network.writeParameters(parameters);
  const score = await tellPredictions(context, trainee, valid, isKept ? tellResult : tellRow, label);
  trainee.network.writeParameters(own);
  return score;
}

/** The snapshot ensemble; null where fewer than two cycles came to their end. */
function tellAverage(
  context: StepContext,
  { validIds }: Trainee,
  { targets }: ValidationData,
  cycles: readonly CycleSnapshot[],
): ResultScore | null {
  if (cycles.length < 2) return null;
  const members = cycles.flatMap(({ logits }) => (logits ? [probabilitiesOf(logits, targets)] : []));
  const label = nameAverage(cycles.map(({ cycle }) => cycle));
  const judged = { probabilities: averageProbabilities(members), targets, pictureIds: validIds };
  return tellRow(context, label, judged, CYCLES_CHOICE);
}

interface KeptOfFailure {
  readonly lastGood: ParameterValues | null;
  readonly epochCount: number;
  readonly snapshots: Snapshots | null;
}

/** The weights of the last epoch with a finite loss are kept; without one, whatever was trained before this run. */
function failForLoss(
  context: StepContext,
  trainee: Trainee,
  { lastGood, epochCount, snapshots }: KeptOfFailure,
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
    state: lastGood === null ? context.state : keepTraining(trainee, lastGood, snapshots),
    reading: sentence,
    imagesPerSecond: progress.imagesPerSecond(),
    error: { code: 'lossNotFinite', sentence },
  };
}
