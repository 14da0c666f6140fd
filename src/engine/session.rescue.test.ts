// A step whose device fails in the middle of it: what is kept, what is offered, and that it goes on from there.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../protocol/errors.ts';
import type { Executor, PictureStore } from './executors/executor.ts';
import { createReferenceExecutor } from './executors/reference/referenceExecutor.ts';
import { sha256Of } from './sha256.ts';
import { useBackend } from './testing/backends.ts';
import { type Breaks, createBrittleBackend } from './testing/brittleBackend.ts';
import { createLastingStore } from './testing/lastingStore.ts';
import { GO_ON, makeColours, SMALLEST, startTestSession, type TestSession } from './testing/testSession.ts';
import * as tf from './tf.ts';

useBackend('wasm');

/** After every batch. */
const ALWAYS = { firstMs: 0, everyMs: 0 };
/** Three batches an epoch. */
const head = { batchSize: 4, epochs: 4, averagesWeights: true, averagedFrom: 2, keptWeights: 'averaged' };

/** What the page shows of a step in the end: of what was told twice, the second. */
function storyOf(studio: TestSession, stepId = 'trainHead') {
  const batches = new Map<number, readonly number[]>();
  for (const event of studio.eventsOf('batchEnded', stepId)) {
    const { iteration, loss, smoothedLoss, learningRate } = event;
    batches.set(iteration, [loss, smoothedLoss, learningRate]);
  }
  const rows = new Map(studio.eventsOf('epochEnded', stepId).map(({ row }) => [row.epoch, row]));
  return {
    batches: [...batches],
    rows: [...rows.values()],
    results: studio.eventsOf('resultRow', stepId).map(({ label, logLoss, score }) => ({ label, logLoss, score })),
  };
}

/** Up to the training that breaks. */
async function startBrittle(breaks: Breaks, more: Parameters<typeof startTestSession>[0] = {}) {
  const brittle = createBrittleBackend(breaks);
  const studio = await startTestSession({ keepingTimes: ALWAYS, startBackend: brittle.startBackend, ...more });
  await studio.session.listKept({}, GO_ON);
  await studio.openColours();
  expect(await studio.run('prepare', SMALLEST)).toBe('done');
  return { brittle, studio };
}

const resume = async (studio: TestSession) => (await studio.session.resumeStep({}, GO_ON)).outcome;
const saved = async (studio: TestSession) =>
  await sha256Of((await studio.session.saveModel({ name: 'x' }, GO_ON)).bytes);

type Whole = { readonly story: ReturnType<typeof storyOf>; readonly model: string };
let whole: Whole | null = null;

/** The training that nothing broke; run once. */
async function trainWhole(): Promise<Whole> {
  if (whole) return whole;
  const { studio } = await startBrittle({});
  expect(await studio.run('trainHead', head)).toBe('done');
  whole = { story: storyOf(studio), model: await saved(studio) };
  return whole;
}

describe('a card that is lost in the middle of a training', () => {
  test('is taken anew, and the training goes on to the very same table and weights', async () => {
    const { brittle, studio } = await startBrittle({ atSteps: [8] });
    expect(await studio.run('trainHead', head)).toBe('failed');
    expect(brittle.closedCount()).toBe(1);
    const [cutOff] = studio.eventsOf('stepCutOff');
    expect(cutOff).toMatchObject({ cause: 'lost', place: { epoch: 2, batch: 1 }, changes: {} });
    expect(cutOff?.sentence).toContain('Everything up to epoch 3, batch 1 is kept.');
    expect(cutOff?.offer).toBe('Go on from epoch 3, batch 1');
    // Nothing is done before the person says so.
    expect(brittle.orders).toHaveLength(1);

    expect(await resume(studio)).toBe('done');
    expect(brittle.orders).toEqual([{ backend: 'auto' }, { backend: 'auto' }]);
    expect(studio.eventsOf('stepGoneOn')).toMatchObject([{ stepId: 'trainHead', epoch: 2, batch: 7 }]);
    expect(studio.eventsOf('stepStarted', 'trainHead')).toHaveLength(1);
    expect(storyOf(studio)).toEqual((await trainWhole()).story);
    expect(await saved(studio)).toBe((await trainWhole()).model);
  });

  test('on pictures, they are read again', async () => {
    const pictures = { batchSize: 4, cycles: 2, cycleMultiplier: 1, learningRate: 0.05, averagedCycles: 2 };
    const train = async (breaks: Breaks) => {
      const { studio } = await startBrittle(breaks);
      expect(await studio.run('trainHead', { batchSize: 4, epochs: 1 })).toBe('done');
      const outcome = await studio.run('augment', pictures);
      if (outcome === 'failed') expect(await resume(studio)).toBe('done');
      return { outcome, story: storyOf(studio, 'augment'), model: await saved(studio) };
    };
    const unbroken = await train({});
    expect(unbroken.outcome).toBe('done');
    const broken = await train({ atSteps: [8], problem: 'invalid' });
    expect(broken).toEqual({ ...unbroken, outcome: 'failed' });
  });

  test('twice in one step is left: what stands below it computes, until the page is closed', async () => {
    const { brittle, studio } = await startBrittle({ atSteps: [5, 8] });
    expect(await studio.run('trainHead', head)).toBe('failed');
    expect(await resume(studio)).toBe('failed');
    const [first, second] = studio.eventsOf('stepCutOff');
    expect(first?.place).toEqual({ epoch: 1, batch: 1 });
    expect(second?.place).toEqual({ epoch: 2, batch: 0 });
    expect(second?.sentence).toContain('It has failed in this step before');
    expect(second?.offer).toBe('Go on from epoch 3, batch 0, without this card');
    expect(await resume(studio)).toBe('done');
    expect(brittle.orders.at(-1)).toEqual({ backend: 'auto', below: 'webgpu' });
    expect(studio.eventsOf('backendChanged').at(-1)?.backend.backend).toBe('wasm');
    expect(storyOf(studio)).toEqual((await trainWhole()).story);
    expect(brittle.closedCount()).toBe(2);
  });

  test('that was asked for by name and does not come back is no dead end', async () => {
    const brittle = createBrittleBackend({ atSteps: [2] });
    let isGone = false;
    const studio = await startTestSession({
      keepingTimes: ALWAYS,
      startBackend: async (order) => {
        if (isGone && !order.below) throw new EngineError('backendUnavailable', 'No card.');
        return await brittle.startBackend(order);
      },
    });
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    expect(await studio.run('trainHead', head)).toBe('failed');
    isGone = true;
    expect(await resume(studio)).toBe('done');
    expect(studio.eventsOf('backendChanged').at(-1)?.backend.backend).toBe('wasm');
  });

  test('and a person who does not go on loses nothing: not in this page, and not in the next', async () => {
    const store = createLastingStore();
    const { studio } = await startBrittle({ atSteps: [10] }, { store });
    expect(await studio.run('trainHead', { batchSize: 4, epochs: 1 })).toBe('done');
    const before = await saved(studio);
    expect(await studio.run('trainHead', head)).toBe('failed');
    expect(await saved(studio)).toBe(before);
    await studio.session.readRun({ number: 1 }, GO_ON); // Waits for what is being written.

    const later = await startTestSession({ store: store.copy() });
    const { work } = await later.session.listKept({}, GO_ON);
    expect(work?.cutOff).toEqual({ stepId: 'trainHead', epoch: 2, batch: 0, needsPictures: false });
    await later.session.restoreWork({ files: makeColours(8) }, GO_ON);
    expect(await resume(later)).toBe('done');
    expect(storyOf(later).results).toEqual((await trainWhole()).story.results);

    // Another step is run meanwhile; then nothing is left to go on with.
    expect(await studio.run('tta', { looks: 2, batchSize: 4 })).toBe('done');
    await expect(studio.session.resumeStep({}, GO_ON)).rejects.toThrow('No step was cut off');
  });
});

describe('memory that runs out', () => {
  test('in a training: it goes on with half the batch behind the pictures that it has seen', async () => {
    const { studio } = await startBrittle({ atSteps: [5], problem: 'outOfMemory' });
    expect(await studio.run('trainHead', head)).toBe('failed');
    const [cutOff] = studio.eventsOf('stepCutOff');
    expect(cutOff).toMatchObject({ cause: 'outOfMemory', place: { epoch: 1, batch: 1 }, changes: { batchSize: 2 } });
    expect(cutOff?.offer).toBe('Go on from epoch 2, batch 1, with batches of 2');
    expect(await resume(studio)).toBe('done');
    expect(storyOf(studio).rows.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    // Four pictures of twelve were seen: four batches of two are left of that epoch, and six in each of the other two.
    const gone = studio.eventsOf('batchEnded', 'trainHead').slice(4);
    expect(gone.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 16 }, (_, index) => 8 + index));
    expect(studio.eventsOf('schedulePlanned').map(({ plan }) => plan.batchesPerEpoch)).toEqual([3, 6]);
  });

  test('before a training has begun: it begins again with half the batch, as often as it takes', async () => {
    const { studio, brittle } = await startBrittle({ largestBatch: 3 });
    expect(await studio.run('trainHead', { ...head, batchSize: 12 })).toBe('failed');
    expect(studio.eventsOf('stepCutOff')[0]).toMatchObject({
      place: null,
      changes: { batchSize: 6 },
      offer: 'Begin this step again, with batches of 6',
    });
    expect(await resume(studio)).toBe('failed');
    expect(await resume(studio)).toBe('done');
    expect(studio.eventsOf('stepStarted', 'trainHead').map(({ settings }) => settings.batchSize)).toEqual([12, 6, 3]);
    expect(storyOf(studio).rows).toHaveLength(4);
    // The card did not fail; there was only no room on it.
    expect(brittle.orders).toHaveLength(1);
  });

  test('with the smallest batch leaves the card', async () => {
    const { studio, brittle } = await startBrittle({ largestBatch: 1 });
    expect(await studio.run('trainHead', { ...head, batchSize: 3 })).toBe('failed');
    expect(studio.eventsOf('stepCutOff')[0]?.sentence).toContain('A batch cannot be smaller than this');
    expect(await resume(studio)).toBe('done');
    expect(brittle.orders.at(-1)).toEqual({ backend: 'auto', below: 'webgpu' });
  });
});

test('a loss that is no number any more: the training goes on from before it, with a tenth of the rate', async () => {
  const { studio } = await startBrittle({ explodesAtSteps: [8] });
  expect(await studio.run('trainHead', { ...head, keptWeights: 'last', learningRate: 0.02 })).toBe('failed');
  const [cutOff] = studio.eventsOf('stepCutOff');
  // The state after step 8 is of numbers still, and of no use.
  expect(cutOff).toMatchObject({
    cause: 'lossNotFinite',
    place: { epoch: 2, batch: 1 },
    changes: { learningRate: 0.002 },
  });
  expect(cutOff?.offer).toBe('Go on from epoch 3, batch 1, with a tenth of the rate');
  expect(await resume(studio)).toBe('done');
  const { batches, rows } = storyOf(studio);
  expect(rows.every(({ validLoss }) => Number.isFinite(validLoss))).toBe(true);
  expect(batches.map(([, [, , rate]]) => rate)).toEqual([...Array(7).fill(0.02), ...Array(5).fill(0.002)]);
});

test('a training that breaks, however it does, gives back every tensor', async () => {
  const settings = { ...head, keptWeights: 'last' };
  for (const breaks of [{ atSteps: [5] }, { largestBatch: 3 }, { explodesAtSteps: [5] }]) {
    const { studio } = await startBrittle(breaks);
    const before = tf.memory().numTensors;
    expect(await studio.run('trainHead', settings)).toBe('failed');
    expect(tf.memory().numTensors).toBe(before);
    expect(await resume(studio)).toBe('done');
    expect(tf.memory().numTensors).toBe(before);
  }
});

test('another picture size gives back the pictures of the one before', async () => {
  const reference = createReferenceExecutor();
  const open = new Set<PictureStore>();
  const executor: Executor = {
    ...reference,
    createPictureStore(options) {
      const store = reference.createPictureStore(options);
      open.add(store);
      const dispose = store.dispose.bind(store);
      return Object.assign(store, {
        dispose() {
          open.delete(store);
          dispose();
        },
      });
    },
  };
  const description = { backend: 'wasm', adapter: 'test', isHardwareGpu: false, ladder: [] } as const;
  const studio = await startTestSession({ startBackend: async () => ({ description, executor }) });
  await studio.openColours();
  await studio.run('prepare', SMALLEST);
  await studio.run('trainHead', { batchSize: 8, epochs: 1 });
  await studio.run('tta', { looks: 2, batchSize: 4 });
  expect(open.size).toBeGreaterThan(0);
  await studio.run('prepare', { ...SMALLEST, imageSizePx: 64 });
  expect(open.size).toBe(0);
});
