import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitStratified } from './split.ts';

test('a fifth of every class validates, whatever the class sizes', () => {
  const labels = [...Array(50).fill(0), ...Array(10).fill(1), ...Array(5).fill(2)] as number[];
  const isValid = splitStratified(labels, 0.2, 1);
  const count = (label: number) => labels.filter((other, item) => other === label && isValid[item]).length;
  expect([0, 1, 2].map(count)).toEqual([10, 2, 1]);
});

test('the split follows the seed', () => {
  const labels = Array(100).fill(0) as number[];
  expect(splitStratified(labels, 0.2, 1)).toEqual(splitStratified(labels, 0.2, 1));
  expect(splitStratified(labels, 0.2, 1)).not.toEqual(splitStratified(labels, 0.2, 2));
});

test('a class keeps a picture to train on, and one to validate with where it has two', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(4), { maxLength: 60 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.integer(),
      (labels, share, seed) => {
        const isValid = splitStratified(labels, share, seed);
        for (const label of new Set(labels)) {
          const items = labels.flatMap((other, item) => (other === label ? [item] : []));
          const validCount = items.filter((item) => isValid[item]).length;
          expect(validCount).toBeLessThan(items.length);
          expect(validCount >= 1).toBe(items.length >= 2);
        }
      },
    ),
  );
});
