import { expect, test } from 'vitest';
import { RECIPES } from './steps.ts';

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
