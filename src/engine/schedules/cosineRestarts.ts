// SGD with warm restarts (Loshchilov & Hutter 2017, arXiv 1608.03983) by the lesson's per-batch rule (LESSON section 2.2).

import { cycleAt, type Schedule } from './schedule.ts';

/** The lesson trains the first twentieth of the first cycle, and of no later one, at a hundredth of the rate. */
const WARM_UP_SHARE = 1 / 20;
const WARM_UP_FACTOR = 1 / 100;

export interface CosineRestartsOptions {
  readonly cycles: number;
  /** Batches in the first cycle: batches per epoch times the cycle length in epochs. */
  readonly firstCycleBatches: number;
  /** Each cycle is this many times as long as the one before. */
  readonly cycleMultiplier: number;
}

/**
 * Within a cycle of n batches, batch c trains at rate / 2 * (1 + cos(pi * c / n)): never quite 0. A cycle of a single batch
 * trains at the whole rate, without a warm-up that would be all of it; the original would give it rate / 100, then 0.
 */
export function cosineRestarts({ cycles, firstCycleBatches, cycleMultiplier }: CosineRestartsOptions): Schedule {
  const cycleEnds: number[] = [];
  let length = firstCycleBatches;
  for (let cycle = 0; cycle < cycles; cycle++) {
    cycleEnds.push((cycleEnds.at(-1) ?? 0) + length);
    length *= cycleMultiplier;
  }
  return {
    batchCount: cycleEnds.at(-1) ?? 0,
    cycleEnds,
    at(batch) {
      const isWarmUp = firstCycleBatches > 1 && batch < firstCycleBatches * WARM_UP_SHARE;
      if (isWarmUp) return { rateFactor: WARM_UP_FACTOR };
      const cycle = cycleAt(cycleEnds, batch);
      return { rateFactor: (1 + Math.cos((Math.PI * (batch - cycle.start)) / cycle.batchCount)) / 2 };
    },
  };
}

/** Epochs that n cycles take: length * (1 + multiplier + multiplier^2 + ...). (1, 2, 3) -> 7. */
export function countCycleEpochs(cycleLengthEpochs: number, cycleMultiplier: number, cycles: number): number {
  let epochs = 0;
  for (let cycle = 0; cycle < cycles; cycle++) epochs += cycleLengthEpochs * cycleMultiplier ** cycle;
  return epochs;
}
