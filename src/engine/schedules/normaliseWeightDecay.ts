// Weight decay that does not depend on how long a cycle is (Loshchilov & Hutter 2019, arXiv 1711.05101; LESSON section 2.6).

import { cycleAt } from './schedule.ts';

/** The decay for one batch: weightDecay / sqrt(batches in the cycle that the batch belongs to). */
export function normaliseWeightDecay(weightDecay: number, cycleEnds: readonly number[], batch: number): number {
  return weightDecay / Math.sqrt(cycleAt(cycleEnds, batch).batchCount);
}
