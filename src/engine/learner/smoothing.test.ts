import { expect, test } from 'vitest';
import { createSmoothing } from './smoothing.ts';

test('the first losses count in full: no start from zero shows', () => {
  const smoothing = createSmoothing();
  const smoothed = [1, 2, 3].map((loss) => smoothing.add(loss));
  for (const [index, value] of [1, 1.505051, 2.013468].entries()) expect(smoothed[index]).toBeCloseTo(value, 6);
});

test('an epoch of 360 batches at 1, then one at 0, reads 0.000694: the last hundred batches weigh 87 %', () => {
  const smoothing = createSmoothing();
  const add = (count: number, loss: number) => Array.from({ length: count }, () => smoothing.add(loss)).at(-1);
  expect(add(360, 1)).toBeCloseTo(1, 12);
  expect(add(100, 0)).toBeCloseTo(1 - 0.867, 3);
  expect(add(260, 0)).toBeCloseTo(0.000694, 6);
});
