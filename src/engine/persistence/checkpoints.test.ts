import { beforeEach, describe, expect, test } from 'vitest';
import { joinBytes } from '../joinBytes.ts';
import { createMemoryStore } from '../platform/memory/memoryPlatform.ts';
import type { BlobStore } from '../platform/ports.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpointFile.ts';
import { Checkpoints, partOf } from './checkpoints.ts';

const FOLDER = 'session';
const weights = new Map([['w', Float32Array.from([1, 2, 3])]]);

let fails = false;
/** How the path of what fails alone begins. */
let failsAt: string | null = null;
let store: BlobStore;
beforeEach(() => {
  fails = false;
  failsAt = null;
  store = createMemoryStore((path) => {
    if (fails || (failsAt !== null && path.startsWith(failsAt))) throw new Error('the disk is full');
  });
});

const open = () => new Checkpoints(store, FOLDER);
const make = (count: number, numbers = [count]) => ({
  facts: { count },
  sets: { state: new Map([['x', Float32Array.from(numbers)]]) },
  parts: { weights: partOf(weights) },
});

async function damage(path: string, at = -1): Promise<void> {
  const bytes = new Uint8Array(await ((await store.read(path)) as Blob).arrayBuffer());
  const place = at < 0 ? bytes.length + at : at;
  bytes[place] = (bytes[place] as number) ^ 1;
  await store.write(path, bytes);
}

describe('a checkpoint’s file', () => {
  test('gives back every number to the last bit, those that are none too', () => {
    const facts = { loss: Number.NaN, far: [-Infinity, -0, 0.1 + 0.2], labels: Int32Array.from([3, -1]), text: 'ü“”' };
    const values = new Float32Array(Uint32Array.from([0x7fc00001, 0x80000000, 1, 0xff800000]).buffer);
    const sums = Float64Array.from([Math.PI, 1e-320, -0, Number.NaN]);
    const sets = {
      mixed: new Map<string, Float32Array | Float64Array>([
        ['values', values],
        ['sums', sums],
      ]),
      none: new Map(),
    };
    const found = decodeCheckpoint(joinBytes(encodeCheckpoint({ facts, sets }).pieces));
    expect(found.facts).toEqual(facts);
    expect(Object.keys(found.sets)).toEqual(['mixed', 'none']);
    const bits = (one: Float32Array | Float64Array | undefined) =>
      one && [...new Uint32Array(one.buffer, one.byteOffset, one.byteLength / 4)];
    expect(bits(found.sets.mixed?.get('values'))).toEqual(bits(values));
    expect(found.sets.mixed?.get('sums')).toBeInstanceOf(Float64Array);
    expect(bits(found.sets.mixed?.get('sums'))).toEqual(bits(sums));
  });

  test('is refused with a sentence wherever a bit of it is another', () => {
    const bytes = joinBytes(encodeCheckpoint({ facts: { epoch: 3 }, sets: { state: weights } }).pieces);
    for (let place = 0; place < bytes.length; place++) {
      const wrong = bytes.slice();
      wrong[place] = (wrong[place] as number) ^ 4;
      // Spaces that fill the header up mean nothing.
      if (bytes[place] === 0x20) continue;
      expect(() => decodeCheckpoint(wrong), `byte ${place}`).toThrow('What the browser kept');
    }
    for (const length of [0, 7, bytes.length - 1]) {
      expect(() => decodeCheckpoint(bytes.slice(0, length)), `${length} bytes`).toThrow('What the browser kept');
    }
  });
});

describe('of two slots', () => {
  test('the newer one is read, by another page too', async () => {
    expect(await open().read()).toBeNull();
    const checkpoints = open();
    for (const count of [1, 2, 3]) {
      await checkpoints.write(make(count));
      const found = await open().read();
      expect(found?.facts).toEqual({ count });
      expect([...(found?.sets.state?.get('x') ?? [])]).toEqual([count]);
      expect([...(found?.parts.weights?.sets.values?.get('w') ?? [])]).toEqual([1, 2, 3]);
    }
    expect(await store.list(FOLDER)).toHaveLength(2);
  });

  test('the older one is read where the newer is damaged, and the next is written over the damaged one', async () => {
    const checkpoints = open();
    await checkpoints.write(make(1));
    await checkpoints.write(make(2));
    await damage(`${FOLDER}/b.safetensors`);
    const later = open();
    expect((await later.read())?.facts).toEqual({ count: 1 });
    await later.write(make(3));
    expect((await open().read())?.facts).toEqual({ count: 3 });
    await damage(`${FOLDER}/b.safetensors`);
    expect((await open().read())?.facts).toEqual({ count: 1 });
  });

  test('none is taken where both are damaged, or a part of theirs is', async () => {
    const checkpoints = open();
    await checkpoints.write(make(1));
    const [part] = await store.list(`${FOLDER}/parts`);
    await damage(part as string);
    await expect(open().read()).rejects.toMatchObject({ code: 'checkpointDamaged' });
    await checkpoints.clear();
    expect(await open().read()).toBeNull();
    await open().write(make(1));
    await damage(`${FOLDER}/a.safetensors`, 30);
    await expect(open().read()).rejects.toMatchObject({ code: 'checkpointDamaged' });
  });

  test('a part that is damaged is written anew by the next page that has the same, and the work is kept again', async () => {
    for (const readsFirst of [true, false]) {
      await open().write(make(1));
      const [part] = await store.list(`${FOLDER}/parts`);
      await damage(part as string);
      const later = open();
      if (readsFirst) await expect(later.read()).rejects.toMatchObject({ code: 'checkpointDamaged' });
      await later.write(make(2));
      expect((await open().read())?.facts).toEqual({ count: 2 });
    }
  });

  test('both stay as they were where there is no room for a third', async () => {
    const checkpoints = open();
    await checkpoints.write(make(1));
    fails = true;
    await expect(checkpoints.write(make(2))).rejects.toThrow('full');
    expect((await open().read())?.facts).toEqual({ count: 1 });
    fails = false;
    await checkpoints.write(make(3));
    expect((await open().read())?.facts).toEqual({ count: 3 });
  });

  test('no part is left of one that came to nothing, so that it fills no room', async () => {
    const checkpoints = open();
    await checkpoints.write(make(1));
    const before = await store.list(`${FOLDER}/parts`);
    const other = { ...make(2), parts: { ...make(2).parts, other: partOf(new Map([['w', Float32Array.from([4])]])) } };
    failsAt = `${FOLDER}/b`;
    await expect(checkpoints.write(other)).rejects.toThrow('full');
    expect(await store.list(`${FOLDER}/parts`)).toEqual(before);
    failsAt = null;
    await checkpoints.write(other);
    expect(Object.keys((await open().read())?.parts ?? {})).toEqual(['weights', 'other']);
  });
});

test('what stays the same is written once, and goes when no checkpoint has it', async () => {
  const checkpoints = open();
  const big = new Map([['w', new Float32Array(10_000)]]);
  const withPart = (values: typeof big) => ({ ...make(1), parts: { body: partOf(values) } });
  expect(await checkpoints.write(withPart(big))).toBeGreaterThan(40_000);
  expect(await checkpoints.write(withPart(big))).toBeLessThan(2000);
  // Equal numbers in another object, from another page.
  expect(await open().write(withPart(new Map([['w', new Float32Array(10_000)]])))).toBeLessThan(2000);
  const later = open();
  for (const _ of [1, 2]) await later.write(withPart(weights));
  expect(await store.list(`${FOLDER}/parts`)).toHaveLength(1);
});
