// Hooks around the loop. Array order is run order; a callback reads the fit through FitView and acts through FitControl.

import type { Judgement } from '../metrics/judgeLogits.ts';

export interface FitView {
  /** 0-based batch number over the whole fit: the batch about to run, or the one whose loss has arrived. */
  readonly batch: number;
  readonly epoch: number;
  readonly batchesPerEpoch: number;
  readonly epochCount: number;
  /** Rates of the groups for this batch; the last one is the head's. */
  readonly rates: readonly number[];
  readonly momentum: number;
  /** The batch's own loss and the smoothed one; NaN until the first loss has arrived. */
  readonly loss: number;
  readonly smoothedLoss: number;
}

/** What the validation set said at the end of an epoch. */
export interface Validated extends Judgement {
  /** In the set's order: [item, class]. */
  readonly logits: Float32Array;
}

export interface EpochView extends FitView {
  /** Null where nothing validates. */
  readonly valid: Validated | null;
}

export interface FitControl {
  /** Multiplies every group's own rate from the next batch on. */
  setRateFactor(factor: number): void;
  setMomentum(momentum: number): void;
  /** Multiplies every group's own weight decay from the next batch on. */
  setDecayFactor(factor: number): void;
  /** Ends the fit after what is running; a reason for the record. */
  stop(reason: string): void;
}

/** Numbers by name: parameters, sums, logits. */
export type NumberSet = ReadonlyMap<string, Float32Array | Float64Array>;

/** What a callback has gathered since the fit began, so that a fit that was cut off goes on with it. Nobody changes it afterwards. */
export interface CallbackState {
  /** What JSON can say, numbers that are none included. */
  readonly facts: unknown;
  /** A set that is the object it was before holds what it held before, and need not be written again. */
  readonly sets: Readonly<Record<string, NumberSet>>;
}

export interface CallbackMemory {
  /** No other callback of the fit has it. */
  readonly name: string;
  save(): CallbackState;
  load(state: CallbackState): void;
}

export interface Callback {
  /** Of a callback that gathers something. What the fit's batch number says need not be gathered. */
  readonly memory?: CallbackMemory;
  fitStarted?(fit: FitView, control: FitControl): void;
  epochStarted?(fit: FitView, control: FitControl): void;
  batchStarted?(fit: FitView, control: FitControl): void;
  /** Called in order, once per batch, when its loss has been read: possibly a few batches late. */
  batchEnded?(fit: FitView, control: FitControl): void;
  epochEnded?(fit: EpochView, control: FitControl): void | Promise<void>;
  fitEnded?(fit: FitView): void;
}
