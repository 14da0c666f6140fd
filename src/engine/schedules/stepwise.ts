// A rate that drops by a factor every few epochs: the lecture's "when it stalls, drop it" by the clock (LESSON section 2.5).

import type { Schedule } from './schedule.ts';

export interface StepwiseOptions {
  readonly epochCount: number;
  readonly batchesPerEpoch: number;
  /** Epochs from one drop to the next. */
  readonly stepEpochs: number;
  /** What a drop multiplies the rate by. */
  readonly dropFactor?: number;
}

/** Epoch e trains at rate * dropFactor^floor(e / stepEpochs). */
export function stepwise({ epochCount, batchesPerEpoch, stepEpochs, dropFactor = 0.1 }: StepwiseOptions): Schedule {
  const batchCount = epochCount * batchesPerEpoch;
  return {
    batchCount,
    cycleEnds: [batchCount],
    at: (batch) => ({ rateFactor: dropFactor ** Math.floor(Math.floor(batch / batchesPerEpoch) / stepEpochs) }),
  };
}
