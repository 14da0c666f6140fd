import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { describePeak, describeStoragePeak, HeapMeter } from './heapMeter.mjs';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A browser whose page and one worker take what `usage` says; a worker that computes does not answer. */
function createBrowser() {
  const usage = { page: [20e6, 1e6], worker: [40e6, 100e6], isComputing: false, stored: 0 };
  const session = new EventEmitter();
  const answer = ([usedSize, backingStorageSize]: number[]) => ({ usedSize, backingStorageSize });
  const send = async (method: string, params?: { message: string }) => {
    if (method === 'Runtime.getHeapUsage') return answer(usage.page);
    if (method === 'Storage.getUsageAndQuota') return { usage: usage.stored };
    if (method === 'Target.setAutoAttach') {
      const targetInfo = { type: 'worker', url: 'http://site/assets/trainer.worker-B1x_2.js' };
      session.emit('Target.attachedToTarget', { sessionId: 'w', targetInfo });
    }
    if (method !== 'Target.sendMessageToTarget' || usage.isComputing) return {};
    const { id } = JSON.parse(params?.message ?? '');
    session.emit('Target.receivedMessageFromTarget', { message: JSON.stringify({ id, result: answer(usage.worker) }) });
    return {};
  };
  const page = {
    url: () => 'http://site/?backend=wasm',
    context: () => ({ newCDPSession: async () => Object.assign(session, { send }) }),
  };
  // The part of a page that the meter uses.
  return { usage, page: page as unknown as Parameters<typeof HeapMeter.start>[0] };
}

test('the most that page and worker took and kept is told, whatever they take at the end', async () => {
  const { usage, page } = createBrowser();
  const meter = await HeapMeter.start(page);
  await vi.advanceTimersByTimeAsync(2000);
  usage.worker = [50e6, 300e6];
  usage.stored = 240e6;
  await vi.advanceTimersByTimeAsync(1000);
  usage.worker = [10e6, 0];
  usage.isComputing = true;
  usage.stored = 3e6;
  await vi.advanceTimersByTimeAsync(5000);
  const { heaps: peaks, storage } = meter.stop();
  expect(peaks.map(({ name, objectBytes, bufferBytes }) => [name, objectBytes, bufferBytes])).toEqual([
    ['page', 20e6, 1e6],
    ['trainer.worker', 50e6, 300e6],
  ]);
  expect(describePeak(peaks[1] as (typeof peaks)[number])).toMatch(
    /^memory of trainer\.worker: 350 MB at most, 50 MB of objects and 300 MB of buffers, after \d+ s$/,
  );
  expect(describeStoragePeak(storage)).toMatch(/^storage of the page: 240 MB at most, after \d+ s$/);
});

test('a run that failed ends, though nobody stopped its meter', async () => {
  vi.useRealTimers();
  const { page } = createBrowser();
  const countTimers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = countTimers();
  const meter = await HeapMeter.start(page);
  expect(countTimers()).toBe(before);
  meter.stop();
});
