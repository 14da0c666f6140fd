import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { askLater } from './askLater.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('an answer is taken after the pause, and not asked for before', async () => {
  const ask = vi.fn(async () => 7);
  const take = vi.fn();
  askLater(400, ask, take);
  await vi.advanceTimersByTimeAsync(399);
  expect(ask).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(take.mock.calls).toEqual([[7]]);
});

test('what was called off before the pause ends is never asked', async () => {
  const ask = vi.fn(async () => 7);
  askLater(400, ask, () => {})();
  await vi.advanceTimersByTimeAsync(1000);
  expect(ask).not.toHaveBeenCalled();
});

test('an answer that comes after it was called off is let go', async () => {
  const take = vi.fn();
  const callOff = askLater(0, () => new Promise((resolve) => setTimeout(resolve, 100, 7)), take);
  await vi.advanceTimersByTimeAsync(50);
  callOff();
  await vi.advanceTimersByTimeAsync(1000);
  expect(take).not.toHaveBeenCalled();
});
