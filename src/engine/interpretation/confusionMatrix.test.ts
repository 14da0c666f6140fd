import { expect, test } from 'vitest';
import { normaliseRows } from './confusionMatrix.ts';

test('shares are of the true class, and a class without pictures has none', () => {
  const counts = [
    [998, 2, 0],
    [5, 995, 0],
    [0, 0, 0],
  ];
  expect(normaliseRows({ counts })).toEqual([[0.998, 0.002, 0], [0.005, 0.995, 0], null]);
});
