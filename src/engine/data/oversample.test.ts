import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oversample } from './oversample.ts';

/** So many pictures of each class, class after class. */
const pictures = (counts: readonly number[]) =>
  Int32Array.from(counts.flatMap((count, classIndex) => new Array<number>(count).fill(classIndex)));
const timesOf = (rows: readonly number[], row: number) => rows.filter((other) => other === row).length;

test('of 100 and 30 pictures, the 30 are shown three times and ten of them once more', () => {
  const rows = oversample(pictures([100, 30]), 1);
  const rare = Array.from({ length: 30 }, (_, index) => timesOf(rows, 100 + index));
  expect(rows.length).toBe(200);
  expect(rare.filter((times) => times === 3).length).toBe(20);
  expect(rare.filter((times) => times === 4).length).toBe(10);
  expect(rows.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, row) => row));
});

test('which ten is drawn with the seed', () => {
  expect(oversample(pictures([100, 30]), 1)).toEqual(oversample(pictures([100, 30]), 1));
  expect(oversample(pictures([100, 30]), 1)).not.toEqual(oversample(pictures([100, 30]), 2));
});

test('rows stay in their order, and there may be none', () => {
  expect(oversample(pictures([4, 2]), 1)).toEqual([0, 1, 2, 3, 4, 4, 5, 5]);
  expect(oversample(pictures([]), 1)).toEqual([]);
});

test('every class is shown equally often, each picture at least once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      fc.integer(),
      (counts, seed) => {
        const given = pictures(counts);
        const rows = oversample(given, seed);
        expect(new Set(rows).size).toBe(given.length);
        counts.forEach((_, classIndex) => {
          expect(rows.filter((row) => given[row] === classIndex).length).toBe(Math.max(...counts));
        });
      },
    ),
  );
});
