import { describe, expect, test } from 'vitest';
import { cosineOneCycle, triangle, triangleWithTail } from './oneCycle.ts';
import { repeatSchedule } from './repeatSchedule.ts';
import type { Schedule } from './schedule.ts';

const momentum = { high: 0.95, low: 0.85 };
const rateAt = (schedule: Schedule, batch: number) => schedule.at(batch).rateFactor;
const momentumAt = (schedule: Schedule, batch: number) => schedule.at(batch).momentum as number;

describe('the triangle', () => {
  test('peaks after an eighth of forty batches, momentum a batch ahead of it', () => {
    const schedule = triangle({ batchCount: 40, divider: 10, cutDivider: 8, momentum });
    for (const [batch, rate] of [0.1, 0.28, 0.46, 0.64, 0.82, 1, 0.9743].entries()) {
      expect(rateAt(schedule, batch)).toBeCloseTo(rate, 4);
    }
    expect(rateAt(schedule, 39)).toBeCloseTo(0.12571, 5);
    for (const [batch, value] of [0.93, 0.91, 0.89, 0.87, 0.85, 0.8529].entries()) {
      expect(momentumAt(schedule, batch)).toBeCloseTo(value, 4);
    }
  });

  test('starts anew at its lowest rate when it is repeated, and says where', () => {
    const schedule = repeatSchedule(triangle({ batchCount: 40, divider: 10, cutDivider: 8 }), 3);
    expect(schedule).toMatchObject({ batchCount: 120, cycleEnds: [40, 80, 120] });
    expect(rateAt(schedule, 39)).toBeCloseTo(0.12571, 5);
    expect(rateAt(schedule, 40)).toBeCloseTo(0.1, 12);
    expect(rateAt(schedule, 85)).toBeCloseTo(1, 12);
  });

  test('leaves momentum alone where no range is given', () => {
    expect(triangle({ batchCount: 40, divider: 10, cutDivider: 8 }).at(5)).toEqual({ rateFactor: 1 });
  });

  test('goes up within a batch when it is shorter than its divider', () => {
    const schedule = triangle({ batchCount: 4, divider: 10, cutDivider: 8, momentum });
    for (const [batch, rate] of [0.1, 1, 0.7, 0.4].entries()) expect(rateAt(schedule, batch)).toBeCloseTo(rate, 12);
    expect(momentumAt(schedule, 0)).toBeCloseTo(0.85, 12);
  });
});

describe('the triangle with a tail', () => {
  const schedule = triangleWithTail({ batchCount: 100, divider: 10, tailPercent: 10, momentum });

  test('spends its last tenth between a tenth and a thousandth of the peak', () => {
    const expected = [0.1, 1, 0.1, 0.0505, 0.0109];
    for (const [index, batch] of [0, 45, 90, 95, 99].entries()) {
      expect(rateAt(schedule, batch)).toBeCloseTo(expected[index] as number, 10);
    }
  });

  test('moves momentum down and up again, and keeps it in the tail', () => {
    expect(momentumAt(schedule, 44)).toBeCloseTo(0.85, 12);
    for (const batch of [89, 95, 99]) expect(momentumAt(schedule, batch)).toBeCloseTo(0.95, 12);
  });

  test('goes up within a batch when there is hardly more than one', () => {
    const short = triangleWithTail({ batchCount: 2, divider: 10, tailPercent: 10 });
    expect([rateAt(short, 0), rateAt(short, 1)]).toEqual([0.1, 1]);
  });
});

describe('the cosine form', () => {
  test('takes fastai 2’s way up in a quarter of the batches and down in the rest', () => {
    const schedule = cosineOneCycle({ batchCount: 8 });
    const expected = [0.04, 0.52, 1, 0.933013, 0.750003, 0.500005, 0.250008, 0.066997];
    for (const [batch, rate] of expected.entries()) expect(rateAt(schedule, batch)).toBeCloseTo(rate, 6);
    const momenta = [0.95, 0.9, 0.85, 0.856699, 0.875, 0.9, 0.925, 0.943301];
    for (const [batch, value] of momenta.entries()) expect(momentumAt(schedule, batch)).toBeCloseTo(value, 6);
    expect(schedule.cycleEnds).toEqual([8]);
  });

  test('has the values that fastai 2 tests its own with', () => {
    const schedule = cosineOneCycle({
      batchCount: 20,
      upShare: 0.25,
      divider: 2,
      endDivider: Number.POSITIVE_INFINITY,
    });
    const expected = [0.5, 0.67275, 1, 0.75];
    for (const [index, batch] of [0, 2, 5, 10].entries()) {
      expect(rateAt(schedule, batch)).toBeCloseTo(expected[index] as number, 5);
    }
  });
});
