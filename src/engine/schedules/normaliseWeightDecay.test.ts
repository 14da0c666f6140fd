import { expect, test } from 'vitest';
import { cosineRestarts } from './cosineRestarts.ts';
import { normaliseWeightDecay } from './normaliseWeightDecay.ts';

test('the longer the cycle, the smaller the decay: by the root of its batches', () => {
  const { cycleEnds } = cosineRestarts({ cycles: 3, firstCycleBatches: 100, cycleMultiplier: 2 });
  const byEpoch = [0, 1, 2, 3, 4, 5, 6].map((epoch) => normaliseWeightDecay(0.01, cycleEnds, epoch * 100));
  const expected = [0.001, 0.00070711, 0.00070711, 0.0005, 0.0005, 0.0005, 0.0005];
  for (const [epoch, decay] of byEpoch.entries()) expect(decay).toBeCloseTo(expected[epoch] as number, 8);
  expect(normaliseWeightDecay(0.01, cycleEnds, 99)).toBeCloseTo(0.001, 12);
  expect(() => normaliseWeightDecay(0.01, cycleEnds, 700)).toThrow(RangeError);
});
