// The recipes as the page gets them: a setting that chooses a network offers those whose weights are here.

import type { OptionSpec, Recipe } from '../../protocol/recipe.ts';
import type { WeightsCard } from '../platform/ports.ts';

/** The first card is offered first; the default stays where it is among them, else it is the first. */
export function offerNetworks(
  recipes: readonly Recipe[],
  cards: readonly Pick<WeightsCard, 'id' | 'label'>[],
): readonly Recipe[] {
  const choices = cards.map(({ id, label }) => ({ value: id, label }));
  const offer = (option: OptionSpec): OptionSpec => {
    if (option.kind !== 'choice' || !option.choosesNetwork) return option;
    const isHere = choices.some(({ value }) => value === option.default);
    return { ...option, choices, default: isHere ? option.default : (choices[0]?.value ?? option.default) };
  };
  return recipes.map((recipe) => ({
    ...recipe,
    steps: recipe.steps.map((step) => ({ ...step, options: step.options.map(offer) })),
  }));
}
