import { describe, expect, test } from 'vitest';
import type { OptionSpec, RecipeStep } from '../../protocol/recipe.ts';
import { PRESETS } from '../augment/presets.ts';
import { AUGMENTATION_OPTIONS, augmentationSettings, LOOK_OPTIONS, lookSettings } from './augmentationSettings.ts';
import { completeSettings } from './settings.ts';
import { RECIPES } from './steps.ts';

// Only title and options play a part here.
const stepWith = (options: readonly OptionSpec[]) => ({ title: 'Train', options }) as unknown as RecipeStep;
const training = (given: Record<string, number | string> = {}) =>
  augmentationSettings(completeSettings(stepWith(AUGMENTATION_OPTIONS), given));
const looking = (given: Record<string, number | string> = {}) =>
  lookSettings(completeSettings(stepWith(LOOK_OPTIONS), given));

describe('what changes from look to look', () => {
  test('is the lesson’s list with a zoom of 1.1 and a random crop, unless one says otherwise', () => {
    expect(training()).toEqual({ ...PRESETS.sideOn, maxZoom: 1.1, padding: 0, crop: 'random' });
    expect(training({ augmentation: 'topDown', maxZoom: 1 })).toEqual({
      ...PRESETS.topDown,
      ...{ maxZoom: 1, padding: 0, crop: 'random' },
    });
  });

  test('is nothing at all for training without changes, but still another crop for several looks', () => {
    expect(training({ augmentation: 'none', maxZoom: 2 })).toEqual({
      ...PRESETS.none,
      ...{ maxZoom: 1, padding: 0, crop: 'centre' },
    });
    expect(looking({ augmentation: 'none', maxZoom: 2 })).toEqual({
      ...PRESETS.none,
      ...{ maxZoom: 2, padding: 0, crop: 'random' },
    });
  });

  test('is a list of one’s own, part by part, which begins as the side-on one', () => {
    expect(training({ augmentation: 'custom' })).toEqual(training({ augmentation: 'sideOn' }));
    const list = {
      augmentation: 'custom',
      flips: 'dihedral',
      maxDegrees: 45,
      brightness: 0.2,
      contrast: 0.3,
      crop: 'centre',
      padding: 0.25,
      maxZoom: 1.5,
    };
    const expected = {
      flips: 'dihedral',
      maxDegrees: 45,
      lighting: { brightness: 0.2, contrast: 0.3 },
      crop: 'centre',
      padding: 0.25,
      maxZoom: 1.5,
    };
    expect(training(list)).toEqual(expected);
    expect(looking(list)).toEqual(expected);
  });

  test('takes nothing from the list where a preset is chosen', () => {
    expect(training({ augmentation: 'basic', flips: 'dihedral', padding: 0.5 })).toEqual(
      training({ augmentation: 'basic' }),
    );
  });

  test.each([
    ['maxDegrees', 181, '“Largest turn” takes a number from 0 to 180'],
    ['padding', 0.6, '“Mirrored border” takes a number from 0 to 0.5'],
    ['brightness', -0.1, '“Brightness” takes a number from 0 to 0.5'],
    ['contrast', 1.1, '“Contrast” takes a number from 0 to 1'],
    ['flips', 'vertical', '“Flips” takes none or horizontal or dihedral'],
  ])('refuses %s at %s with a sentence', (id, value, sentence) => {
    expect(() => training({ augmentation: 'custom', [id]: value })).toThrow(sentence);
  });
});

test('an option that waits for another one waits for values that the other can have', () => {
  let waiting = 0;
  for (const { options } of RECIPES.flatMap(({ steps }) => steps)) {
    for (const { id, onlyWhen } of options) {
      if (!onlyWhen) continue;
      waiting += 1;
      const other = options.find((option) => option.id === onlyWhen.optionId);
      expect(['choice', 'toggle'], `${id} waits for ${onlyWhen.optionId}`).toContain(other?.kind);
      const values = other?.kind === 'choice' ? other.choices.map(({ value }) => value) : [true, false];
      expect(values).toEqual(expect.arrayContaining([...onlyWhen.isOneOf]));
    }
  }
  expect(waiting).toBeGreaterThan(10);
});
