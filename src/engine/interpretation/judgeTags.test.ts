import { expect, test } from 'vitest';
import { makeTargets, type TargetsOf } from '../data/targets.ts';
import { judgeTags } from './judgeTags.ts';

const targets = (classIndices: number[][], classCount: number) =>
  makeTargets('tags', classIndices, classCount) as TargetsOf<'tags'>;

test('planet.py’s F2 and threshold, with the pictures behind them', () => {
  // LESSON section 3: T = [[1,0,1],[0,1,0]], P = [[.9,.2,.18],[.1,.3,.22]] has its best F2, .871212, at .17.
  const judged = judgeTags({
    probabilities: Float32Array.of(0.9, 0.2, 0.18, 0.1, 0.3, 0.22),
    targets: targets([[0, 2], [1]], 3),
    pictureIds: [7, 9],
  });
  expect(judged.score).toMatchObject({ kind: 'f2', threshold: 0.17, count: 2 });
  expect(judged.score.f2).toBeCloseTo(0.871212, 6);
  // At one half only the .9 is a tag: 3 of 6 pairs differ from the truth at two places.
  expect(judged.score.tagAccuracy).toBeCloseTo(4 / 6, 9);
  expect(judged.predictions).toMatchObject([
    { pictureId: 7, trueTags: [0, 2], predictedTags: [0, 1, 2] },
    { pictureId: 9, trueTags: [1], predictedTags: [1, 2] },
  ]);
  expect([...(judged.predictions[1]?.probabilities ?? [])]).toEqual([0.1, 0.3, 0.22].map(Math.fround));
  // Tag 0 was given beside 1 and 2 where it is true.
  expect(judged.cooccurrences).toEqual([
    [1, 1, 1],
    [0, 1, 1],
    [1, 1, 1],
  ]);
});

test('each tag is read at the threshold of its own', () => {
  // Tag 0 is told apart at any threshold from .6 up to .8, tag 1 only far below.
  const judged = judgeTags({
    probabilities: Float32Array.of(0.8, 0.06, 0.6, 0.01, 0.6, 0.06),
    targets: targets([[0, 1], [], [1]], 2),
    pictureIds: [0, 1, 2],
  });
  expect(judged.reports).toMatchObject([
    { f2: 1, precision: 1, recall: 1, support: 1 },
    { threshold: 0.05, f2: 1, precision: 1, recall: 1, support: 2 },
  ]);
  expect(judged.reports[0]?.threshold).toBeGreaterThanOrEqual(0.6);
  // The picture without a tag has an F2 of 0 by scikit-learn's rule; the two others are right.
  expect(judged.score.f2AtClassThresholds).toBeCloseTo(2 / 3, 9);
});

test('the loss of a picture is the mean over its tags', () => {
  // LESSON section 3: P = [[.6,.4],[.3,.9]], T = [[1,1],[0,1]] costs .472288 together.
  const { predictions } = judgeTags({
    probabilities: Float32Array.of(0.6, 0.4, 0.3, 0.9),
    targets: targets([[0, 1], [1]], 2),
    pictureIds: [0, 1],
  });
  const losses = predictions.map(({ loss }) => loss);
  expect(losses[0]).toBeCloseTo((-Math.log(0.6) - Math.log(0.4)) / 2, 6);
  expect(((losses[0] ?? 0) + (losses[1] ?? 0)) / 2).toBeCloseTo(0.472288, 6);
});
