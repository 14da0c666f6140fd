import { expect, test } from 'vitest';
import { median, timeBlocks } from './blockTiming.ts';

/** A device whose steps take what the list says, the last one again and again, plus a wait at each block's end. */
function createDevice(stepTimesMs: readonly number[], waitMs = 0) {
  let timeMs = 0;
  let step = 0;
  const blocks: number[] = [];
  return {
    blocks,
    nowMs: () => timeMs,
    run: async (count: number) => {
      blocks.push(count);
      for (let index = 0; index < count; index++) {
        timeMs += stepTimesMs[Math.min(step, stepTimesMs.length - 1)] as number;
        step += 1;
      }
      timeMs += waitMs;
    },
  };
}

test('a fast step is timed in blocks of half a second, and the wait at a block’s end hardly shows', async () => {
  const device = createDevice([10], 2);
  const timing = await timeBlocks(device.run, { steps: 30, budgetMs: 60_000, nowMs: device.nowMs });
  expect(timing.stepsPerBlock).toBe(41);
  expect(timing.timedSteps).toBe(5 * 41);
  expect(timing.stepMs).toBeCloseTo(10 + 2 / 41);
});

test('slow steps are timed one by one, as many as were asked for', async () => {
  const device = createDevice([1000]);
  const timing = await timeBlocks(device.run, { steps: 30, budgetMs: 60_000, nowMs: device.nowMs });
  expect(timing).toEqual({ stepMs: 1000, timedSteps: 30, stepsPerBlock: 1 });
});

test('when the budget is used up it stops, but not before three steps', async () => {
  const twelve = createDevice([1000]);
  expect((await timeBlocks(twelve.run, { steps: 30, budgetMs: 12_000, nowMs: twelve.nowMs })).timedSteps).toBe(12);
  const three = createDevice([9000]);
  expect((await timeBlocks(three.run, { steps: 30, budgetMs: 1000, nowMs: three.nowMs })).timedSteps).toBe(3);
});

test('warm-up steps and one slow moment do not count', async () => {
  const device = createDevice([5000, 3000, 1000, 1000, 1000, 1000, 9000, 1000]);
  const timing = await timeBlocks(device.run, { steps: 7, budgetMs: 100_000, nowMs: device.nowMs });
  expect(timing.stepMs).toBe(1000);
});

test('the median of an even count lies between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBeNaN();
});
