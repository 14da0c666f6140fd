import { expect, test } from 'vitest';
import { sigmoids } from './sigmoid.ts';

test('a sigmoid survives large logits on both sides', () => {
  const [low, high, none] = sigmoids(Float32Array.from([-1000, 1000, 0]));
  expect([low, high, none]).toEqual([0, 1, 0.5]);
});

test('a sigmoid inverts the logarithm of the odds', () => {
  for (const [index, probability] of sigmoids(
    Float32Array.from([-Math.log(3), Math.log(4), Math.log(1e-6)]),
  ).entries()) {
    const expected = [0.25, 0.8, 1e-6 / (1 + 1e-6)][index] as number;
    expect(probability / expected).toBeCloseTo(1, 5);
  }
});
