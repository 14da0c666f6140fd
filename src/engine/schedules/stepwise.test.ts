import { expect, test } from 'vitest';
import { stepwise } from './stepwise.ts';

test('the rate drops tenfold after every second epoch, at an epoch’s first batch', () => {
  const schedule = stepwise({ epochCount: 5, batchesPerEpoch: 3, stepEpochs: 2 });
  expect(schedule).toMatchObject({ batchCount: 15, cycleEnds: [15] });
  const expected = [1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01];
  for (const [batch, factor] of expected.entries()) expect(schedule.at(batch).rateFactor).toBeCloseTo(factor, 12);
});

test('the factor of a drop is a setting', () => {
  const schedule = stepwise({ epochCount: 3, batchesPerEpoch: 1, stepEpochs: 1, dropFactor: 0.5 });
  expect([0, 1, 2].map((batch) => schedule.at(batch).rateFactor)).toEqual([1, 0.5, 0.25]);
});
