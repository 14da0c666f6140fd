// What a training's rate will do, told before it runs. All structured-cloneable.

export interface SchedulePoint {
  /** 0-based, over the whole training. */
  readonly batch: number;
  /** Of the new layers; the others follow by their shares. */
  readonly learningRate: number;
  readonly momentum: number;
}

export interface ScheduleCycle {
  readonly epochs: number;
  /** Batches that have been trained when it ends: the number of the next cycle's first batch. */
  readonly end: number;
}

export interface SchedulePlan {
  readonly epochs: number;
  readonly batchesPerEpoch: number;
  readonly batches: number;
  /** One where the rate never begins anew. */
  readonly cycles: readonly ScheduleCycle[];
  /** In order, 400 at most; the largest and the smallest rate of every stretch are among them. */
  readonly points: readonly SchedulePoint[];
  /** '3 cycles, 1 + 2 + 4 = 7 epochs, 28 batches.' */
  readonly sentence: string;
}
