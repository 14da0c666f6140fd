// A schedule is a pure function of the batch number, so that it can be previewed, tested and resumed. The lesson's rules
// are stated per batch (a warm-up of batchCount / 20 batches, a last batch that is not zero), hence batch, not 0..1.

export interface ScheduleValue {
  /** Multiplies every group's rate. */
  readonly rateFactor: number;
  /** Replaces the optimizer's momentum where a schedule moves it too. */
  readonly momentum?: number;
}

export interface Schedule {
  readonly batchCount: number;
  /** @param batch 0-based, over the whole fit. */
  at(batch: number): ScheduleValue;
  /** Numbers of batches after which a cycle is complete and a snapshot makes sense. */
  readonly cycleEnds: readonly number[];
}

export interface Cycle {
  /** The cycle's first batch. */
  readonly start: number;
  readonly batchCount: number;
}

/** The cycle that a batch belongs to. Throws RangeError for a batch after the last one. */
export function cycleAt(cycleEnds: readonly number[], batch: number): Cycle {
  const cycle = cycleEnds.findIndex((end) => batch < end);
  if (cycle === -1) throw new RangeError(`Batch ${batch} lies after the last of these cycles: ${cycleEnds}.`);
  const start = cycle === 0 ? 0 : (cycleEnds[cycle - 1] as number);
  return { start, batchCount: (cycleEnds[cycle] as number) - start };
}
