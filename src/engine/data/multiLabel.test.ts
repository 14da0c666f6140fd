import { expect, test } from 'vitest';
import { countCooccurrences, countLabels, multiHotTargets } from './multiLabel.ts';

test('the lesson’s satellite rows become zeros and ones', () => {
  const targets = multiHotTargets([['haze', 'primary'], ['clear'], []], ['clear', 'haze', 'primary']);
  expect([...targets]).toEqual([0, 1, 1, 1, 0, 0, 0, 0, 0]);
});

test('a label that is no class is refused', () => {
  expect(() => multiHotTargets([['cloud']], ['clear', 'haze'])).toThrow('“cloud” is none of the classes');
});

const classes = ['clear', 'haze', 'primary', 'road'];
const targets = multiHotTargets([['clear', 'primary'], ['haze', 'primary'], ['primary', 'road', 'clear'], []], classes);

test('labels are counted, the most common first', () => {
  expect(countLabels(targets, classes)).toEqual([
    { className: 'primary', count: 3 },
    { className: 'clear', count: 2 },
    { className: 'haze', count: 1 },
    { className: 'road', count: 1 },
  ]);
  expect(countLabels(new Float32Array(0), ['a'])).toEqual([{ className: 'a', count: 0 }]);
});

test('labels that come together are counted for each pair', () => {
  expect(countCooccurrences(targets, 4)).toEqual([
    [2, 0, 2, 1],
    [0, 1, 1, 0],
    [2, 1, 3, 1],
    [1, 0, 1, 1],
  ]);
});
