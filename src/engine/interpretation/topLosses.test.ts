import { expect, test } from 'vitest';
import { itemLogLosses } from '../metrics/logLoss.ts';
import { topLosses } from './topLosses.ts';

test('the costliest items come first, all of them unless told', () => {
  const losses = Float64Array.from([0.5, 2, 0.5, 3]);
  expect(topLosses(losses).map(({ item }) => item)).toEqual([3, 1, 0, 2]);
  expect(topLosses(losses, 2)).toEqual([
    { item: 3, loss: 3 },
    { item: 1, loss: 2 },
  ]);
});

test('a sure mistake costs more than an unsure one', () => {
  const losses = itemLogLosses(Float32Array.from([0.9, 0.1, 0.4, 0.6, 0.01, 0.99]), Int32Array.from([0, 0, 0]));
  expect(topLosses(losses).map(({ item }) => item)).toEqual([2, 1, 0]);
});
