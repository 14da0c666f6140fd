import { beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../protocol/errors.ts';
import type { EngineEvent } from '../../protocol/events.ts';
import { createLastingStore, type LastingStore } from '../testing/lastingStore.ts';
import type { RunHeader } from './runFiles.ts';
import { describeRun, listRuns, nextRunNumber, RunJournal, readRun, removeRun } from './runJournal.ts';

const recipeOf = (id: string, stepIds: readonly string[]) => ({ id, steps: stepIds.map((stepId) => ({ id: stepId })) });
const HEADER = {
  catalog: { recipes: [recipeOf('head', ['prepare']), recipeOf('eight', ['prepare', 'trainHead'])] },
  backend: {},
  dataset: { name: 'colours', pictures: [{}, {}] },
} as unknown as RunHeader;
const SEGMENT = 'runs/0001/events-00000.jsonl';

let store: LastingStore;
beforeEach(() => {
  store = createLastingStore();
});

const begin = (number: number, on = store) =>
  RunJournal.begin(on, HEADER, { number, recipeId: 'eight', startedAt: '2026-01-01T00:00:00.000Z' });
const told = (name: string): EngineEvent => ({ type: 'trainedChanged', name, atMs: 1 });
const namesIn = (recording: string | null) =>
  (recording ?? '')
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { name: string }).name);

/** A run of three events on the disk. */
async function keepRun(number = 1): Promise<RunJournal> {
  const journal = begin(number);
  for (const name of ['a', 'b', 'c']) journal.append(told(name));
  await journal.flush();
  return journal;
}

async function cutOff(path: string, fewer: number): Promise<void> {
  const bytes = new Uint8Array(await (store.files.get(path) as Blob).arrayBuffer());
  await store.write(path, bytes.slice(0, bytes.length - fewer));
}

describe('a run that goes on', () => {
  test('is cut back to what its checkpoint has seen, on the disk and in what is shown', async () => {
    await keepRun();
    const resumed = await RunJournal.resume(store, 1, 2);
    expect(namesIn(resumed?.recording ?? null)).toEqual(['a', 'b']);
    expect(resumed?.journal.eventCount).toBe(2);
    expect(namesIn(await readRun(store, 1))).toEqual(['a', 'b']);
  });

  test('goes on where the disk is full, and is cut back as soon as there is room', async () => {
    await keepRun();
    let isFull = true;
    const full: LastingStore = {
      ...store,
      async write(path, content) {
        if (isFull) throw new EngineError('storageFull', 'There is no room.');
        await store.write(path, content);
      },
    };
    const resumed = await RunJournal.resume(full, 1, 1);
    expect(namesIn(resumed?.recording ?? null)).toEqual(['a']);
    resumed?.journal.append(told('d'));
    isFull = false;
    await resumed?.journal.flush();
    expect(namesIn(await readRun(store, 1))).toEqual(['a', 'd']);
  });

  test('does not where its log was cut off in a line, or its header was, and nothing is thrown', async () => {
    await keepRun();
    const whole = store.copy();
    await cutOff(SEGMENT, 5);
    expect(await RunJournal.resume(store, 1, 3)).toBeNull();
    // What lies behind the checkpoint is not missed.
    expect(namesIn((await RunJournal.resume(store, 1, 2))?.recording ?? null)).toEqual(['a', 'b']);
    store = whole;
    await cutOff('runs/0001/header.json', 1);
    expect(await RunJournal.resume(store, 1, 3)).toBeNull();
  });
});

describe('a run that begins', () => {
  test('takes no number of a run that is damaged too much to be listed: its log is left alone', async () => {
    await keepRun(1);
    await keepRun(2);
    await cutOff('runs/0002.json', 10);
    await cutOff('runs/0002/header.json', 10);
    expect((await listRuns(store)).map(({ number }) => number)).toEqual([1]);
    expect(await nextRunNumber(store)).toBe(3);
  });

  test('has nothing of a run of its number that was deleted half-way', async () => {
    await keepRun(1);
    await store.write('runs/0001/events-00001.jsonl', new TextEncoder().encode(`${JSON.stringify(told('old'))}\n`));
    let left = store;
    const crashing: LastingStore = {
      ...store,
      async remove(path) {
        await store.remove(path);
        left = store.copy();
        throw new Error('crash');
      },
    };
    await expect(removeRun(crashing, 1)).rejects.toThrow('crash');
    store = left;
    expect(await nextRunNumber(store)).toBe(1);
    await keepRun(1);
    expect(namesIn(await readRun(store, 1))).toEqual(['a', 'b', 'c']);
  });
});

describe('a run whose summary alone is damaged', () => {
  const started = (stepId: string) => ({ type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 1 }) as EngineEvent;
  const ended = (stepId: string) => ({ type: 'stepEnded', stepId, outcome: 'done', atMs: 1 }) as unknown as EngineEvent;
  const result = (label: string, accuracy: number): EngineEvent =>
    ({ ...{ type: 'resultRow', label, atMs: 1 }, score: { kind: 'accuracy', accuracy: { accuracy } } }) as EngineEvent;

  beforeEach(async () => {
    const journal = begin(1);
    const first = [started('prepare'), ended('prepare'), started('trainHead')];
    for (const event of [...first, result('good', 0.9), result('worse', 0.8), ended('trainHead')])
      journal.append(event);
    await journal.flush();
    await describeRun(store, 1, { name: 'mine', note: 'noted' });
  });

  test('is listed with what its log tells, and with a word about what is lost', async () => {
    const [whole] = await listRuns(store);
    expect(whole).toMatchObject({ name: 'mine', stepCount: 2, best: { label: 'good' } });
    await cutOff('runs/0001.json', 10);
    const [rebuilt] = await listRuns(store);
    expect(rebuilt).toEqual({ ...whole, name: '', note: rebuilt?.note, startedAt: rebuilt?.startedAt });
    expect(rebuilt?.note).toContain('name and note was damaged');
    expect(Date.parse(rebuilt?.startedAt ?? '')).not.toBeNaN();
    expect(rebuilt?.recipeId).toBe('eight');
  });

  test('can be named anew and gone on with, and has a whole summary then', async () => {
    await cutOff('runs/0001.json', 10);
    await describeRun(store, 1, { name: 'mine again', note: '' });
    expect(await listRuns(store)).toMatchObject([{ name: 'mine again', note: '', stepCount: 2 }]);
    await cutOff('runs/0001.json', 10);
    expect((await RunJournal.resume(store, 1, 2))?.journal.eventCount).toBe(2);
    expect(await listRuns(store)).toMatchObject([{ stepCount: 1, best: null }]);
  });

  test('is not listed where it has none: it was deleted half-way', async () => {
    await store.remove('runs/0001.json');
    expect(await listRuns(store)).toEqual([]);
  });
});

test('a log that could not be kept is kept whole the next time, however late the disk is with what it was given before', async () => {
  const late: (() => void)[] = [];
  let isFull = true;
  const slow: LastingStore = {
    ...store,
    async write(path, content) {
      if (isFull && path.endsWith('header.json')) throw new EngineError('storageFull', 'There is no room.');
      if (isFull) await new Promise<void>((resolve) => late.push(resolve));
      await store.write(path, content);
    },
  };
  const journal = begin(1, slow);
  journal.append(told('a'));
  const first = journal.flush();
  // It does not return as long as the disk has something to write.
  await expect(Promise.race([first, pauseFor(20).then(() => 'waits')])).resolves.toBe('waits');
  for (const resolve of late) resolve();
  await expect(first).rejects.toThrow('no room');
  isFull = false;
  journal.append(told('b'));
  await journal.flush();
  expect(namesIn(await readRun(store, 1))).toEqual(['a', 'b']);
});

const pauseFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
