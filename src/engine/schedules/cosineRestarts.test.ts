import { expect, test } from 'vitest';
import { cosineRestarts } from './cosineRestarts.ts';

const LESSON_RATE = 0.01;

function ratesOf(firstCycleBatches: number, { cycles = 1, cycleMultiplier = 1 } = {}): number[] {
  const schedule = cosineRestarts({ cycles, firstCycleBatches, cycleMultiplier });
  return Array.from({ length: schedule.batchCount }, (_, batch) => LESSON_RATE * schedule.at(batch).rateFactor);
}

test('a cycle of 360 batches warms up for 18 of them, once, and ends just above zero', () => {
  const rates = ratesOf(360, { cycles: 2 });
  for (let batch = 0; batch < 18; batch++) expect(rates[batch]).toBeCloseTo(1e-4, 12);
  expect(rates[18]).toBeCloseTo(0.00993844, 8);
  expect(rates[180]).toBeCloseTo(0.005, 12);
  expect(rates[359]).toBeCloseTo(1.9038e-7, 11);
  expect(rates[360]).toBe(LESSON_RATE);
});

test('a cycle of two batches warms up for one, and every later cycle starts at the whole rate', () => {
  const expected = [1 / 100, 1 / 2, 1, 1 / 2].map((factor) => factor * LESSON_RATE);
  for (const [batch, rate] of ratesOf(2, { cycles: 2 }).entries())
    expect(rate).toBeCloseTo(expected[batch] as number, 12);
});

test('a warm-up is a twentieth of the first cycle, rounded up to whole batches', () => {
  for (let batchCount = 2; batchCount <= 400; batchCount++) {
    const warm = ratesOf(batchCount, { cycles: 2 }).filter((rate) => rate === LESSON_RATE / 100);
    expect(warm.length, `of ${batchCount} batches`).toBe(Math.floor((batchCount + 19) / 20));
  }
});

test('a cycle of a single batch trains at the whole rate, and those that grow from it along their cosine', () => {
  expect(ratesOf(1, { cycles: 3 })).toEqual([LESSON_RATE, LESSON_RATE, LESSON_RATE]);
  const growing = ratesOf(1, { cycles: 3, cycleMultiplier: 2 });
  const expected = [1, 1, 0.5, 1, 0.853553, 0.5, 0.146447];
  expect(growing.length).toBe(expected.length);
  for (const [batch, rate] of growing.entries()) expect(rate).toBeCloseTo((expected[batch] as number) * LESSON_RATE, 8);
});

test('a batch after the last cycle has no rate', () => {
  const schedule = cosineRestarts({ cycles: 2, firstCycleBatches: 10, cycleMultiplier: 2 });
  expect(() => schedule.at(30)).toThrow('after the last of these cycles: 10,30');
});
