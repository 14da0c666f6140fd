// Work that outlives the page: another session on what a killed one has left in the browser.

import { describe, expect, test } from 'vitest';
import type { EngineEvent, EventOf } from '../protocol/events.ts';
import { sha256Of } from './sha256.ts';
import { useBackend } from './testing/backends.ts';
import { createLastingStore, type LastingStore } from './testing/lastingStore.ts';
import { GO_ON, makeColours, SMALLEST, startTestSession, type TestSession } from './testing/testSession.ts';

useBackend('wasm');

/** After every batch. */
const ALWAYS = { firstMs: 0, everyMs: 0 };
const head = { batchSize: 5, epochs: 4, averagesWeights: true, averagedFrom: 2, keptWeights: 'averaged' };
const SPLIT = { validationShare: 0.25, seed: 1 };

const storyOf = (studio: TestSession, stepId: string) => ({
  batches: studio
    .eventsOf('batchEnded', stepId)
    .map(({ iteration, loss, smoothedLoss }) => [iteration, loss, smoothedLoss]),
  rows: studio.eventsOf('epochEnded', stepId).map(({ row }) => row),
  results: studio.eventsOf('resultRow', stepId).map(({ label, logLoss, score }) => ({ label, logLoss, score })),
});

/** Lines of a recording after its header. */
const eventsIn = (recording: string): EngineEvent[] =>
  recording
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EngineEvent);

/** Runs steps and gives what a crash would leave, at the place that is wanted, and the whole story. */
async function runAndCopy(
  steps: readonly (readonly [stepId: string, settings: object])[],
  isWanted: (place: NonNullable<EventOf<'workKept'>['place']>) => boolean,
) {
  const store = createLastingStore();
  let left: LastingStore | null = null;
  const studio = await startTestSession({
    store,
    keepingTimes: ALWAYS,
    onEvent(event) {
      if (event.type === 'workKept' && event.place && isWanted(event.place)) left ??= store.copy();
    },
  });
  await studio.session.listKept({}, GO_ON);
  await studio.openColours();
  for (const [stepId, settings] of steps) expect(await studio.run(stepId, { ...settings })).toBe('done');
  if (!left) throw new Error('Nothing was kept there.');
  return { store, studio, left: left as LastingStore };
}

describe('a training that was killed', () => {
  test('on features goes on by itself, with the very losses, and needs no pictures', async () => {
    const place = { stepId: 'trainHead', epoch: 2, batch: 1 };
    const { studio, left } = await runAndCopy(
      [
        ['prepare', SMALLEST],
        ['trainHead', head],
      ],
      (kept) => kept.epoch === 2 && kept.batch === 1,
    );
    const whole = storyOf(studio, 'trainHead');
    expect(whole.rows).toHaveLength(4);

    const later = await startTestSession({ store: left });
    const { work, runs, whyNot } = await later.session.listKept({}, GO_ON);
    expect(whyNot).toBeNull();
    expect(work).toMatchObject({ runNumber: 1, datasetName: 'colours', recipeId: 'eight' });
    expect(work?.cutOff).toEqual({ ...place, needsPictures: false });
    expect(work?.sentence).toContain('epoch 3, batch 1');
    expect(runs).toMatchObject([{ number: 1, stepCount: 1, datasetName: 'colours', pictureCount: 16 }]);

    const restored = await later.session.restoreWork({ files: null }, GO_ON);
    expect(restored.sentence).toBe('Restored run 1 at epoch 3, batch 1.');
    expect(restored.hasPictures).toBe(false);
    const told = eventsIn(restored.recording);
    expect(await later.session.resumeStep({}, GO_ON)).toEqual({ outcome: 'done' });
    const goneOn = storyOf(later, 'trainHead');
    const before = told.filter((event) => event.type === 'batchEnded');
    expect([
      ...before.map(({ iteration, loss, smoothedLoss }) => [iteration, loss, smoothedLoss]),
      ...goneOn.batches,
    ]).toEqual(whole.batches);
    expect(goneOn.rows).toEqual(whole.rows.slice(2));
    expect(goneOn.results).toEqual(whole.results);
    expect(later.eventsOf('stepStarted')).toEqual([]);
    // Times go on after those that were told.
    expect(later.eventsOf('batchEnded')[0]?.atMs).toBeGreaterThanOrEqual(told.at(-1)?.atMs as number);

    // Pictures are asked for by what needs them.
    expect(await later.run('augment', { batchSize: 8, cycles: 1 })).toBe('failed');
  });

  test('on pictures goes on with the same pictures, and with no others', async () => {
    const { studio, left } = await runAndCopy(
      [
        ['prepare', SMALLEST],
        ['trainHead', { batchSize: 8, epochs: 1 }],
        ['augment', { batchSize: 5, cycles: 2, cycleMultiplier: 1, learningRate: 0.05, averagedCycles: 2 }],
      ],
      (kept) => kept.stepId === 'augment' && kept.epoch === 1 && kept.batch === 2,
    );
    const whole = storyOf(studio, 'augment');
    const later = await startTestSession({ store: left });
    const { work } = await later.session.listKept({}, GO_ON);
    expect(work?.cutOff).toMatchObject({ stepId: 'augment', needsPictures: true });
    const restoreWith = (count: number) => later.session.restoreWork({ files: makeColours(count) }, GO_ON);
    await expect(restoreWith(7)).rejects.toThrow('These are not the 16 pictures');
    const { hasPictures } = await restoreWith(8);
    expect(hasPictures).toBe(true);
    expect(await later.session.resumeStep({}, GO_ON)).toEqual({ outcome: 'done' });
    const goneOn = storyOf(later, 'augment');
    expect(goneOn.batches).toEqual(whole.batches.slice(-goneOn.batches.length));
    expect(goneOn.batches.length).toBeLessThan(whole.batches.length);
    expect(goneOn.rows).toEqual(whole.rows.slice(1));
    expect(goneOn.results).toEqual(whole.results);
    expect(later.eventsOf('snapshotsKept')[0]?.snapshots).toEqual(studio.eventsOf('snapshotsKept')[0]?.snapshots);
  });
});

describe('what is kept between steps', () => {
  test('is all that was trained: the next step is the one that would have been', async () => {
    const store = createLastingStore();
    const studio = await startTestSession({ store });
    await studio.session.listKept({}, GO_ON);
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    await studio.run('trainHead', head);
    await studio.session.readRun({ number: 1 }, GO_ON); // Waits for what is being written.
    const later = await startTestSession({ store: store.copy() });
    expect((await later.session.listKept({}, GO_ON)).work?.cutOff).toBeNull();
    const restored = await later.session.restoreWork({ files: makeColours(8) }, GO_ON);
    expect(restored).toMatchObject({ trainedName: '32_lastlayer', cutOff: null, hasPictures: true, split: SPLIT });
    expect(restored.sentence).toBe('Restored run 1.');
    await expect(later.session.resumeStep({}, GO_ON)).rejects.toThrow('No step was cut off');
    for (const each of [studio, later]) await each.run('tta', { looks: 2, batchSize: 4 });
    expect(storyOf(later, 'tta')).toEqual(storyOf(studio, 'tta'));
    // The log of the run goes on as one.
    const { recording } = await later.session.readRun({ number: 1 }, GO_ON);
    const types = eventsIn(recording).flatMap((event) => (event.type === 'stepEnded' ? [event.stepId] : []));
    expect(types).toEqual(['prepare', 'trainHead', 'tta']);
  });

  test('are runs with a name and a note; one that is open is not deleted, another is', async () => {
    const store = createLastingStore();
    const studio = await startTestSession({ store });
    const { session } = studio;
    await session.listKept({}, GO_ON);
    for (const _ of [1, 2]) {
      await studio.openColours();
      await studio.run('prepare', SMALLEST);
    }
    await session.readRun({ number: 2 }, GO_ON);
    const { runs } = await session.describeRun({ number: 1, name: 'first try', note: 'too small' }, GO_ON);
    expect(runs.map(({ number, name }) => [number, name])).toEqual([
      [2, ''],
      [1, 'first try'],
    ]);
    await expect(session.freeStorage({ id: 'run 2' }, GO_ON)).rejects.toThrow('It is open');
    expect((await session.freeStorage({ id: 'run 1' }, GO_ON)).runs.map(({ number }) => number)).toEqual([2]);
    expect([...store.files.keys()].filter((path) => path.startsWith('runs/0001'))).toEqual([]);
    await expect(session.readRun({ number: 1 }, GO_ON)).rejects.toThrow('Run 1 is not kept');
  });

  test('keeps the name that a person gives it while it is being kept', async () => {
    const store = createLastingStore();
    const slow: LastingStore = {
      ...store,
      async write(path, content) {
        if (path === 'runs/0001.json') await pauseFor(30);
        await store.write(path, content);
      },
    };
    const studio = await startTestSession({ store: slow });
    await studio.session.listKept({}, GO_ON);
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    await studio.session.readRun({ number: 1 }, GO_ON);
    const naming = studio.session.describeRun({ number: 1, name: 'mine', note: 'at last' }, GO_ON);
    await studio.run('prepare', SMALLEST);
    expect((await naming).runs[0]?.name).toBe('mine');
    const { runs } = await studio.session.describeRun({ number: 7, name: '', note: '' }, GO_ON);
    expect(runs).toMatchObject([{ number: 1, name: 'mine', note: 'at last', stepCount: 2 }]);
  });

  test('is not offered any more when its run is deleted, though other pictures were opened before', async () => {
    const store = createLastingStore();
    const studio = await startTestSession({ store });
    await studio.session.listKept({}, GO_ON);
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    await studio.openColours(6);
    expect((await studio.session.freeStorage({ id: 'run 1' }, GO_ON)).runs).toEqual([]);
    const later = await startTestSession({ store: store.copy() });
    expect(await later.session.listKept({}, GO_ON)).toMatchObject({ work: null, trouble: null, runs: [] });
    // Pictures that were decoded serve other runs too.
    expect([...store.files.keys()].filter((path) => !path.startsWith('pixels/'))).toEqual([]);
  });

  test('is nothing in a second tab, nor where files do not last, and the page is told why', async () => {
    const store = createLastingStore();
    const second = await startTestSession({ store, isSoleKeeper: false });
    expect((await second.session.listKept({}, GO_ON)).whyNot).toContain('another tab');
    const fleeting = await startTestSession();
    expect((await fleeting.session.listKept({}, GO_ON)).whyNot).toContain('until the page is closed');
    await second.openColours();
    await second.run('prepare', SMALLEST);
    expect([...store.files.keys()]).toEqual([]);
  });
});

describe('a training that runs', () => {
  test('is paused between two batches, kept meanwhile, and goes on with the very losses', async () => {
    const store = createLastingStore();
    let isPaused = false;
    const studio = await startTestSession({
      store,
      // Only a pause keeps it.
      keepingTimes: { firstMs: 1e9, everyMs: 1e9 },
      onEvent(event) {
        if (event.type !== 'batchEnded' || event.iteration !== 3 || isPaused) return;
        isPaused = true;
        void studio.session.pauseStep({ isPaused: true }, GO_ON);
      },
    });
    await studio.session.listKept({}, GO_ON);
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    const running = studio.run('trainHead', head);
    while (!studio.eventsOf('workKept').some(({ place }) => place !== null)) await pauseFor(10);
    await pauseFor(200);
    const told = studio.eventsOf('batchEnded').length;
    expect(told).toBeLessThan(8);
    await pauseFor(200);
    expect(studio.eventsOf('batchEnded').length).toBe(told);
    await studio.session.pauseStep({ isPaused: false }, GO_ON);
    expect(await running).toBe('done');
    const paused = storyOf(studio, 'trainHead');
    studio.forget();
    await studio.run('trainHead', head, { isAgain: true });
    expect(storyOf(studio, 'trainHead')).toEqual(paused);
  });

  test('is discarded: what was trained before it stays', async () => {
    const signal = { aborted: false };
    const studio = await startTestSession({
      onEvent(event) {
        if (event.type !== 'batchEnded' || event.stepId !== 'augment') return;
        void studio.session.discardStep({}, GO_ON);
        signal.aborted = true;
      },
    });
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    await studio.run('trainHead', { batchSize: 8, epochs: 1 });
    const save = async () => await sha256Of((await studio.session.saveModel({ name: 'before' }, GO_ON)).bytes);
    const before = await save();
    const discarded = { recipeId: 'eight', stepId: 'augment', settings: { batchSize: 8, cycles: 2 }, seed: 1 };
    expect(await studio.session.runStep(discarded, signal)).toEqual({ outcome: 'stopped' });
    expect(studio.eventsOf('stepEnded', 'augment')[0]?.reading).toContain('Discarded');
    expect(studio.eventsOf('resultRow', 'augment')).toEqual([]);
    expect(await save()).toBe(before);
  });
});

const pauseFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
