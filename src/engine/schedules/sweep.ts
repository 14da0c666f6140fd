// The learning-rate finder's sweeps (LESSON section 1.1): from a small rate to a large one, batch by batch.

import type { Schedule } from './schedule.ts';

/** Batch i trains at start * (end / start)^(i / batchCount); the end itself is never reached. Factors are of `start`. */
export function exponentialSweep(start: number, end: number, batchCount: number): Schedule {
  const perBatch = (end / start) ** (1 / batchCount);
  return { batchCount, at: (batch) => ({ rateFactor: perBatch ** batch }), cycleEnds: [batchCount] };
}

/** Batch i trains at end * i / batchCount, so batch 0 trains at rate 0. Factors are of `start`. */
export function linearSweep(start: number, end: number, batchCount: number): Schedule {
  return { batchCount, at: (batch) => ({ rateFactor: ((end / start) * batch) / batchCount }), cycleEnds: [batchCount] };
}
