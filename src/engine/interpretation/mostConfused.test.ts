import { expect, test } from 'vitest';
import { listMostConfused } from './mostConfused.ts';

const asTriples = (...given: Parameters<typeof listMostConfused>) =>
  listMostConfused(...given).map((cell) => [cell.trueClassIndex, cell.predictedClassIndex, cell.count]);

test('the lesson’s matrix has two confusions', () => {
  const counts = [
    [5, 2],
    [1, 4],
  ];
  expect(asTriples({ counts })).toEqual([
    [0, 1, 2],
    [1, 0, 1],
  ]);
  expect(asTriples({ counts }, 2)).toEqual([[0, 1, 2]]);
});

test('equal confusions come row by row, and pairs that never happened not at all', () => {
  const counts = [
    [9, 1, 0],
    [1, 9, 3],
    [1, 0, 9],
  ];
  expect(asTriples({ counts })).toEqual([
    [1, 2, 3],
    [0, 1, 1],
    [1, 0, 1],
    [2, 0, 1],
  ]);
});
