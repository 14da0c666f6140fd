// The same rate for every batch: what a plain fit does.

import type { Schedule } from './schedule.ts';

export function constantSchedule(batchCount: number): Schedule {
  return { batchCount, at: () => ({ rateFactor: 1 }), cycleEnds: [batchCount] };
}
