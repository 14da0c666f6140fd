// A schedule several times over: cycles of equal length from one that has a single cycle.

import type { Schedule } from './schedule.ts';

export function repeatSchedule(schedule: Schedule, times: number): Schedule {
  const { batchCount, cycleEnds } = schedule;
  const starts = Array.from({ length: times }, (_, index) => index * batchCount);
  return {
    batchCount: times * batchCount,
    cycleEnds: starts.flatMap((start) => cycleEnds.map((end) => start + end)),
    at: (batch) => schedule.at(batch % batchCount),
  };
}
