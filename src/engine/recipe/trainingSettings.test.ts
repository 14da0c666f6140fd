import { describe, expect, test } from 'vitest';
import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import { scheduleOptions, scheduleSettings } from './scheduleSettings.ts';
import { UPDATE_OPTIONS, updateSettings } from './updateSettings.ts';

const defaultsOf = (options: readonly OptionSpec[]): SettingValues =>
  Object.fromEntries(options.map((option) => [option.id, option.default]));

describe('the schedule of a step', () => {
  const lesson = defaultsOf(scheduleOptions({ cycles: 3, cycleMultiplier: 2 }));
  const factorsOf = (settings: SettingValues, batchesPerEpoch = 10) => {
    const { epochCount, schedule } = scheduleSettings(settings, batchesPerEpoch);
    expect(schedule.batchCount).toBe(epochCount * batchesPerEpoch);
    return Array.from({ length: schedule.batchCount }, (_, batch) => schedule.at(batch).rateFactor);
  };

  test('is the lesson’s: three cycles of one, two and four epochs that restart at the full rate', () => {
    const factors = factorsOf(lesson);
    expect(factors).toHaveLength(70);
    expect([factors[0], factors[10], factors[30]]).toEqual([0.01, 1, 1]);
    expect(factors[29]).toBeCloseTo(6.156e-3, 5);
    expect(scheduleSettings(lesson, 10).schedule.cycleEnds).toEqual([10, 30, 70]);
  });

  test('can rise and fall once, drop in parts or stay, over as many epochs', () => {
    const oneCycle = factorsOf({ ...lesson, schedule: 'oneCycle' });
    expect(Math.max(...oneCycle)).toBeCloseTo(1, 2);
    expect(oneCycle[0]).toBeCloseTo(1 / 25, 6);
    expect(oneCycle.at(-1)).toBeLessThan(0.01);
    const steps = factorsOf({ ...lesson, schedule: 'stepwise' });
    expect([steps[0], steps[29], steps[30], steps[60]]).toEqual([1, 1, 0.1, 0.1 ** 2]);
    expect(new Set(factorsOf({ ...lesson, schedule: 'constant' }))).toEqual(new Set([1]));
  });
});

describe('the update of a step', () => {
  const lesson = defaultsOf(UPDATE_OPTIONS);

  test('is the lesson’s unless another is chosen', () => {
    expect(updateSettings(lesson)).toEqual({
      rule: { kind: 'sgd', momentum: 0.9, decay: 'coupled' },
      weightDecay: 0,
      maxGradientNorm: null,
    });
  });

  test('takes decay on the weights, a largest gradient, and AdamW with momentum as its first beta', () => {
    const settings = { ...lesson, decay: 'decoupled', weightDecay: 0.01, largestGradient: 2, momentum: 0.8 };
    expect(updateSettings(settings)).toEqual({
      rule: { kind: 'sgd', momentum: 0.8, decay: 'decoupled' },
      weightDecay: 0.01,
      maxGradientNorm: 2,
    });
    expect(updateSettings({ ...settings, optimizer: 'adamW' }).rule).toMatchObject({ kind: 'adamW', beta1: 0.8 });
  });
});
