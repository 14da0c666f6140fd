import { expect, test } from 'vitest';
import type { CommandHandlers } from './commands.ts';
import { EngineError } from './errors.ts';
import { createEventBatcher } from './eventBatcher.ts';
import type { EngineEvent } from './events.ts';
import { connectToEngine, ITEMS_AT_ONCE, type MessageChannelLike, serveEngine } from './rpc.ts';

/** Two ends of a line that copies what is said, as a worker's does. */
function createLine(): [MessageChannelLike, MessageChannelLike] {
  const listeners: ((event: { data: unknown }) => void)[][] = [[], []];
  const end = (own: number): MessageChannelLike => ({
    postMessage(message) {
      const data = structuredClone(message);
      setTimeout(() => {
        for (const listener of listeners[1 - own] ?? []) listener({ data });
      });
    },
    addEventListener: (_, listener) => void listeners[own]?.push(listener),
  });
  return [end(0), end(1)];
}

const unused = async (): Promise<never> => {
  throw new Error('not called in this test');
};
const handlers = (some: Partial<CommandHandlers>): CommandHandlers => ({
  start: unused,
  describeCatalog: unused,
  compareNetworks: unused,
  probeSpeed: unused,
  addWeights: unused,
  correctWeights: unused,
  fetchWeights: unused,
  removeWeights: unused,
  describeLabels: unused,
  openDataset: unused,
  splitDataset: unused,
  previewSchedule: unused,
  previewLearning: unused,
  listKept: unused,
  restoreWork: unused,
  resumeStep: unused,
  pauseStep: unused,
  discardStep: unused,
  readRun: unused,
  describeRun: unused,
  addRun: unused,
  measureStorage: unused,
  freeStorage: unused,
  runStep: unused,
  takeSnapshot: unused,
  averageSnapshots: unused,
  previewAugmentation: unused,
  showPicture: unused,
  estimateStep: unused,
  saveModel: unused,
  loadModel: unused,
  keepModel: unused,
  forgetModel: unused,
  loadKeptModel: unused,
  writeSubmission: unused,
  ...some,
});

test('a command comes back with its result', async () => {
  const [page, worker] = createLine();
  serveEngine(worker, handlers({ describeCatalog: async () => ({ backbones: [], recipes: [] }) }));
  const client = connectToEngine(page, () => {});
  expect(await client.call('describeCatalog', {}).result).toEqual({ backbones: [], recipes: [] });
});

test('an error keeps its code and its sentence on the way', async () => {
  const [page, worker] = createLine();
  const failing = async () => {
    throw new EngineError('datasetEmpty', 'There is nothing in it.');
  };
  serveEngine(worker, handlers({ splitDataset: failing }));
  const { result } = connectToEngine(page, () => {}).call('splitDataset', { validationShare: 0.2, seed: 1 });
  await expect(result).rejects.toMatchObject({ code: 'datasetEmpty', message: 'There is nothing in it.' });
});

const droppedFiles = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ path: `pictures/${index}.jpg`, file: new Blob([String(index)]) }));
const dropOf = (count: number) => ({ name: 'pictures', files: droppedFiles(count), validationShare: 0.2, seed: 7 });

test('twenty thousand files arrive in order, and no message holds more than a part of them', async () => {
  const [page, worker] = createLine();
  const longest: number[] = [];
  const watched: MessageChannelLike = {
    ...page,
    postMessage(message) {
      const { a } = message as { a: unknown[] };
      const lists = a.flatMap((argument) => (Array.isArray(argument) ? [argument] : []));
      longest.push(...lists.map((list) => list.length));
      page.postMessage(message);
    },
  };
  let arrived: readonly string[] = [];
  serveEngine(
    worker,
    handlers({
      openDataset: async ({ files, name, seed }) => {
        arrived = files.map(({ path }) => path);
        throw new EngineError('datasetEmpty', `${name} with seed ${seed}`);
      },
    }),
  );
  const count = 20 * ITEMS_AT_ONCE + 1;
  const { result } = connectToEngine(watched, () => {}).call('openDataset', dropOf(count));
  await expect(result).rejects.toMatchObject({ message: 'pictures with seed 7' });
  expect(arrived).toEqual(droppedFiles(count).map(({ path }) => path));
  expect(Math.max(...longest)).toBe(ITEMS_AT_ONCE);
});

test('a command can be stopped while its files are still on their way', async () => {
  const [page, worker] = createLine();
  const seen: boolean[] = [];
  serveEngine(
    worker,
    handlers({
      openDataset: async (_, signal) => {
        seen.push(signal.aborted);
        throw new EngineError('cancelled', 'Stopped.');
      },
    }),
  );
  const call = connectToEngine(page, () => {}).call('openDataset', dropOf(4 * ITEMS_AT_ONCE));
  call.cancel();
  await expect(call.result).rejects.toMatchObject({ code: 'cancelled' });
  expect(seen).toEqual([true]);
});

test('an unexpected error becomes a sentence too', async () => {
  const [page, worker] = createLine();
  serveEngine(worker, handlers({}));
  const { result } = connectToEngine(page, () => {}).call('describeCatalog', {});
  await expect(result).rejects.toMatchObject({ code: 'internal' });
  await expect(result).rejects.toThrow('Your pictures are untouched');
});

test('a cancel reaches the command that is running, and that one only', async () => {
  const [page, worker] = createLine();
  const run: CommandHandlers['runStep'] = async ({ stepId }, signal) => {
    for (let tick = 0; tick < 40; tick++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (signal.aborted) return { outcome: 'stopped' };
    }
    return { outcome: stepId === 'b' ? 'done' : 'failed' };
  };
  serveEngine(worker, handlers({ runStep: run }));
  const client = connectToEngine(page, () => {});
  const start = (stepId: string) => client.call('runStep', { recipeId: 'head', stepId, settings: {}, seed: 1 });
  const [a, b] = [start('a'), start('b')];
  a.cancel();
  expect(await a.result).toEqual({ outcome: 'stopped' });
  expect(await b.result).toEqual({ outcome: 'done' });
});

test('events arrive in order, together, and not more than ten times a second', async () => {
  const [page, worker] = createLine();
  const send = serveEngine(worker, handlers({}));
  const batches: (readonly EngineEvent[])[] = [];
  connectToEngine(page, (batch) => batches.push(batch));
  let nowMs = 0;
  const batcher = createEventBatcher(send, () => nowMs);
  for (let done = 1; done <= 100; done++) {
    nowMs += 1;
    batcher.add({ type: 'datasetProgress', files: { done, total: 100 }, setAsideCount: 0 });
  }
  batcher.flush();
  await expect.poll(() => batches.flat().length).toBe(100);
  expect(batches.length).toBeLessThanOrEqual(3);
  const order = batches.flat().map((event) => (event.type === 'datasetProgress' ? event.files.done : Number.NaN));
  expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  expect(batches.flat()[0]?.atMs).toBe(1);
});
