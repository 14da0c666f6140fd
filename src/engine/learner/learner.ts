// THE loop: the only place that runs training steps. Finder, head training and full training are the same loop with other
// callbacks. Losses are handed to the callbacks in order as they arrive; only the end of an epoch and a stop wait for them.

import type { CancelSignal } from '../../protocol/commands.ts';
import { countItems } from '../data/targets.ts';
import type { Network, StepMetrics } from '../executors/executor.ts';
import { judgeLogits } from '../metrics/judgeLogits.ts';
import { momentumOf, type ParameterGroup, type UpdateRule, withMomentum } from '../optimizers/optimizer.ts';
import { yieldToEvents } from '../platform/yieldToEvents.ts';
import type { Random } from '../random.ts';
import type { Callback, FitControl, FitView, Validated } from './callback.ts';
import { inferInOrder } from './inferInOrder.ts';
import { createSmoothing } from './smoothing.ts';
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

/** Trains with a fresh optimizer, as every fit of the lesson does. Returns at a stop; never undoes what was trained. */
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
  private readonly smoothing = createSmoothing();
  private readonly control: FitControl;
  private stopReason: string | null = null;
  private rateFactor = 1;
  private decayFactor = 1;
  private rule: UpdateRule;
  private batch = 0;
  private epoch = 0;
  private loss = Number.NaN;
  private smoothedLoss = Number.NaN;
  /** Batches whose loss has not arrived yet, oldest first. */
  private readonly waiting: StartedBatch[] = [];

  constructor(learner: Learner, options: FitOptions) {
    this.learner = learner;
    this.options = options;
    this.rule = learner.rule;
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
    for (this.epoch = 0; this.epoch < this.options.epochCount && !this.isOver(); this.epoch++) {
      this.each('epochStarted');
      await this.runEpoch();
      if (!this.stopReason) await this.endEpoch();
    }
    for (const callback of this.options.callbacks) callback.fitEnded?.(this.view());
    return { stopReason: this.stopReason };
  }

  private async runEpoch(): Promise<void> {
    const { train, shuffleRandom, dropoutRandom, signal } = this.options;
    const { network, groups, maxGradientNorm } = this.learner;
    for await (const batch of train.epoch(shuffleRandom)) {
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
      this.tell(network.takeMetrics());
      await yieldToEvents();
      if (signal.aborted) this.control.stop(STOPPED_BY_PERSON);
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
