import { expect, test } from 'vitest';
import { createRandom } from '../random.ts';
import { pickGalleries } from './pickGalleries.ts';

test('the lesson’s six pictures are told by their ids', () => {
  const galleries = pickGalleries(
    {
      probabilities: Float32Array.from([0.9, 0.2, 0.55, 0.4, 0.7, 0.05].flatMap((first) => [first, 1 - first])),
      labels: Int32Array.from([0, 0, 0, 1, 1, 1]),
      pictureIds: [10, 11, 12, 13, 14, 15],
    },
    createRandom(1, 'gallery'),
  );
  expect(galleries.classes).toEqual([
    { mostCorrect: [10, 12], mostIncorrect: [11], mostUncertain: [12, 11, 10] },
    { mostCorrect: [15, 13], mostIncorrect: [14], mostUncertain: [13, 14, 15] },
  ]);
  expect(galleries.mostUncertain).toEqual([12, 13, 14, 11, 10, 15]);
  expect(galleries.topLosses.map(({ pictureId }) => pictureId)).toEqual([11, 14, 12, 13, 10, 15]);
  expect(galleries.topLosses[0]?.loss).toBeCloseTo(-Math.log(0.2), 5);
  expect([...galleries.randomCorrect].sort()).toEqual([10, 12, 13, 15]);
  expect([...galleries.randomIncorrect].sort()).toEqual([11, 14]);
});
