import { describe, expect, it } from 'vitest';
import { smallRun } from '../testing/smallRun.ts';
import { findAdvisedStep } from './advice.ts';

const recipe = smallRun.catalog.recipes[0];
if (!recipe) throw new Error('The recorded run has no recipe.');
const adviceAfter = (stepId: string, advice: Parameters<typeof findAdvisedStep>[2]) =>
  findAdvisedStep(recipe, stepId, advice)?.id ?? null;

describe('the advice of a diagnosis', () => {
  it('leads from the cached features to changing pictures, and from those to the unfrozen network', () => {
    expect(adviceAfter('trainHead', 'augment')).toBe('augment');
    expect(adviceAfter('augment', 'unfreeze')).toBe('unfreeze');
  });

  it('stays with a step that has the setting it is about', () => {
    expect(adviceAfter('fineTune', 'longerCycles')).toBe('fineTune');
    expect(adviceAfter('trainHead', 'trainLonger')).toBe('trainHead');
  });

  it('goes back to the finder before the training', () => {
    expect(adviceAfter('trainHead', 'findRateAgain')).toBe('findRate');
    expect(adviceAfter('fineTune', 'findRateAgain')).toBe('findRateAgain');
  });

  it('leads nowhere when it is to stop, or the recipe has no such step', () => {
    expect(adviceAfter('fineTune', 'stopHere')).toBeNull();
    expect(findAdvisedStep({ ...recipe, steps: recipe.steps.slice(0, 3) }, 'trainHead', 'unfreeze')).toBeNull();
  });

  it('leads to the next step of its kind where a recipe has several', () => {
    const satellite = smallRun.catalog.recipes.find(({ id }) => id === 'satellite') ?? recipe;
    const unfreezings = satellite.steps.filter(({ verb }) => verb === 'unfreeze');
    const trainings = satellite.steps.filter(({ verb }) => verb === 'trainHeadOnPictures');
    const advised = trainings.map(({ id }) => findAdvisedStep(satellite, id, 'unfreeze'));
    expect(advised).toEqual(unfreezings);
    expect(unfreezings).toHaveLength(3);
  });
});
