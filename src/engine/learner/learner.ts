// THE loop: the only place that runs training steps. Finder, head training and full training are the same loop with other
// callbacks. Losses are handed to the callbacks in order as they arrive; only the end of an epoch and a stop wait for them.

import type { CancelSignal } from '../../protocol/commands.ts';
import { countItems } from '../data/targets.ts';
import type { Network, NetworkState, StepMetrics } from '../executors/executor.ts';
import { judgeLogits } from '../metrics/judgeLogits.ts';
import { momentumOf, type ParameterGroup, type UpdateRule, withMomentum } from '../optimizers/optimizer.ts';
import { yieldToEvents } from '../platform/yieldToEvents.ts';
import type { Random, RandomPosition } from '../random.ts';
import type { Callback, CallbackState, FitControl, FitView, Validated } from './callback.ts';
import { inferInOrder } from './inferInOrder.ts';
import { createSmoothing, type Smoothing, type SmoothingState } from './smoothing.ts';
import type { TrainingData, ValidationData } from './trainingData.ts';

export interface Learner {
  readonly network: Network;
  /** Together all that the network was made to learn. */
  readonly groups: readonly ParameterGroup[];
  readonly rule: UpdateRule;
  /** Largest L2 norm of all gradients together; null for no limit, as in the lesson. */
  readonly maxGradientNorm: number | null;
}

export interface FitOptions {
  readonly train: TrainingData;
  /** Null where nothing validates: the finder's case, and that of a training on all the data. */
  readonly valid: ValidationData | null;
  readonly epochCount: number;
  /** Ends the fit in the middle of an epoch: the finder's case. */
  readonly batchCount?: number;
  readonly shuffleRandom: Random;
  readonly dropoutRandom: Random;
  readonly callbacks: readonly Callback[];
  readonly signal: CancelSignal;
  /**
   * Goes on where a fit of the same learner, data and callbacks was; its own streams and callbacks are as new. Batches may be of another
   * size: the epoch goes on behind the items that are trained, and its end is what the schedule says of the end of that epoch.
   */
  readonly resumeFrom?: FitState | null;
  readonly keeper?: FitKeeper | null;
  /** Waited for after every batch: where a person halts the fit. */
  readonly waitForGo?: () => Promise<void>;
}

/** Everything that the rest of a fit depends on, between two batches. A value. */
export interface FitState {
  /** Batches trained so far, over the whole fit. */
  readonly batch: number;
  readonly batchesPerEpoch: number;
  /** The epoch that goes on. Where its last batch is trained, its end, with validation and all, is still to come. */
  readonly epoch: number;
  /** Items of that epoch that are trained: with other batches it goes on behind them. */
  readonly trainedItems: number;
  readonly loss: number;
  readonly smoothedLoss: number;
  readonly smoothing: SmoothingState;
  readonly rateFactor: number;
  readonly decayFactor: number;
  readonly momentum: number;
  readonly positions: {
    /** Where the epoch that goes on began: its order is drawn again. */
    readonly shuffle: RandomPosition;
    readonly dropout: RandomPosition;
    /** Null where the items always look the same. */
    readonly looks: RandomPosition | null;
  };
  readonly network: NetworkState;
  /** By the names of their memories. */
  readonly callbacks: Readonly<Record<string, CallbackState>>;
}

/** Takes the state of a fit now and then. What it does with it is its own: the fit does not wait. */
export interface FitKeeper {
  /** Asked after every batch and every epoch. To answer yes costs a readback. */
  isDue(): boolean;
  keep(state: FitState): void;
  /** Waited for after every batch: where a disk is being written to, a few milliseconds in which it gets on. */
  giveWay?(): Promise<void>;
}

export interface FitResult {
  /** Null when it ran to its end. */
  readonly stopReason: string | null;
}

/**
 * What `FitResult.stopReason` says after a cancel and after a loss that is not a number. After the latter the network holds
 * its last good weights: a step that is not finite changes nothing, and neither do those that ran before its loss arrived.
 */
export const STOPPED_BY_PERSON = 'stoppedByPerson';
export const LOSS_NOT_FINITE = 'lossNotFinite';

/**
 * Trains with a fresh optimizer, as every fit of the lesson does, or goes on as a fit that was cut off would have. Returns at a
 * stop; never undoes what was trained. Throws RangeError when it cannot go on from that state.
 */
export async function fit(learner: Learner, options: FitOptions): Promise<FitResult> {
  learner.network.resetOptimizer();
  // A fit that broke may have left metrics that nobody took; they are not this one's.
  await learner.network.finishSteps();
  return await new FitRun(learner, options).go();
}

interface StartedBatch {
  readonly batch: number;
  readonly epoch: number;
  readonly rates: readonly number[];
  readonly momentum: number;
}

class FitRun {
  private readonly learner: Learner;
  private readonly options: FitOptions;
  private readonly smoothing: Smoothing;
  private readonly control: FitControl;
  private stopReason: string | null = null;
  private rateFactor = 1;
  private decayFactor = 1;
  private rule: UpdateRule;
  private batch = 0;
  private epoch = 0;
  /** Of the epoch that goes on. */
  private trainedItems = 0;
  private loss = Number.NaN;
  private smoothedLoss = Number.NaN;
  /** Where the epoch that goes on drew its order from. */
  private shuffledFrom: RandomPosition;
  /** Batches whose loss has not arrived yet, oldest first. */
  private readonly waiting: StartedBatch[] = [];

  constructor(learner: Learner, options: FitOptions) {
    this.learner = learner;
    this.options = options;
    this.rule = learner.rule;
    this.smoothing = createSmoothing(options.resumeFrom?.smoothing);
    this.shuffledFrom = options.shuffleRandom.position();
    this.control = {
      setRateFactor: (factor) => {
        this.rateFactor = factor;
      },
      setMomentum: (momentum) => {
        this.rule = withMomentum(this.rule, momentum);
      },
      setDecayFactor: (factor) => {
        this.decayFactor = factor;
      },
      stop: (reason) => {
        this.stopReason ??= reason;
      },
    };
  }

  async go(): Promise<FitResult> {
    this.each('fitStarted');
    if (this.options.resumeFrom) this.goOnFrom(this.options.resumeFrom);
    for (; this.epoch < this.options.epochCount && !this.isOver(); this.epoch++) {
      await this.runEpoch();
      this.trainedItems = 0;
      if (!this.stopReason) await this.endEpoch();
    }
    for (const callback of this.options.callbacks) callback.fitEnded?.(this.view());
    return { stopReason: this.stopReason };
  }

  private async runEpoch(): Promise<void> {
    const { train, shuffleRandom, dropoutRandom, signal } = this.options;
    const { network, groups, maxGradientNorm } = this.learner;
    if (this.trainedItems === 0) this.each('epochStarted');
    this.shuffledFrom = shuffleRandom.position();
    for await (const batch of train.epoch(shuffleRandom, this.trainedItems)) {
      this.each('batchStarted');
      const rates = this.rates();
      this.waiting.push({ batch: this.batch, epoch: this.epoch, rates, momentum: momentumOf(this.rule) });
      await network.trainStep(batch, {
        groups: groups.map((group, index) => ({
          ...group,
          learningRate: rates[index] as number,
          weightDecay: group.weightDecay * this.decayFactor,
        })),
        rule: this.rule,
        maxGradientNorm,
        dropoutSeed: dropoutRandom.uint32(),
      });
      this.batch += 1;
      this.trainedItems += batch.count;
      this.tell(network.takeMetrics());
      await yieldToEvents();
      await this.options.keeper?.giveWay?.();
      if (signal.aborted) this.control.stop(STOPPED_BY_PERSON);
      if (!this.isOver()) await this.keepIfDue(this.epoch);
      if (!this.isOver()) await this.options.waitForGo?.();
      if (this.isOver()) break;
    }
    this.tell(await network.finishSteps());
  }

  /** Hands the metrics of the oldest waiting batches to the callbacks. */
  private tell(metrics: readonly StepMetrics[]): void {
    const started = this.waiting.splice(0, metrics.length);
    for (const [index, { loss }] of metrics.entries()) {
      // A callback that stopped the fit has seen its last batch: what ran after it, before its loss arrived, is not told.
      if (this.stopReason && this.stopReason !== STOPPED_BY_PERSON) return;
      this.loss = loss;
      this.smoothedLoss = this.smoothing.add(loss);
      const view = { ...this.view(), ...(started[index] as StartedBatch) };
      for (const callback of this.options.callbacks) callback.batchEnded?.(view, this.control);
      if (!Number.isFinite(loss)) this.control.stop(LOSS_NOT_FINITE);
    }
  }

  private async endEpoch(): Promise<void> {
    const { valid } = this.options;
    const view = { ...this.view(), batch: this.batch - 1, valid: valid && (await this.validate(valid)) };
    for (const callback of this.options.callbacks) await callback.epochEnded?.(view, this.control);
    this.shuffledFrom = this.options.shuffleRandom.position();
    // The last epoch's end is followed at once by what a step makes of the fit.
    if (!this.isOver() && this.epoch + 1 < this.options.epochCount) await this.keepIfDue(this.epoch + 1);
  }

  /** @param epoch the one that goes on, or begins next */
  private async keepIfDue(epoch: number): Promise<void> {
    const { keeper, dropoutRandom, train, callbacks } = this.options;
    if (!keeper?.isDue()) return;
    // Both are on their way back at the same time. Until the losses are told, the callbacks have not gathered what they will.
    const [network, metrics] = await Promise.all([
      this.learner.network.readState(),
      this.learner.network.finishSteps(),
    ]);
    this.tell(metrics);
    // A loss that was no number has ended the fit: what it left is nothing to go on from.
    if (this.isOver()) return;
    keeper.keep({
      batch: this.batch,
      batchesPerEpoch: train.batchesPerEpoch,
      epoch,
      trainedItems: this.trainedItems,
      loss: this.loss,
      smoothedLoss: this.smoothedLoss,
      smoothing: this.smoothing.state(),
      rateFactor: this.rateFactor,
      decayFactor: this.decayFactor,
      momentum: momentumOf(this.rule),
      positions: {
        shuffle: this.shuffledFrom,
        dropout: dropoutRandom.position(),
        looks: train.looks?.position() ?? null,
      },
      network,
      callbacks: Object.fromEntries(callbacks.flatMap(({ memory }) => (memory ? [[memory.name, memory.save()]] : []))),
    });
  }

  private goOnFrom(state: FitState): void {
    const { train, shuffleRandom, dropoutRandom, callbacks, epochCount } = this.options;
    const { trainedItems } = state;
    const isWhole = Number.isInteger(trainedItems) && trainedItems >= 0 && trainedItems <= train.itemCount;
    // Counted back from the epoch's end, so that it ends where the schedule has its end, whatever the size of its first batches was.
    const batch = (state.epoch + 1) * train.batchesPerEpoch - train.batchesAfter(trainedItems);
    const isSame = state.batchesPerEpoch !== train.batchesPerEpoch || state.batch === batch;
    const isInside = isWhole && isSame && state.epoch < epochCount;
    if (!isInside || (train.looks === undefined) !== (state.positions.looks === null)) {
      throw new RangeError(
        `A fit of ${epochCount} epochs cannot go on at batch ${state.batch} of epoch ${state.epoch}.`,
      );
    }
    this.learner.network.writeState(state.network);
    for (const { memory } of callbacks) {
      if (!memory) continue;
      const saved = state.callbacks[memory.name];
      if (!saved) throw new RangeError(`Nothing was kept of “${memory.name}”.`);
      memory.load(saved);
    }
    shuffleRandom.goTo(state.positions.shuffle);
    dropoutRandom.goTo(state.positions.dropout);
    if (state.positions.looks) train.looks?.goTo(state.positions.looks);
    this.batch = batch;
    this.epoch = state.epoch;
    this.trainedItems = trainedItems;
    this.loss = state.loss;
    this.smoothedLoss = state.smoothedLoss;
    this.rateFactor = state.rateFactor;
    this.decayFactor = state.decayFactor;
    this.rule = withMomentum(this.rule, state.momentum);
  }

  private async validate(valid: ValidationData): Promise<Validated> {
    const logits = await inferAll(this.learner.network, valid);
    return { ...judgeLogits(logits, valid.targets), logits };
  }

  private isOver(): boolean {
    return this.stopReason !== null || this.batch >= (this.options.batchCount ?? Number.POSITIVE_INFINITY);
  }

  private rates(): number[] {
    return this.learner.groups.map((group) => group.learningRate * this.rateFactor);
  }

  private view(): FitView {
    return {
      batch: this.batch,
      epoch: this.epoch,
      batchesPerEpoch: this.options.train.batchesPerEpoch,
      epochCount: this.options.epochCount,
      rates: this.rates(),
      momentum: momentumOf(this.rule),
      loss: this.loss,
      smoothedLoss: this.smoothedLoss,
    };
  }

  private each(hook: 'fitStarted' | 'epochStarted' | 'batchStarted'): void {
    for (const callback of this.options.callbacks) callback[hook]?.(this.view(), this.control);
  }
}

/** Logits of a whole set in its order: [item, class] in one flat array. */
export async function inferAll(network: Network, valid: ValidationData): Promise<Float32Array> {
  const classCount = network.graph.outputShape[0] as number;
  const logits = new Float32Array(countItems(valid.targets) * classCount);
  let filled = 0;
  await inferInOrder(network, valid.batches(), (_, output) => {
    logits.set(output, filled);
    filled += output.length;
  });
  return logits;
}
