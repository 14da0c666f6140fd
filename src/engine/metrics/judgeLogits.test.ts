import { expect, test } from 'vitest';
import { makeTargets } from '../data/targets.ts';
import { judgeLogits, probabilitiesOf } from './judgeLogits.ts';

const logit = (probability: number) => Math.log(probability / (1 - probability));

test('one class each: cross-entropy and accuracy', () => {
  // LESSON section 3: rows (.9, .1) and (.2, .8) of classes 0 and 1 cost 0.164252.
  const logits = Float32Array.from([0.9, 0.1, 0.2, 0.8].map(Math.log));
  const { loss, score } = judgeLogits(logits, makeTargets('oneClass', [[0], [1]], 2));
  expect(loss).toBeCloseTo(0.164252, 6);
  expect(score).toBe(1);
  expect(judgeLogits(logits, makeTargets('oneClass', [[0], [0]], 2)).score).toBe(0.5);
});

test('tags: binary cross-entropy and planet.py’s F2', () => {
  // LESSON section 3: P = [[.6, .4], [.3, .9]], T = [[1, 1], [0, 1]] costs 0.472288.
  const logits = Float32Array.from([0.6, 0.4, 0.3, 0.9].map(logit));
  expect(judgeLogits(logits, makeTargets('tags', [[0, 1], [1]], 2)).loss).toBeCloseTo(0.472288, 6);
  const planet = Float32Array.from([0.9, 0.2, 0.18, 0.1, 0.3, 0.22].map(logit));
  expect(judgeLogits(planet, makeTargets('tags', [[0, 2], [1]], 3)).score).toBeCloseTo(0.871212, 6);
});

test('a sure mistake about a tag costs its logit, not infinity', () => {
  expect(judgeLogits(Float32Array.of(-400), makeTargets('tags', [[0]], 1)).loss).toBeCloseTo(400, 6);
});

test('tags have probabilities of their own, classes share one', () => {
  const logits = Float32Array.of(0, 0);
  expect([...probabilitiesOf(logits, { kind: 'tags', classCount: 2 })]).toEqual([0.5, 0.5]);
  expect([...probabilitiesOf(Float32Array.of(3, 3), { kind: 'oneClass', classCount: 2 })]).toEqual([0.5, 0.5]);
  expect([...probabilitiesOf(Float32Array.of(3, 3), { kind: 'tags', classCount: 2 })][0]).toBeCloseTo(0.952574, 5);
});
