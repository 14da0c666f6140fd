import fc from 'fast-check';
import { expect, test } from 'vitest';
import { oversample, type SplitPicture } from './oversample.ts';

function pictures(counts: readonly number[], split: SplitPicture['split'] = 'train', firstId = 0): SplitPicture[] {
  return counts
    .flatMap((count, classIndex) => new Array<number>(count).fill(classIndex))
    .map((classIndex, index) => ({ id: firstId + index, split, classIndex }));
}
const timesOf = (ids: readonly number[], id: number) => ids.filter((other) => other === id).length;

test('of 100 and 30 pictures, the 30 are shown three times and ten of them once more', () => {
  const ids = oversample(pictures([100, 30]), 1);
  const rare = Array.from({ length: 30 }, (_, index) => timesOf(ids, 100 + index));
  expect(ids.length).toBe(200);
  expect(rare.filter((times) => times === 3).length).toBe(20);
  expect(rare.filter((times) => times === 4).length).toBe(10);
  expect(ids.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, id) => id));
});

test('which ten is drawn with the seed', () => {
  expect(oversample(pictures([100, 30]), 1)).toEqual(oversample(pictures([100, 30]), 1));
  expect(oversample(pictures([100, 30]), 1)).not.toEqual(oversample(pictures([100, 30]), 2));
});

test('validation pictures are never repeated, nor are pictures without a class', () => {
  const valid = pictures([1, 50], 'valid', 1000);
  const ids = oversample([...valid, ...pictures([4, 2]), { id: 2000, split: 'train', classIndex: null }], 1);
  expect(ids).toEqual([0, 1, 2, 3, 4, 4, 5, 5]);
  expect(oversample(valid, 1)).toEqual([]);
});

test('every class is shown equally often, each picture at least once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      fc.integer(),
      (counts, seed) => {
        const given = pictures(counts);
        const ids = oversample(given, seed);
        expect(new Set(ids).size).toBe(given.length);
        counts.forEach((_, classIndex) => {
          const shown = ids.filter((id) => given[id]?.classIndex === classIndex);
          expect(shown.length).toBe(Math.max(...counts));
        });
      },
    ),
  );
});
