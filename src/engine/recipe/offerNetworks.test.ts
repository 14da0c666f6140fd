import { expect, test } from 'vitest';
import { offerNetworks } from './offerNetworks.ts';
import { RECIPES } from './steps.ts';

const LITE = { id: 'efficientnet-lite0', label: 'EfficientNet-Lite0' };
const OWN = { id: 'own', label: 'My ResNet-34' };

function networkOptions(cards: Parameters<typeof offerNetworks>[1]) {
  const options = offerNetworks(RECIPES, cards).flatMap(({ steps }) => steps.flatMap((step) => step.options));
  return options.filter((option) => option.kind === 'choice' && option.choosesNetwork);
}

test('every choice of a network is between those whose weights are here', () => {
  const offered = networkOptions([OWN, LITE]);
  // Every recipe begins with one.
  expect(offered.length).toBe(RECIPES.length);
  const choices = [
    { value: 'own', label: 'My ResNet-34' },
    { value: 'efficientnet-lite0', label: 'EfficientNet-Lite0' },
  ];
  for (const option of offered) expect(option).toMatchObject({ choices, default: 'efficientnet-lite0' });
});

test('where the network that comes with the studio is not here, the first that is stands for it', () => {
  for (const option of networkOptions([OWN])) expect(option.default).toBe('own');
});

test('nothing else changes', () => {
  const without = (recipes: typeof RECIPES) =>
    recipes.map((recipe) => ({
      ...recipe,
      steps: recipe.steps.map((step) => ({ ...step, options: step.options.filter(({ id }) => id !== 'backbone') })),
    }));
  expect(without(offerNetworks(RECIPES, [OWN]))).toEqual(without(RECIPES));
});
