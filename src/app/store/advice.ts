// Where the diagnosis of a training sends a person: its advice as a step of the recipe.

import type { Recipe, RecipeStep, StepVerb } from '../../protocol/recipe.ts';
import type { NextStep } from '../../protocol/training.ts';
import { isFinder } from './stepKinds.ts';

const ON_PICTURES: readonly StepVerb[] = ['trainHeadOnPictures', 'trainOnPictures'];

/** The step to run next; null where the advice is to stop, or the recipe has no step for it. */
export function findAdvisedStep(recipe: Recipe, trainedStepId: string, advice: NextStep): RecipeStep | null {
  const index = recipe.steps.findIndex(({ id }) => id === trainedStepId);
  const trained = recipe.steps[index];
  if (!trained) return null;
  const isOnPictures = ({ verb }: RecipeStep) => ON_PICTURES.includes(verb);
  switch (advice) {
    case 'trainLonger':
      return trained;
    case 'findRateAgain':
      return recipe.steps.slice(0, index).findLast(({ verb }) => isFinder(verb)) ?? null;
    case 'longerCycles':
    case 'augment':
      return (isOnPictures(trained) ? trained : recipe.steps.find(isOnPictures)) ?? null;
    case 'unfreeze':
      return recipe.steps.find(({ verb }) => verb === 'unfreeze') ?? null;
    case 'stopHere':
      return null;
  }
}
