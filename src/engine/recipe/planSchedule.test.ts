import { describe, expect, test } from 'vitest';
import type { RecipeStep, SettingValues } from '../../protocol/recipe.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import { planSchedule, previewSchedule } from './planSchedule.ts';
import { scheduleSettings } from './scheduleSettings.ts';
import { completeSettings } from './settings.ts';
import { RECIPES } from './steps.ts';

const stepOf = (id: string) => RECIPES[0]?.steps.find((step) => step.id === id) as RecipeStep;

/** Only the pictures and their classes are looked at. */
function datasetOf(countByClass: readonly number[]): DatasetIndex {
  const pictures = countByClass.flatMap((count, classIndex) =>
    Array.from({ length: count }, () => ({ split: 'train', classIndices: [classIndex] })),
  );
  const others = [
    { split: 'valid', classIndices: [0] },
    { split: 'train', classIndices: null },
  ];
  return {
    summary: { labelKind: 'oneClass', classes: countByClass.map(String), pictures: [...pictures, ...others] },
  } as unknown as DatasetIndex;
}

const preview = (stepId: string, settings: SettingValues, countByClass: readonly number[] = [20, 12]) =>
  previewSchedule(stepOf(stepId), settings, datasetOf(countByClass));

describe('what a training will do, told before it runs', () => {
  test('is the lesson’s seven epochs in three cycles, counted in batches of the open pictures', () => {
    const plan = preview('fineTune', { learningRate: 1e-2, batchSize: 8 });
    expect(plan).toMatchObject({ epochs: 7, batchesPerEpoch: 4, batches: 28 });
    expect(plan?.sentence).toBe('3 cycles, 1 + 2 + 4 = 7 epochs, 28 batches.');
    expect(plan?.cycles).toEqual([
      { epochs: 1, end: 4 },
      { epochs: 2, end: 12 },
      { epochs: 4, end: 28 },
    ]);
    expect(plan?.points).toHaveLength(28);
    // The warm-up's hundredth, then the restarts at the whole rate.
    expect(plan?.points[0]).toEqual({ batch: 0, learningRate: 1e-4, momentum: 0.9 });
    expect([plan?.points[4]?.learningRate, plan?.points[12]?.learningRate]).toEqual([1e-2, 1e-2]);
  });

  test('counts repeated pictures of rare classes, and a last batch of one into the batch before it', () => {
    expect(preview('augment', { batchSize: 8, rareClasses: 'repeat' })?.batchesPerEpoch).toBe(5);
    expect(preview('augment', { batchSize: 8 }, [20, 13])?.batchesPerEpoch).toBe(4);
  });

  test('is a flat line over the epochs where the rate stays', () => {
    const plan = preview('trainHead', { batchSize: 8, epochs: 2, learningRate: 0.1 });
    expect(plan).toMatchObject({ epochs: 2, batches: 8, cycles: [{ epochs: 2, end: 8 }] });
    expect(new Set(plan?.points.map(({ learningRate }) => learningRate))).toEqual(new Set([0.1]));
    expect(plan?.sentence).toBe('2 epochs, 8 batches.');
  });

  test('moves the momentum the other way in one cycle and in triangles, whose cycles are equal', () => {
    const plan = preview('fineTune', { schedule: 'triangle', batchSize: 8, cycleLength: 2, lowMomentum: 0.5 });
    expect(plan?.cycles.map(({ epochs }) => epochs)).toEqual([2, 2, 2]);
    const peak = plan?.points.reduce((best, point) => (point.learningRate > best.learningRate ? point : best));
    expect(peak?.batch).toBe(1);
    expect(Math.min(...(plan?.points.map(({ momentum }) => momentum) ?? []))).toBeCloseTo(0.5, 12);
    const tail = preview('fineTune', { schedule: 'triangleWithTail', batchSize: 2, cycles: 1, tailPercent: 50 });
    expect(tail?.points.at(-1)?.learningRate).toBeLessThan(1e-2 / 10);
  });

  test('is nothing for a step that does not train', () => {
    expect(preview('prepare', {})).toBeNull();
    expect(preview('findRate', {})).toBeNull();
  });

  test('is refused in a sentence where it would never end', () => {
    expect(() => preview('fineTune', { cycles: 50, cycleMultiplier: 4 })).toThrow('more than 10,000 epochs together');
    expect(() => preview('fineTune', { cycles: 0 })).toThrow('“Cycles” takes a whole number from 1 to 50, not 0');
  });
});

test('a long run is thinned, and every peak and foot of it is still there', () => {
  const settings = completeSettings(stepOf('fineTune'), { cycles: 7, learningRate: 1 });
  const plan = planSchedule(settings, scheduleSettings(settings, 100), 100);
  expect(plan.batches).toBe(12_700);
  expect(plan.points.length).toBeLessThanOrEqual(400);
  expect(plan.points.at(-1)?.batch).toBe(12_699);
  for (const { end } of plan.cycles.slice(0, -1)) {
    expect(plan.points.find(({ batch }) => batch === end)?.learningRate, `restart at ${end}`).toBe(1);
  }
  expect(plan.sentence).toBe('7 cycles, 1 + 2 + 4 + 8 + 16 + 32 + 64 = 127 epochs, 12,700 batches.');
});
