// What a learning-rate finder's suggestion is good for: the next step that has a learning rate takes it.

import type { Recipe, RecipeStep } from '../../protocol/recipe.ts';
import type { LearningRateSuggestion } from '../../protocol/training.ts';
import { type EventLog, lastOf, latestRun } from './eventLog.ts';

export const rateOptionId = 'learningRate';
/** The step that takes the rate: the first one after the finder with a learning rate, whether it works yet or not. */
export function rateReceiver(recipe: Recipe, finderStepId: string): RecipeStep | undefined {
  const finderIndex = recipe.steps.findIndex((step) => step.id === finderStepId);
  return recipe.steps.slice(finderIndex + 1).find((step) => step.options.some((option) => option.id === rateOptionId));
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
