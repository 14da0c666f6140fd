import { expect, test } from 'vitest';
import { classIndicesOf, countItems, makeTargets, pickTargets } from './targets.ts';

test('items of one class each are told by its index', () => {
  const targets = makeTargets('oneClass', [[2], [0], [1]], 3);
  expect(targets).toEqual({ kind: 'oneClass', values: Int32Array.of(2, 0, 1), classCount: 3 });
  expect(countItems(targets)).toBe(3);
  expect(pickTargets(targets, [1, 1, 0]).values).toEqual(Int32Array.of(0, 0, 2));
  expect(classIndicesOf(targets)).toEqual([[2], [0], [1]]);
});

test('items with tags are told by 0 and 1 for each class, none of them included', () => {
  // LESSON section 5.2: "haze primary" and "clear" of clear, haze, primary.
  const targets = makeTargets('tags', [[1, 2], [0], []], 3);
  expect(targets.values).toEqual(Float32Array.of(0, 1, 1, 1, 0, 0, 0, 0, 0));
  expect(countItems(targets)).toBe(3);
  expect(pickTargets(targets, [2, 0]).values).toEqual(Float32Array.of(0, 0, 0, 0, 1, 1));
  expect(classIndicesOf(targets)).toEqual([[1, 2], [0], []]);
});

test('an item without its one class is refused', () => {
  expect(() => makeTargets('oneClass', [[0], []], 2)).toThrow('Item 1 has 0 classes');
  expect(() => makeTargets('oneClass', [[0, 1]], 2)).toThrow('2 classes');
});
