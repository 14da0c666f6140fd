import { expect, test } from 'vitest';
import type { Schedule } from './schedule.ts';
import { exponentialSweep, linearSweep } from './sweep.ts';

const rateAt = (sweep: Schedule, batch: number, startRate: number) => startRate * sweep.at(batch).rateFactor;

test.each([
  [100, 1.1481536, 8.7096],
  [360, 1.0391223, 9.62351],
])(
  'over %i batches the rate grows each time by the same factor and stops one short of the end',
  (count, each, last) => {
    const sweep = exponentialSweep(1e-5, 10, count);
    expect(sweep.at(0).rateFactor).toBe(1);
    expect(sweep.at(1).rateFactor).toBeCloseTo(each, 7);
    expect(rateAt(sweep, count / 2, 1e-5)).toBeCloseTo(1e-2, 12);
    expect(rateAt(sweep, count - 1, 1e-5)).toBeCloseTo(last, 4);
  },
);

test('a linear sweep rises from 0 in equal steps, wherever it was told to start', () => {
  for (const startRate of [1e-5, 0.3]) {
    const sweep = linearSweep(startRate, 10, 100);
    const rates = [0, 1, 99].map((batch) => rateAt(sweep, batch, startRate));
    expect(rates[0]).toBe(0);
    expect(rates[1]).toBeCloseTo(0.1, 12);
    expect(rates[2]).toBeCloseTo(9.9, 12);
  }
});
