// What a learning-rate finder's suggestion is good for: the next steps that have a learning rate take it.

import type { Recipe, RecipeStep } from '../../protocol/recipe.ts';
import type { LearningRateSuggestion } from '../../protocol/training.ts';
import { type EventLog, lastOf, latestRun } from './eventLog.ts';
import { isFinder } from './stepKinds.ts';

export const rateOptionId = 'learningRate';

/** The steps that take the rate: those after the finder that have one, up to the next finder. */
export function rateReceivers(recipe: Recipe, finderStepId: string): readonly RecipeStep[] {
  const behind = recipe.steps.slice(recipe.steps.findIndex((step) => step.id === finderStepId) + 1);
  const nextFinder = behind.findIndex((step) => isFinder(step.verb));
  return behind
    .slice(0, nextFinder === -1 ? behind.length : nextFinder)
    .filter((step) => step.options.some((option) => option.id === rateOptionId));
}

/** 'Step 3', 'Steps 3 and 4'. */
export function nameSteps(steps: readonly RecipeStep[]): string {
  const numbers = steps.map(({ number }) => number);
  const last = numbers.pop();
  return numbers.length === 0 ? `Step ${last}` : `Steps ${numbers.join(', ')} and ${last}`;
}

/** What the newest run of the finder suggested; empty when it never got that far. */
export function suggestionsOf(log: EventLog, finderStepId: string): readonly LearningRateSuggestion[] {
  const run = latestRun(log, finderStepId);
  return (run && lastOf(run.byType.lrSuggested)?.suggestions) ?? [];
}

/** The suggestion that the engine recommends: what the filled button and an automatic run take. */
export function recommendedOf(suggestions: readonly LearningRateSuggestion[]): LearningRateSuggestion | undefined {
  return suggestions.find((suggestion) => suggestion.isRecommended);
}

/** The step whose suggestions this one takes, the nearest before it; null where it takes none. */
export function finderFor(recipe: Recipe | null, stepId: string | null): RecipeStep | null {
  const finds = (step: RecipeStep) =>
    recipe !== null && isFinder(step.verb) && rateReceivers(recipe, step.id).some(({ id }) => id === stepId);
  return recipe?.steps.findLast(finds) ?? null;
}
