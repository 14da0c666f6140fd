import { expect, it } from 'vitest';
import { lessonPlan } from '../testing/plans.ts';
import { nameResets } from './PlotResets.tsx';
import { describeCycles, doesMomentumMove, readPlanRows, resetsOf, schedulePlanCsv } from './schedulePlan.ts';

it('the rate begins anew at the first batch of the second and the third cycle', () => {
  expect(resetsOf(lessonPlan)).toEqual([
    { x: 4, cycle: 2 },
    { x: 12, cycle: 3 },
  ]);
});

it('every point can be read with its epoch, its cycle, its rate and its momentum', () => {
  const rows = readPlanRows(lessonPlan);
  expect(rows[12]).toEqual({ x: 12, lines: ['batch 12', 'epoch 3', 'cycle 3', 'rate 1e-2', 'momentum 0.9'] });
  expect(rows).toHaveLength(28);
});

it('the cycles are told in words', () => {
  expect(describeCycles(lessonPlan)[1]).toBe('Cycle 2: batches 4 to 11, 2 epochs, rate between 3.8e-4 and 1e-2.');
  const { points, cycles, ...rest } = lessonPlan;
  const flat = {
    ...rest,
    points: points.map((point) => ({ ...point, learningRate: 0.1 })),
    cycles: [{ epochs: 7, end: 28 }],
  };
  expect(describeCycles(flat)).toEqual(['The whole training: batches 0 to 27, 7 epochs, rate 1e-1.']);
});

it('momentum has a curve of its own only where it moves', () => {
  expect(doesMomentumMove(lessonPlan)).toBe(false);
  const moved = lessonPlan.points.map((point, index) => ({ ...point, momentum: index / 100 }));
  expect(doesMomentumMove({ ...lessonPlan, points: moved })).toBe(true);
  expect(schedulePlanCsv(lessonPlan).split('\n')[1]).toBe('0,0.01,0.9');
});

it('cycles are named as far as there is room, the hairlines all stay', () => {
  const at = (...xs: number[]) => xs.map((x, index) => ({ x, cycle: index + 2 }));
  expect(nameResets(at(100, 200, 300), 400)).toEqual(['cycle 2', '3', '4']);
  expect(nameResets(at(100, 110, 200, 398), 400)).toEqual(['cycle 2', null, '4', null]);
});
