// A plan as tests use it: the lesson's three cycles of 1, 2 and 4 epochs, four batches each.

import type { SchedulePlan } from '../../protocol/schedule.ts';

const ends = [4, 12, 28];

export const lessonPlan: SchedulePlan = {
  epochs: 7,
  batchesPerEpoch: 4,
  batches: 28,
  cycles: [1, 2, 4].map((epochs, index) => ({ epochs, end: ends[index] as number })),
  points: Array.from({ length: 28 }, (_, batch) => {
    const cycle = ends.findIndex((end) => batch < end);
    const start = ends[cycle - 1] ?? 0;
    const share = (batch - start) / ((ends[cycle] as number) - start);
    return { batch, learningRate: (1 + Math.cos(Math.PI * share)) / 200, momentum: 0.9 };
  }),
  sentence: '3 cycles, 1 + 2 + 4 = 7 epochs, 28 batches.',
};
