import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearestNames } from './nearestNames.ts';

test('the distance is the number of characters put in, left out or changed', () => {
  expect(editDistance('kitten', 'sitting', 3)).toBe(3);
  expect(editDistance('kitten', 'sitting', 2)).toBe(Number.POSITIVE_INFINITY);
  expect(editDistance('', 'abc', 3)).toBe(3);
  expect(editDistance('abc', 'abc', 0)).toBe(0);
});

test('stopping early never changes a distance that is small enough', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, fc.nat(8), (a, b, most) => {
      const distance = editDistance(a, b, 8);
      expect(editDistance(a, b, most)).toBe(distance <= most ? distance : Number.POSITIVE_INFINITY);
      expect(editDistance(b, a, most)).toBe(editDistance(a, b, most));
    }),
  );
});

test('the nearest names come first, and only those that a slip could have made', () => {
  const names = ['poodle_02', 'poodle_11', 'beagle_01', 'Poodle_01', 'poodle_012'];
  expect(nearestNames('poodle_01', names, 3)).toEqual([3, 0, 1]);
  expect(nearestNames('zebra', names, 3)).toEqual([]);
  expect(nearestNames('cat', ['bat', 'dog', 'bar'], 3)).toEqual([0]);
});

test('a number that lost its leading zeros is found', () => {
  expect(nearestNames('139', ['000000000285', '000000000139'], 1)).toEqual([1]);
});
