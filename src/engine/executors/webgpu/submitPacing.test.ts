import { expect, test } from 'vitest';
import type { Kernel } from './kernels/kernel.ts';
import { type PreparedDispatch, splitByWork } from './preparedPlan.ts';
import { SubmitPacing } from './submitPacing.ts';

/** A queue whose work is done when it is told so. */
function fakeDevice() {
  const waiting: (() => void)[] = [];
  const queue = { onSubmittedWorkDone: () => new Promise<void>((resolve) => waiting.push(resolve)) };
  // Pacing knows of a device only that its queue says when work is done.
  return { device: { queue } as unknown as GPUDevice, finishStep: () => waiting.shift()?.() };
}

async function isOpen(promise: Promise<void>): Promise<boolean> {
  let isDone = false;
  void promise.then(() => {
    isDone = true;
  });
  for (let tick = 0; tick < 10; tick++) await Promise.resolve();
  return !isDone;
}

test('the page is three steps ahead of the device and no more', async () => {
  const { device, finishStep } = fakeDevice();
  const pacing = new SubmitPacing(device, () => 0, 0);
  for (let step = 0; step < 3; step++) {
    pacing.noteStep();
    expect(await isOpen(pacing.waitForRoom())).toBe(false);
  }
  pacing.noteStep();
  const waiting = pacing.waitForRoom();
  expect(await isOpen(waiting)).toBe(true);
  finishStep();
  await waiting;
  expect(await isOpen(pacing.waitForRoom())).toBe(false);
});

test('a step that keeps the device for longer than 300 ms is cut into submits of about 200 ms', async () => {
  const { device, finishStep } = fakeDevice();
  let nowMs = 0;
  const pacing = new SubmitPacing(device, () => nowMs, 0);
  const runStep = async (durationMs: number) => {
    pacing.noteStep();
    nowMs += durationMs;
    finishStep();
    for (let tick = 0; tick < 10; tick++) await Promise.resolve();
  };
  await runStep(250);
  expect(pacing.submitCount).toBe(1);
  await runStep(900);
  expect(pacing.submitCount).toBe(5);
  // Steps that queue up are timed from the end of the one before.
  pacing.noteStep();
  pacing.noteStep();
  nowMs += 1000;
  finishStep();
  for (let tick = 0; tick < 10; tick++) await Promise.resolve();
  nowMs += 1000;
  finishStep();
  for (let tick = 0; tick < 10; tick++) await Promise.resolve();
  expect(pacing.submitCount).toBe(5);
});

test('before the first step a slow card is assumed, and a quick one is given its whole step again', async () => {
  const { device, finishStep } = fakeDevice();
  let nowMs = 0;
  const pacing = new SubmitPacing(device, () => nowMs, 1.4e12);
  expect(pacing.submitCount).toBe(24);
  pacing.noteStep();
  nowMs += 50;
  finishStep();
  for (let tick = 0; tick < 10; tick++) await Promise.resolve();
  expect(pacing.submitCount).toBe(1);
});

test('dispatches are cut where the work is, in order and without losing one', () => {
  const heavy = (flops: number): PreparedDispatch => {
    const kernel: Kernel = {
      family: 'convolution',
      code: '',
      bindings: [],
      workgroups: [1, 1, 1],
      work: { flops, bytes: 0 },
    };
    return { kernel } as PreparedDispatch;
  };
  const dispatches = [1, 1, 1, 1, 8, 1, 1, 1, 1].map(heavy);
  for (const count of [1, 2, 3, 5, 20]) {
    const runs = splitByWork(dispatches, count);
    expect(runs.flat()).toEqual(dispatches);
    expect(runs.length).toBeLessThanOrEqual(count);
    expect(runs.every((run) => run.length > 0)).toBe(true);
  }
  expect(splitByWork(dispatches, 2).map((run) => run.length)).toEqual([5, 4]);
});
