import { expect, test } from 'vitest';
import type { InputBatch, Network } from '../executors/executor.ts';
import { inferInOrder } from './inferInOrder.ts';

const makeBatches = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ count: 1, inputs: Float32Array.of(index), index }));

/** A network whose outputs arrive when the test says so; it counts how many are under way. */
function createSlowNetwork() {
  const pending = new Map<number, { arrive: () => void; fail: (reason: Error) => void }>();
  let mostUnderWay = 0;
  const infer = (batch: InputBatch) =>
    new Promise<Float32Array>((resolve, reject) => {
      const index = 'inputs' in batch ? (batch.inputs[0] as number) : -1;
      const end = (then: () => void) => () => {
        pending.delete(index);
        then();
      };
      pending.set(index, {
        arrive: end(() => resolve(Float32Array.of(10 * index))),
        fail: (reason) => end(() => reject(reason))(),
      });
      mostUnderWay = Math.max(mostUnderWay, pending.size);
    });
  // Only infer is called here.
  return { network: { infer } as Network, pending, mostUnderWay: () => mostUnderWay };
}

test('two batches are under way, never three, and results come in order even when they arrive out of it', async () => {
  const { network, pending, mostUnderWay } = createSlowNetwork();
  const seen: number[][] = [];
  const running = inferInOrder(network, makeBatches(4), ({ index }, output) => seen.push([index, output[0] as number]));
  for (const [newer, older] of [
    [1, 0],
    [3, 2],
  ] as const) {
    await expect.poll(() => [...pending.keys()]).toEqual([older, newer]);
    pending.get(newer)?.arrive();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen.length).toBe(older);
    pending.get(older)?.arrive();
  }
  expect(await running).toBe(true);
  expect(seen).toEqual([
    [0, 0],
    [1, 10],
    [2, 20],
    [3, 30],
  ]);
  expect(mostUnderWay()).toBe(2);
});

test('a result is handled as soon as it is there, not when the next batch is', async () => {
  const { network, pending } = createSlowNetwork();
  const seen: number[] = [];
  let giveSecond: () => void = () => {};
  async function* batches() {
    const [first, second] = makeBatches(2);
    yield first as { count: number; inputs: Float32Array; index: number };
    await new Promise<void>((resolve) => {
      giveSecond = resolve;
    });
    yield second as { count: number; inputs: Float32Array; index: number };
  }
  const running = inferInOrder(network, batches(), ({ index }) => seen.push(index));
  await expect.poll(() => pending.size).toBe(1);
  pending.get(0)?.arrive();
  await expect.poll(() => seen).toEqual([0]);
  giveSecond();
  await expect.poll(() => pending.size).toBe(1);
  pending.get(1)?.arrive();
  expect(await running).toBe(true);
});

test('a stop is answered once nothing is under way any more', async () => {
  const { network, pending } = createSlowNetwork();
  const signal = { aborted: false };
  let isOver = false;
  const running = inferInOrder(network, makeBatches(9), () => {}, signal).finally(() => {
    isOver = true;
  });
  await expect.poll(() => pending.size).toBe(2);
  signal.aborted = true;
  pending.get(0)?.arrive();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isOver).toBe(false);
  pending.get(1)?.arrive();
  expect(await running).toBe(false);
  expect(pending.size).toBe(0);
});

test('a failure is thrown once nothing is under way any more', async () => {
  const { network, pending } = createSlowNetwork();
  const seen: number[] = [];
  const running = inferInOrder(network, makeBatches(9), ({ index }) => seen.push(index));
  const outcome = expect(running).rejects.toThrow('device lost');
  await expect.poll(() => pending.size).toBe(2);
  pending.get(0)?.fail(new Error('device lost'));
  await new Promise((resolve) => setTimeout(resolve, 5));
  pending.get(1)?.arrive();
  await outcome;
  expect(pending.size).toBe(0);
  expect(seen).toEqual([]);
});

test('a batch without items is handled in its turn and never computed', async () => {
  const { network, pending } = createSlowNetwork();
  const seen: [number, number][] = [];
  const [first, empty] = makeBatches(2);
  const batches = [first, { ...empty, count: 0 }] as { count: number; inputs: Float32Array; index: number }[];
  const running = inferInOrder(network, batches, ({ index }, output) => seen.push([index, output.length]));
  await expect.poll(() => pending.size).toBe(1);
  pending.get(0)?.arrive();
  await running;
  expect(seen).toEqual([
    [0, 1],
    [1, 0],
  ]);
});
