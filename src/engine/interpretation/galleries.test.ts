import { describe, expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { drawCorrect, drawIncorrect, findMostCorrect, findMostIncorrect, findMostUncertain } from './galleries.ts';

const items = {
  probabilities: Float32Array.from([0.9, 0.2, 0.55, 0.4, 0.7, 0.05].flatMap((first) => [first, 1 - first])),
  labels: Int32Array.from([0, 0, 0, 1, 1, 1]),
};

describe('the lesson’s six pictures', () => {
  test('are shown by class, the most correct first', () => {
    expect([0, 1].map((classIndex) => findMostCorrect(items, classIndex))).toEqual([
      [0, 2],
      [5, 3],
    ]);
  });

  test('are shown by class where they were taken for the other', () => {
    expect([0, 1].map((classIndex) => findMostIncorrect(items, classIndex))).toEqual([[1], [4]]);
  });

  test('are shown by uncertainty, in a class and over all', () => {
    expect([0, 1, null].map((classIndex) => findMostUncertain(items, classIndex))).toEqual([
      [2, 1, 0],
      [3, 4, 5],
      [2, 3, 4, 1],
    ]);
  });
});

test('the most incorrect is the one given the least of its own class, whatever it was taken for', () => {
  const three = {
    probabilities: Float32Array.from([0.2, 0.7, 0.1, 0.05, 0.5, 0.45, 0.3, 0.1, 0.6]),
    labels: Int32Array.from([0, 0, 0]),
  };
  expect(findMostIncorrect(three, 0)).toEqual([1, 0, 2]);
});

test('uncertain means near a third among three classes, not near a half', () => {
  const three = {
    probabilities: Float32Array.from([0.5, 0.3, 0.2, 0.34, 0.33, 0.33, 0.45, 0.45, 0.1]),
    labels: Int32Array.from([0, 0, 0]),
  };
  expect(findMostUncertain(three, 0)).toEqual([1, 2, 0]);
  expect(findMostUncertain(three, 0, 1)).toEqual([1]);
});

test('equals keep the order of the pictures, and a class without pictures shows none', () => {
  const equals = {
    probabilities: Float32Array.from([0.8, 0.2, 0.9, 0.1, 0.8, 0.2, 0.8, 0.2]),
    labels: Int32Array.from([0, 0, 0, 0]),
  };
  expect(findMostCorrect(equals, 0)).toEqual([1, 0, 2, 3]);
  expect([findMostCorrect(equals, 1), findMostIncorrect(equals, 0), findMostUncertain(equals, 1)]).toEqual([
    [],
    [],
    [],
  ]);
});

test('random pictures follow the seed, are right or wrong as asked, and none comes twice', () => {
  const labels = Int32Array.from({ length: 60 }, (_, item) => item % 2);
  // Every third item is taken for the other class.
  const probabilities = Float32Array.from(
    [...labels].flatMap((label, item) => ((label === 0) === (item % 3 !== 0) ? [0.9, 0.1] : [0.1, 0.9])),
  );
  const many = { probabilities, labels };
  const draw = (seed: number, count?: number) => drawCorrect(many, createRandom(seed, 'gallery'), count);
  expect(draw(1)).toHaveLength(4);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
  const byNumber = (items: number[]) => [...items].sort((a, b) => a - b);
  const everyItem = [...labels.keys()];
  expect(byNumber(draw(1, 100))).toEqual(everyItem.filter((item) => item % 3 !== 0));
  expect(byNumber(drawIncorrect(many, createRandom(1, 'gallery'), 100))).toEqual(
    everyItem.filter((item) => item % 3 === 0),
  );
});
