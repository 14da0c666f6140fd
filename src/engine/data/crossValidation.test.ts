import { mersenne } from 'pure-rand/generator/mersenne';
import { expect, test } from 'vitest';
import { readJson } from '../testing/fixtures.ts';
import { splitByIndices, splitForFold } from './crossValidation.ts';

const vectors = readJson<Record<string, number[]>>('fixtures/lesson-vectors.json');
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

test('the generator below every fold is NumPy’s, seeded as NumPy seeds it', () => {
  const generator = mersenne(42);
  expect(range(5).map(() => generator.next() >>> 0)).toEqual([
    1608637542, 3421126067, 4083286876, 787846414, 3143890026,
  ]);
});

test('the lesson’s split of ten items validates with the second and the ninth, both parts in order', () => {
  expect(splitByIndices([...'abcdefghij'], [8, 1])).toEqual({ train: [...'acdefghj'], valid: ['b', 'i'] });
  expect(splitForFold([...'abcdefghij']).valid).toEqual(['b', 'i']);
  expect(splitForFold([...'abcdefghij'], { fold: 1 }).valid).toEqual(['a', 'f']);
  expect(splitForFold(range(25)).valid).toEqual([0, 8, 11, 16, 23]);
  expect(splitForFold(range(7)).valid).toEqual([0]);
});

test('the 10,222 dogs are split as in the lesson’s notebook', () => {
  const { train, valid } = splitForFold(range(10222));
  expect([train.length, valid.length]).toEqual([8178, 2044]);
  expect(valid.slice(0, 20)).toEqual(vectors.get_cv_idxs_n10222_sorted_first20);
  expect(train.slice(0, 3)).toEqual([1, 2, 4]);
});

test('five folds validate with every item once', () => {
  const folds = range(5).map((fold) => splitForFold(range(25), { fold }).valid);
  expect(folds.flat().sort((a, b) => a - b)).toEqual(range(25));
});

test('share and seed choose other items', () => {
  expect(splitForFold(range(25), { validationShare: 0.4 }).valid.length).toBe(10);
  expect(splitForFold(range(25), { seed: 7 }).valid).not.toEqual(splitForFold(range(25)).valid);
});

test('a fold without an item is refused', () => {
  expect(() => splitForFold([...'abcd'])).toThrow('leave none to validate with');
  expect(() => splitForFold([...'abcdefghij'], { fold: 5 })).toThrow('Choose an earlier fold or a larger share');
  expect(() => splitForFold([...'abcd'], { validationShare: 1 })).toThrow('leave none to train on');
});
