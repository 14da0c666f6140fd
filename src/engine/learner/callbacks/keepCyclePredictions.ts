// Keeps what the network says about the validation set at the end of each cycle, for a snapshot ensemble (LESSON section 8):
// the epoch has just been validated, so neither weights are kept nor pictures looked at a second time.

import type { Callback } from '../callback.ts';

export interface CyclePrediction {
  /** 0-based, as the lesson numbers its files. */
  readonly cycle: number;
  /** Of the validation set in its order: [item, class]. */
  readonly logits: Float32Array;
}

export interface PredictionKeeper extends Callback {
  /** Oldest first. */
  predictions(): readonly CyclePrediction[];
}

/**
 * A cycle that a stop cut short is not kept.
 * @param cycleEnds of the schedule that the fit follows; @param keptCount how many of the last cycles are kept.
 */
export function keepCyclePredictions(cycleEnds: readonly number[], keptCount: number): PredictionKeeper {
  const predictions: CyclePrediction[] = [];
  return {
    predictions: () => predictions,
    epochEnded({ batch, valid }) {
      const cycle = cycleEnds.indexOf(batch + 1);
      if (cycle === -1 || !valid) return;
      predictions.push({ cycle, logits: valid.logits });
      if (predictions.length > keptCount) predictions.shift();
    },
  };
}
