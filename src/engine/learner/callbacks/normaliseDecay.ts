// Divides the weight decay of every batch by the root of the number of batches in its cycle, so that one decay suits cycles of any
// length (LESSON section 2.6).

import { normaliseWeightDecay } from '../../schedules/normaliseWeightDecay.ts';
import type { Callback } from '../callback.ts';

export function normaliseDecay(cycleEnds: readonly number[]): Callback {
  return {
    batchStarted({ batch }, control) {
      control.setDecayFactor(normaliseWeightDecay(1, cycleEnds, batch));
    },
  };
}
