import { expect, test } from 'vitest';
import { combineLooks, type LookRule } from './testTimeAugmentation.ts';

const row = (...values: number[]) => Float32Array.from(values);
const rounded = (values: Float32Array, digits: number) => [...values].map((value) => Number(value.toFixed(digits)));
const RULES: readonly LookRule[] = ['mean', 'weighted', 'logMean'];

test('the mean and the mean of logarithms can disagree about the class', () => {
  const augmented = Array.from({ length: 4 }, () => row(0.36, 0.64));
  const looks = { plain: row(0.99, 0.01), augmented, activation: 'softmax' } as const;
  expect(rounded(combineLooks('mean', looks), 6)).toEqual([0.486, 0.514]);
  expect(rounded(combineLooks('logMean', looks), 5)).toEqual([0.44073, 0.27858]);
});

test('the weighted rule gives the plain look a quarter', () => {
  const augmented = [0.5, 0.6, 0.7, 0.6].map((probability) => row(probability));
  expect(rounded(combineLooks('weighted', { plain: row(0.9), augmented, activation: 'softmax' }), 6)).toEqual([0.675]);
});

test('the plain look counts once for every four augmented ones, rounded up', () => {
  const plainShares = [1, 4, 5, 8].map((count) => {
    const augmented = Array.from({ length: count }, () => row(0));
    return combineLooks('mean', { plain: row(1), augmented, activation: 'softmax' });
  });
  expect(plainShares.flatMap((share) => rounded(share, 6))).toEqual([0.5, 0.2, 0.285714, 0.2]);
});

test('sigmoids are averaged as they are, by the rule of November 2017 too', () => {
  const augmented = Array.from({ length: 4 }, () => row(0.36, 0.9));
  const looks = { plain: row(0.99, 0.8), augmented, activation: 'sigmoid' } as const;
  expect(rounded(combineLooks('mean', looks), 6)).toEqual([0.486, 0.88]);
  expect(rounded(combineLooks('logMean', looks), 6)).toEqual([0.486, 0.88]);
});

test('a probability that underflowed does not rule its class out', () => {
  const looks = { plain: row(1, 0), augmented: [row(0.5, 0.5)], activation: 'softmax' } as const;
  const [, ruledOut] = combineLooks('logMean', looks);
  expect(ruledOut).toBeGreaterThan(0);
});

test('no augmented look, or looks at other items, are refused by every rule', () => {
  for (const rule of RULES) {
    const refuse = (augmented: Float32Array[]) => () =>
      combineLooks(rule, { plain: row(0.5, 0.5), augmented, activation: 'softmax' });
    expect(refuse([])).toThrow('at least one augmented look');
    expect(refuse([row(1)])).toThrow('same items and classes');
  }
});
