import { expect, test } from 'vitest';
import { signTest } from './signTest.ts';

test('five of five are not enough to tell, six of six are', () => {
  expect(signTest(5, 0)).toBeCloseTo(0.0625, 12);
  expect(signTest(6, 0)).toBeCloseTo(0.03125, 12);
});

test('equals the binomial test of SciPy, whichever way the difference goes', () => {
  // scipy.stats.binomtest(2, 10).pvalue
  expect(signTest(8, 2)).toBeCloseTo(0.109375, 12);
  expect(signTest(2, 8)).toBeCloseTo(0.109375, 12);
});

test('says nothing against chance where nothing differs', () => {
  expect(signTest(0, 0)).toBe(1);
  expect(signTest(3, 3)).toBe(1);
});

test('stays a number for thousands of items', () => {
  expect(signTest(1050, 950)).toBeCloseTo(0.0267, 3);
});
