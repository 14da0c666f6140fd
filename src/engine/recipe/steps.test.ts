import { describe, expect, test } from 'vitest';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { augmentationSettings, lookSettings } from './augmentationSettings.ts';
import { scheduleSettings } from './scheduleSettings.ts';
import { RECIPES } from './steps.ts';
import { updateSettings } from './updateSettings.ts';

test.each(RECIPES)('the words of “$label” send nobody to a step that it does not have', ({ steps }) => {
  for (const { title, why, lookFor, options } of steps) {
    const words = [why, lookFor, ...options.map(({ help }) => help)].join(' ');
    for (const [sentence, number] of words.matchAll(/(?:Take it from )?step (\d)/g)) {
      const step = steps.find((candidate) => candidate.number === Number(number));
      expect(step, `“${title}” speaks of step ${number}`).toBeDefined();
      if (sentence.startsWith('Take')) expect(step?.title).toMatch(/^Find a learning rate/);
    }
  }
});

describe('the eight steps as they come', () => {
  const steps = RECIPES.find(({ id }) => id === 'eight')?.steps ?? [];
  const defaultsOf = (wanted: string) =>
    Object.fromEntries(
      (steps.find(({ id }) => id === wanted)?.options ?? []).map((option) => [option.id, option.default]),
    );

  test('train with the lesson’s numbers: 3 cycles of an epoch on the head, 7 epochs of lengthening cycles on everything', () => {
    expect(defaultsOf('augment')).toMatchObject({
      schedule: 'restarts',
      cycles: 3,
      cycleLength: 1,
      cycleMultiplier: 1,
    });
    const fineTune = defaultsOf('fineTune');
    expect(fineTune).toMatchObject({ schedule: 'restarts', batchSize: 64, learningRate: 1e-2 });
    expect(scheduleSettings(fineTune, 1).epochCount).toBe(7);
    expect(updateSettings(fineTune).rule).toEqual(LESSON_SGD);
    expect(defaultsOf('rates')).toEqual({ laterDivisor: 10, earlyDivisor: 10 });
    expect(defaultsOf('unfreeze')).toEqual({ learns: 'everything', batchNorms: 'learn' });
  });

  test('sweep from 1e-5 to 10 and look five times, the looks changed as in training', () => {
    for (const finder of ['findRate', 'findRateAgain'])
      expect(defaultsOf(finder)).toMatchObject({ startRate: 1e-5, endRate: 10 });
    expect(defaultsOf('tta')).toMatchObject({ looks: 4, rule: 'mean' });
    expect(lookSettings(defaultsOf('tta'))).toEqual(augmentationSettings(defaultsOf('fineTune')));
  });
});
