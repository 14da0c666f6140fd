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
  // A recipe whose pictures grow has several of a kind: the next one is meant, not one that was done at a smaller size.
  const findNext = (isWanted: (step: RecipeStep) => boolean) =>
    recipe.steps.slice(index + 1).find(isWanted) ?? recipe.steps.findLast(isWanted) ?? null;
  switch (advice) {
    case 'trainLonger':
      return trained;
    case 'findRateAgain':
      return recipe.steps.slice(0, index).findLast(({ verb }) => isFinder(verb)) ?? null;
    case 'longerCycles':
    case 'augment':
      return isOnPictures(trained) ? trained : findNext(isOnPictures);
    case 'unfreeze':
      return findNext(({ verb }) => verb === 'unfreeze');
    case 'stopHere':
      return null;
  }
}
