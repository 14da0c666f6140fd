import { describe, expect, test } from 'vitest';
import { completeSettings } from './settings.ts';
import { RECIPES } from './steps.ts';

const stepsOf = (recipeId: string) => RECIPES.find(({ id }) => id === recipeId)?.steps ?? [];
const settingsOf = (recipeId: string, stepId: string) => {
  const step = stepsOf(recipeId).find(({ id }) => id === stepId);
  if (!step) throw new Error(`The recipe ${recipeId} has no step ${stepId}.`);
  return completeSettings(step, {});
};

test.each(RECIPES)(
  'the steps of “$label” are numbered, named once, need what stands before them, and run as they are',
  ({ steps }) => {
    const ids = steps.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(steps.map(({ number }) => number)).toEqual(ids.map((_, index) => index + 1));
    steps.forEach((step, index) => {
      for (const id of step.needs) expect(ids.slice(0, index), `${step.id} needs ${id}`).toContain(id);
      // Steps that several recipes share name what outdates them in any.
      for (const id of step.outdatedBy ?? []) expect(ids.slice(index), `${step.id}, ${id}`).not.toContain(id);
      expect(Object.keys(completeSettings(step, {}))).toHaveLength(step.options.length);
    });
  },
);

describe('a step that two recipes share', () => {
  test('does the same in both, with the same settings', () => {
    const shared = new Map<string, { verb: string; defaults: string }>();
    for (const { steps } of RECIPES) {
      for (const step of steps) {
        const now = { verb: step.verb, defaults: JSON.stringify(completeSettings(step, {})) };
        expect(shared.get(step.id) ?? now, step.id).toEqual(now);
        shared.set(step.id, now);
      }
    }
  });
});

describe('the recipes whose pictures grow', () => {
  test('breeds: five epochs on features, three on changing pictures, seven at 299 px, all frozen, then several looks', () => {
    expect(stepsOf('breeds').map(({ verb }) => verb)).toEqual([
      'prepareFeatures',
      'findLearningRate',
      'trainHead',
      'trainHeadOnPictures',
      'changeSize',
      'trainHeadOnPictures',
      'testTimeAugmentation',
      'predictTest',
    ]);
    expect(settingsOf('breeds', 'prepare').imageSizePx).toBe(224);
    expect(settingsOf('breeds', 'trainHead').epochs).toBe(5);
    const changing = { augmentation: 'sideOn', maxZoom: 1.1, cycles: 3, cycleLength: 1, startFrom: 'trainedLayers' };
    expect(settingsOf('breeds', 'augment')).toMatchObject({ ...changing, cycleMultiplier: 1 });
    expect(settingsOf('breeds', 'grow')).toEqual({ imageSizePx: 299 });
    expect(settingsOf('breeds', 'augmentLarger')).toMatchObject({ ...changing, cycleMultiplier: 2 });
  });

  test('satellite: at 64, 128 and 256 px the new layers and then everything, from above', () => {
    const steps = stepsOf('satellite');
    const stage = ['changeSize', 'trainHeadOnPictures', 'unfreeze', 'trainOnPictures'];
    expect(steps.map(({ verb }) => verb)).toEqual([
      'chooseNetwork',
      'findNetworkRate',
      'trainHeadOnPictures',
      'unfreeze',
      'setRates',
      'trainOnPictures',
      ...stage,
      ...stage,
      'testTimeAugmentation',
      'predictTest',
    ]);
    const sizes = steps.flatMap((step) => completeSettings(step, {}).imageSizePx ?? []);
    expect(sizes).toEqual([64, 128, 256]);
    expect(settingsOf('satellite', 'ratesFromAbove')).toEqual({ laterDivisor: 3, earlyDivisor: 3 });
    for (const step of steps) {
      const settings = completeSettings(step, {});
      if ('augmentation' in settings) expect(settings).toMatchObject({ augmentation: 'topDown', maxZoom: 1.05 });
      if ('cycles' in settings) expect(settings).toMatchObject({ cycles: 3, cycleLength: 1, cycleMultiplier: 2 });
    }
    expect(new Set(steps.map(({ title }) => title)).size).toBe(steps.length - 1); // “Unfreeze the network again” twice
  });
});
