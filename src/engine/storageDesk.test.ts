// What lies in the browser's storage, as a person is shown it, and what freeing one thing leaves.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../protocol/errors.ts';
import type { StoredThing } from '../protocol/storage.ts';
import { mobileNetV2 } from './models/mobileNetV2.ts';
import { createMemoryMeter } from './platform/memory/memoryPlatform.ts';
import { useBackend } from './testing/backends.ts';
import { makeSafetensors, namesAndShapes } from './testing/checkpointTensors.ts';
import { createLastingStore, type LastingStore } from './testing/lastingStore.ts';
import { GO_ON, SMALLEST, startTestSession, type TestSession } from './testing/testSession.ts';

useBackend('wasm');

const bytesOf = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const sizeOf = ({ files }: LastingStore, isWanted: (path: string) => boolean) =>
  [...files].reduce((sum, [path, { size }]) => sum + (isWanted(path) ? size : 0), 0);
const pathsOf = ({ files }: LastingStore) => [...files.keys()].sort();

async function thingsOf({ session }: TestSession): Promise<ReadonlyMap<string, StoredThing>> {
  const { things } = await session.measureStorage({}, GO_ON);
  return new Map(things.map((thing) => [thing.id, thing]));
}

/** Two runs, weights of one's own, and pictures prepared for two data sets. */
async function fill(store: LastingStore) {
  const studio = await startTestSession({ store, meter: createMemoryMeter({ usedBytes: 5, quotaBytes: 10 }, 7) });
  const { session } = studio;
  await session.listKept({}, GO_ON);
  for (const _ of [1, 2]) {
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
  }
  const file = new Blob([makeSafetensors(namesAndShapes(mobileNetV2, 1))]);
  const added = await session.addWeights({ file, fileName: 'mine.safetensors' }, GO_ON);
  if (added.kind !== 'weights') throw new Error('These are weights.');
  const facts = { datasetName: 'birds', sizePx: 32, kind: 'whole', usedAt: '2026-01-02T03:04:05.000Z' };
  await store.write('pixels/one.json', bytesOf(JSON.stringify(facts)));
  await store.write('pixels/one/00000.tiles', bytesOf('pixels'));
  await store.write('pixels/two/00000.tiles', bytesOf('more pixels'));
  await session.describeRun({ number: 1, name: 'first try', note: '' }, GO_ON);
  return { studio, session, weights: `weights ${added.weightsId}` };
}

describe('what is kept is told', () => {
  test('thing by thing, with its size and why it cannot go now', async () => {
    const store = createLastingStore();
    const { studio, session, weights } = await fill(store);
    const things = await thingsOf(studio);
    expect([...things.keys()]).toEqual(['work', 'run 2', 'run 1', weights, 'pixels/one', 'pixels/two', 'site']);
    const inFolder = (folder: string) => sizeOf(store, (path) => path.startsWith(folder));
    expect(things.get('work')).toMatchObject({ label: 'Work of run 2 on “colours”', sizeBytes: inFolder('work/') });
    expect(things.get('work')?.note).toMatch(/features \d+/);
    expect(things.get('work')?.whyNotFree).toContain('Run 2 is open');
    expect(things.get('run 1')).toMatchObject({
      label: '“first try”, run 1, on “colours”',
      sizeBytes: inFolder('runs/0001'),
      whyNotFree: null,
    });
    expect(things.get('run 2')?.whyNotFree).toContain('It is open');
    expect(things.get(weights)?.sizeBytes).toBeGreaterThan(1e6);
    expect(things.get('pixels/one')).toMatchObject({
      ...{ label: 'Pictures of “birds”, 32 px, whole', date: '2026-01-02T03:04:05.000Z', whyNotFree: null },
      sizeBytes: inFolder('pixels/one'),
    });
    expect(things.get('pixels/two')).toMatchObject({ label: 'Pictures of an earlier visit', sizeBytes: 11 });
    expect(things.get('site')).toMatchObject({ sizeBytes: 7 });
    expect((await session.measureStorage({}, GO_ON)).total).toEqual({ usedBytes: 5, quotaBytes: 10 });
    for (const id of ['work', 'run 2', 'site']) {
      await expect(session.freeStorage({ id }, GO_ON)).rejects.toMatchObject({ code: 'settingInvalid' });
    }
    await expect(session.freeStorage({ id: 'run 9' }, GO_ON)).rejects.toMatchObject({ code: 'preconditionMissing' });
  });

  test('also of what a crash has left half done, which goes alone', async () => {
    const store = createLastingStore();
    await store.write('runs/0003/events-00000.jsonl', bytesOf('{}'));
    await store.write('weights/half.safetensors', bytesOf('half'));
    await store.write('pixels/two/00000.tiles', bytesOf('pixels'));
    await store.write('work/a.safetensors', bytesOf('damaged'));
    const studio = await startTestSession({ store });
    expect((await studio.session.listKept({}, GO_ON)).trouble).toContain('What the browser kept');
    const ids = ['work', 'remains of run 3', 'remains of weights half'];
    expect([...(await thingsOf(studio)).values()].map(({ id }) => id)).toEqual([...ids, 'pixels/two', 'site']);
    for (const id of ids) await studio.session.freeStorage({ id }, GO_ON);
    expect(pathsOf(store)).toEqual(['pixels/two/00000.tiles']);
  });

  test('and what another tab may be using is left to that tab', async () => {
    const store = createLastingStore();
    await store.write('pixels/two/00000.tiles', bytesOf('pixels'));
    const second = await startTestSession({ store, isSoleKeeper: false });
    await second.session.listKept({}, GO_ON);
    await expect(second.session.freeStorage({ id: 'pixels/two' }, GO_ON)).rejects.toThrow('open in another tab');
    expect(pathsOf(store)).toEqual(['pixels/two/00000.tiles']);
  });
});

describe('freeing', () => {
  test('takes one thing and leaves all others as they were', async () => {
    const store = createLastingStore();
    const { session, weights } = await fill(store);
    const cases: readonly [id: string, isOfIt: (path: string) => boolean][] = [
      ['run 1', (path) => path.startsWith('runs/0001')],
      [weights, (path) => path.startsWith('weights/')],
      ['pixels/one', (path) => path.startsWith('pixels/one')],
    ];
    for (const [id, isOfIt] of cases) {
      const before = pathsOf(store);
      const { storage, runs, catalog } = await session.freeStorage({ id }, GO_ON);
      expect(pathsOf(store), id).toEqual(before.filter((path) => !isOfIt(path)));
      expect(pathsOf(store).length).toBeLessThan(before.length);
      expect(storage.things.map((thing) => thing.id)).not.toContain(id);
      expect(runs.map(({ number }) => number)).toEqual([2]);
      expect(catalog.backbones.some((backbone) => `weights ${backbone.id}` === weights)).toBe(
        id !== weights && id === 'run 1',
      );
    }
  });

  test('work of an earlier visit leaves its run, and its run takes the work along', async () => {
    const store = createLastingStore();
    await fill(store);
    const visit = async () => {
      const later = await startTestSession({ store: store.copy() });
      const { work } = await later.session.listKept({}, GO_ON);
      expect(work?.runNumber).toBe(2);
      return later.session;
    };
    const one = await (await visit()).freeStorage({ id: 'work' }, GO_ON);
    expect(one).toMatchObject({ work: null, runs: [{ number: 2 }, { number: 1 }] });
    const other = await (await visit()).freeStorage({ id: 'run 2' }, GO_ON);
    expect(other).toMatchObject({ work: null, runs: [{ number: 1 }] });
    expect(other.storage.things.map(({ id }) => id)).not.toContain('work');
  });

  test('waits for a step that may be reading weights, and never with pictures, which can be opened again', async () => {
    const store = createLastingStore();
    const { studio, session, weights } = await fill(store);
    const running = studio.run('trainHead', { batchSize: 8, epochs: 1 });
    const things = await thingsOf(studio);
    expect(things.get(weights)?.whyNotFree).toContain('Something is running');
    await session.freeStorage({ id: 'pixels/one' }, GO_ON);
    expect(pathsOf(store).filter((path) => path.startsWith('pixels'))).toEqual(['pixels/two/00000.tiles']);
    expect(await running).toBe('done');
  });
});

describe('a disk that is full', () => {
  const full = () => {
    throw new EngineError('storageFull', 'The browser has no room left.');
  };
  /** The store, and what is written to it while it is full. */
  function createFullStore() {
    const disk = { isFull: true };
    const store = createLastingStore(new Map(), () => {
      if (disk.isFull) full();
    });
    return { store, disk };
  }

  test('ends no training, is said once with what to do, and what was owed is kept when something was freed', async () => {
    const { store, disk } = createFullStore();
    const keepingTimes = { firstMs: 0, everyMs: 0 };
    disk.isFull = false;
    await store.write('pixels/two/00000.tiles', bytesOf('pixels'));
    disk.isFull = true;
    // Tried again by nobody but who frees something.
    const studio = await startTestSession({ store, keepingTimes: { ...keepingTimes, everyMs: 1e9 } });
    const { session } = studio;
    await session.listKept({}, GO_ON);
    await studio.openColours();
    expect(await studio.run('prepare', SMALLEST)).toBe('done');
    expect(await studio.run('trainHead', { batchSize: 5, epochs: 3 })).toBe('done');
    await expect(session.readRun({ number: 1 }, GO_ON)).rejects.toThrow('not kept');
    expect(studio.eventsOf('workNotKept').map(({ sentence }) => sentence)).toEqual([
      expect.stringMatching(
        /^The browser has no room left to keep the work\. It goes on, .*Free something under “Storage”/,
      ),
    ]);
    expect(studio.eventsOf('workKept')).toEqual([]);
    expect(pathsOf(store)).toEqual(['pixels/two/00000.tiles']);

    disk.isFull = false;
    await session.freeStorage({ id: 'pixels/two' }, GO_ON);
    await session.readRun({ number: 1 }, GO_ON);
    expect(studio.eventsOf('workKept')).toMatchObject([{ place: null }]);
    const later = await startTestSession({ store: store.copy() });
    expect((await later.session.listKept({}, GO_ON)).runs).toMatchObject([{ number: 1, stepCount: 2 }]);
    expect(await later.session.restoreWork({ files: null }, GO_ON)).toMatchObject({ trainedName: '32_lastlayer' });
  });

  test('loses no work when the run that held the room is freed beside a training', async () => {
    const { store, disk } = createFullStore();
    disk.isFull = false;
    const studio = await startTestSession({ store, keepingTimes: { firstMs: 0, everyMs: 0 } });
    const { session } = studio;
    await session.listKept({}, GO_ON);
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    await session.readRun({ number: 1 }, GO_ON); // Waits for what is being written.
    disk.isFull = true;
    await studio.openColours();
    expect(await studio.run('prepare', SMALLEST)).toBe('done');
    const running = studio.run('trainHead', { batchSize: 5, epochs: 3 });
    disk.isFull = false;
    await session.freeStorage({ id: 'run 1' }, GO_ON);
    expect(await running).toBe('done');
    await session.readRun({ number: 2 }, GO_ON);
    const later = await startTestSession({ store: store.copy() });
    expect(await later.session.listKept({}, GO_ON)).toMatchObject({
      trouble: null,
      work: { runNumber: 2 },
      runs: [{ number: 2, stepCount: 2 }],
    });
    expect(await later.session.restoreWork({ files: null }, GO_ON)).toMatchObject({ trainedName: '32_lastlayer' });
  });

  test('that somebody made room on elsewhere is noticed by itself, and a run that was left meanwhile is told of, too', async () => {
    const { store, disk } = createFullStore();
    const studio = await startTestSession({ store, keepingTimes: { firstMs: 0, everyMs: 0 } });
    const { session } = studio;
    await session.listKept({}, GO_ON);
    for (const _ of [1, 2]) {
      await studio.openColours();
      await studio.run('prepare', SMALLEST);
    }
    expect(studio.eventsOf('workKept')).toEqual([]);
    disk.isFull = false;
    while (studio.eventsOf('workKept').length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    const later = await startTestSession({ store: store.copy() });
    const { runs, work } = await later.session.listKept({}, GO_ON);
    expect(runs.map(({ number, stepCount }) => [number, stepCount])).toEqual([
      [2, 1],
      [1, 1],
    ]);
    expect(work?.runNumber).toBe(2);
  });

  test('keeps no half of a run that is brought, nor of weights', async () => {
    const { store, disk } = createFullStore();
    const studio = await startTestSession({ store });
    const { session } = studio;
    await session.listKept({}, GO_ON);
    disk.isFull = false;
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    const { recording } = await session.readRun({ number: 1 }, GO_ON);
    const before = pathsOf(store);
    disk.isFull = true;
    const words = { name: 'brought', note: '', recipeId: 'eight' };
    await expect(session.addRun({ recording, words }, GO_ON)).rejects.toMatchObject({ code: 'storageFull' });
    const file = new Blob([makeSafetensors(namesAndShapes(mobileNetV2, 1))]);
    await expect(session.addWeights({ file, fileName: 'm' }, GO_ON)).rejects.toMatchObject({ code: 'storageFull' });
    expect(pathsOf(store)).toEqual(before);
  });
});
