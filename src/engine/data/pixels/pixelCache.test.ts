// The cache over a decoder that counts: another cache on what a killed page has left is another page on the same disk.

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { createMemoryMeter, makePictureFile } from '../../platform/memory/memoryPlatform.ts';
import type { BlobStore, PictureDecoder } from '../../platform/ports.ts';
import { findSha256 } from '../../sha256.ts';
import { createLastingStore, type LastingStore } from '../../testing/lastingStore.ts';
import { createPaintedDecoder } from '../../testing/paintedDecoder.ts';
import { RESAMPLER_VERSION } from '../areaResize.ts';
import { PixelCache } from './pixelCache.ts';
import { listTileSets, removeTileSet, writeFacts } from './tileSets.ts';

const COUNT = 6;
const SIZE_PX = 16;
/** Of a square of that size. */
const TILE_BYTES = 3 * SIZE_PX * SIZE_PX;

const makeFiles = (count = COUNT) =>
  Array.from({ length: count }, (_, index) =>
    makePictureFile({ widthPx: 40, heightPx: 30, rgb: [200 - 9 * index, 20 + 9 * index, 90] }),
  );

interface PageOptions {
  readonly files?: readonly Blob[];
  readonly freeBytes?: number | null;
  readonly isSoleKeeper?: boolean;
}

/** A page that has opened the files. */
async function openPage(store: BlobStore, options: PageOptions = {}) {
  const { files = makeFiles(), freeBytes = null, isSoleKeeper = true } = options;
  const painted = createPaintedDecoder();
  let opened = 0;
  const counted = (decode: PictureDecoder['decodeWhole']) => (file: Blob, sizePx: number) => {
    opened += 1;
    return decode(file, sizePx);
  };
  const troubles: string[] = [];
  let nowMs = 0;
  const cache = new PixelCache(
    {
      decoder: {
        ...painted,
        decodeCentreSquare: counted(painted.decodeCentreSquare),
        decodeWhole: counted(painted.decodeWhole),
        decodeSquashed: counted(painted.decodeSquashed),
      },
      store,
      meter: createMemoryMeter(freeBytes === null ? null : { usedBytes: 0, quotaBytes: freeBytes }),
      soleKeeper: { claim: async () => isSoleKeeper },
      clock: { nowMs: () => nowMs },
    },
    (sentence) => troubles.push(sentence),
  );
  const known = files.map(async (file) => ({
    file,
    contentHash: await findSha256(new Uint8Array(await file.arrayBuffer())),
  }));
  await cache.know('waves', await Promise.all(known));
  const decodeAll = (kind: 'decodeCentreSquare' | 'decodeWhole' | 'decodeSquashed', sizePx = SIZE_PX) =>
    Promise.all(files.map((file) => cache.decoder[kind](file, sizePx)));
  return {
    cache,
    troubles,
    decodeAll,
    /** How many pictures were opened since the last call. */
    takeOpened: () => {
      const taken = opened;
      opened = 0;
      return taken;
    },
    passTime: (ms: number) => {
      nowMs += ms;
    },
  };
}

/** Pictures as no cache has touched them. */
const plainly = (kind: 'decodeCentreSquare' | 'decodeWhole' | 'decodeSquashed', sizePx = SIZE_PX) =>
  Promise.all(makeFiles().map((file) => createPaintedDecoder()[kind](file, sizePx)));

/** What a page leaves that has decoded all pictures as centre squares. */
async function fillStore(options: PageOptions = {}): Promise<LastingStore> {
  const store = createLastingStore();
  const page = await openPage(store, options);
  await page.decodeAll('decodeCentreSquare');
  await page.cache.flush();
  return store;
}

const shardsOf = (store: LastingStore) => [...store.files.keys()].filter((path) => path.endsWith('.tiles'));

async function damage(store: LastingStore, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) {
  const path = shardsOf(store)[0] as string;
  const bytes = new Uint8Array(await (store.files.get(path) as Blob).arrayBuffer());
  await store.write(path, change(bytes));
}

describe('a picture that was decoded once', () => {
  test.each(['decodeCentreSquare', 'decodeWhole', 'decodeSquashed'] as const)(
    'is read by a later page, bit for bit as %s gives it, and opened no more',
    async (kind) => {
      const store = createLastingStore();
      const first = await openPage(store);
      expect(await first.decodeAll(kind)).toEqual(await plainly(kind));
      await first.cache.flush();
      const later = await openPage(store.copy());
      expect(await later.decodeAll(kind)).toEqual(await plainly(kind));
      expect(later.takeOpened()).toBe(0);
      expect(later.cache.takeCounts()).toEqual({ decodedCount: 0, cachedCount: COUNT });
      expect(later.cache.takeCounts()).toEqual({ decodedCount: 0, cachedCount: 0 });
    },
  );

  test('is read within the same page too, before and after it lies on the disk', async () => {
    const page = await openPage(createLastingStore());
    for (const _ of ['decoded', 'waiting']) await page.decodeAll('decodeWhole');
    await page.cache.flush();
    expect(await page.decodeAll('decodeWhole')).toEqual(await plainly('decodeWhole'));
    expect(page.takeOpened()).toBe(COUNT);
  });

  test('is another one at another size, and squashed or whole', async () => {
    const store = await fillStore();
    const later = await openPage(store);
    expect(await later.decodeAll('decodeCentreSquare', 12)).toEqual(await plainly('decodeCentreSquare', 12));
    expect(await later.decodeAll('decodeSquashed')).toEqual(await plainly('decodeSquashed'));
    expect(await later.decodeAll('decodeWhole')).toEqual(await plainly('decodeWhole'));
    expect(later.takeOpened()).toBe(3 * COUNT);
  });

  test('is not what another version of the resampler made', async () => {
    const store = await fillStore();
    const other = createLastingStore(
      new Map([...store.files].map(([path, file]) => [path.replace(`-r${RESAMPLER_VERSION}`, '-r1'), file])),
    );
    const later = await openPage(other);
    await later.decodeAll('decodeCentreSquare');
    expect(later.takeOpened()).toBe(COUNT);
  });

  test('is found by its content: in another order, with more pictures, and never for another picture', async () => {
    const store = await fillStore();
    const grown = await openPage(store, { files: makeFiles(COUNT + 3).toReversed() });
    const pictures = await grown.decodeAll('decodeCentreSquare');
    expect(pictures.slice(3)).toEqual((await plainly('decodeCentreSquare')).toReversed());
    expect(grown.takeOpened()).toBe(3);
  });
});

describe('a page that is killed', () => {
  test('has lost twenty seconds of work at most: the next one opens only what was not written', async () => {
    const store = createLastingStore();
    const files = makeFiles();
    const page = await openPage(store, { files });
    const decode = (index: number) => page.cache.decoder.decodeCentreSquare(files[index] as Blob, SIZE_PX);
    for (const index of [0, 1, 2]) await decode(index);
    expect(shardsOf(store)).toEqual([]);
    page.passTime(20_000);
    await decode(3);
    while (shardsOf(store).length === 0) await pauseFor(1);
    await decode(4);
    // Killed here: the fifth waits in memory.
    const later = await openPage(store.copy());
    expect(await later.decodeAll('decodeCentreSquare')).toEqual(await plainly('decodeCentreSquare'));
    expect(later.takeOpened()).toBe(COUNT - 4);
    await later.cache.flush();
    const last = await openPage(store.copy());
    await last.decodeAll('decodeCentreSquare');
    expect(last.takeOpened()).toBe(COUNT - 4);
  });
});

describe('what the disk has damaged', () => {
  const readAgain = async (store: LastingStore) => {
    const later = await openPage(store);
    expect(await later.decodeAll('decodeCentreSquare')).toEqual(await plainly('decodeCentreSquare'));
    return later;
  };

  test('is never shown: whichever byte is another, the pixels are right, and few pictures are opened again', async () => {
    const whole = await fillStore();
    const size = (whole.files.get(shardsOf(whole)[0] as string) as Blob).size;
    const pixelsStart = size - COUNT * TILE_BYTES;
    for (let at = 0; at < size; at += 61) {
      const store = whole.copy();
      await damage(store, (bytes) => bytes.map((byte, index) => (index === at ? byte ^ 0x80 : byte)));
      const later = await readAgain(store);
      expect(later.takeOpened()).toBe(at < pixelsStart ? COUNT : 1);
    }
  });

  test('is decoded again and kept again, and what is whole stays', async () => {
    const store = await fillStore();
    await damage(store, (bytes) => bytes.slice(0, bytes.length - TILE_BYTES - 1));
    const later = await readAgain(store);
    expect(later.takeOpened()).toBe(2);
    await later.cache.flush();
    expect((await readAgain(store.copy())).takeOpened()).toBe(0);
  });

  test('leaves nothing of a file that ends in its first bytes', async () => {
    for (const length of [0, 7, 15, 40]) {
      const store = await fillStore();
      await damage(store, (bytes) => bytes.slice(0, length));
      expect((await readAgain(store)).takeOpened()).toBe(COUNT);
    }
  });

  test('does not hide a set from those who free storage', async () => {
    const store = await fillStore();
    const facts = [...store.files.keys()].find((path) => path.endsWith('.json')) as string;
    await store.write(facts, new Uint8Array([123, 34]));
    const [set] = await listTileSets(store);
    expect(set?.sizeBytes).toBeGreaterThan(COUNT * TILE_BYTES);
    await removeTileSet(store, set?.id as string);
    expect([...store.files.keys()]).toEqual([]);
  });
});

describe('room for decoded pictures', () => {
  test('that the disk does not have is told of once, and everything goes on', async () => {
    const full: BlobStore = {
      ...createLastingStore(),
      write: async () => {
        throw new EngineError('storageFull', 'full');
      },
    };
    const page = await openPage(full);
    for (const _ of [1, 2]) {
      expect(await page.decodeAll('decodeCentreSquare')).toEqual(await plainly('decodeCentreSquare'));
      await page.cache.flush();
    }
    expect(page.troubles).toHaveLength(1);
    expect(page.troubles[0]).toContain('no room left to keep decoded pictures');
    expect(page.takeOpened()).toBe(2 * COUNT);
  });

  test('is made by removing what was used longest ago, and never what a step uses', async () => {
    const store = await fillStore();
    const [first] = await listTileSets(store);
    const { sizeBytes, ...facts } = first as NonNullable<typeof first>;
    const date = (day: number) => ({ ...facts, usedAt: `2026-01-0${day}T00:00:00.000Z` });
    await writeFacts(store, date(2));
    // Older, and of another size.
    const old = await openPage(store);
    await old.decodeAll('decodeCentreSquare', 15);
    await old.cache.flush();
    await writeFacts(store, { ...date(1), sizePx: 15 });
    // A quarter of what is free and what these two take lets two of them stay.
    const usedBytes = (await listTileSets(store)).reduce((sum, set) => sum + set.sizeBytes, 0);
    const page = await openPage(store, { freeBytes: 4 * 2.2 * sizeBytes - usedBytes });
    await page.decodeAll('decodeCentreSquare', 17);
    await page.cache.flush();
    expect((await listTileSets(store)).map((set) => set.sizePx)).toEqual([SIZE_PX, 17]);
    // Two that are in use leave no room for a third: it is decoded each time, and nobody is troubled.
    for (const sizePx of [SIZE_PX, 17, 18]) await page.decodeAll('decodeCentreSquare', sizePx);
    await page.cache.flush();
    expect((await listTileSets(store)).map((set) => set.sizePx)).toEqual([SIZE_PX, 17]);
    expect(page.troubles).toEqual([]);
  });

  test('goes first to those that another version of the resampler made', async () => {
    const store = await fillStore();
    const [set] = await listTileSets(store);
    const { sizeBytes, id, ...facts } = set as NonNullable<typeof set>;
    for (const path of shardsOf(store)) {
      const shard = new Uint8Array(await (store.files.get(path) as Blob).arrayBuffer());
      await store.write(path.replace(id, id.replace(/r\d+$/, 'r1')), shard);
    }
    await writeFacts(store, { ...facts, resamplerVersion: 1, usedAt: '2999-01-01T00:00:00.000Z' });
    const page = await openPage(store, { freeBytes: 4 * 2.5 * sizeBytes - 2 * sizeBytes });
    await page.decodeAll('decodeCentreSquare', 17);
    await page.cache.flush();
    expect((await listTileSets(store)).map((each) => each.sizePx).sort()).toEqual([SIZE_PX, 17]);
  });

  test('is freed while a page uses it: its pictures are opened again, and kept again', async () => {
    const store = await fillStore();
    // As the browser's files do: what was removed can no longer be read.
    const asFiles: BlobStore = {
      ...store,
      read: async (path) => {
        const file = store.files.get(path);
        if (!file) return null;
        const read = async (start?: number, end?: number) => {
          if (!store.files.has(path)) throw new Error('NotFoundError');
          return await file.slice(start, end).arrayBuffer();
        };
        const slice = (start?: number, end?: number) => ({ arrayBuffer: () => read(start, end) }) as Blob;
        return { size: file.size, slice, arrayBuffer: () => read() } as Blob;
      },
    };
    const page = await openPage(asFiles);
    await page.decodeAll('decodeCentreSquare');
    expect(page.takeOpened()).toBe(0);
    // Between two steps.
    await page.cache.flush();
    for (const { id } of await listTileSets(store)) await removeTileSet(store, id);
    expect(await page.decodeAll('decodeCentreSquare')).toEqual(await plainly('decodeCentreSquare'));
    expect(page.takeOpened()).toBe(COUNT);
    await page.cache.flush();
    const later = await openPage(store);
    await later.decodeAll('decodeCentreSquare');
    expect(later.takeOpened()).toBe(0);
  });
});

test('pictures that are read in their order take few questions to the disk', async () => {
  const files = makeFiles(40);
  const store = await fillStore({ files });
  let reads = 0;
  const counted: BlobStore = {
    ...store,
    read: async (path) => {
      const file = store.files.get(path);
      if (!file) return null;
      const slice = (start?: number, end?: number) => {
        reads += 1;
        return file.slice(start, end);
      };
      return { size: file.size, slice, arrayBuffer: () => file.arrayBuffer() } as Blob;
    },
  };
  const page = await openPage(counted, { files });
  await page.decodeAll('decodeCentreSquare');
  // Two read the header, one the first picture by itself, and one all that follow it.
  expect(reads).toBe(4);
  expect(page.takeOpened()).toBe(0);
});

describe('nothing is written', () => {
  test('by a second tab, which reads what the first one has kept', async () => {
    const store = await fillStore();
    const before = [...store.files.keys()];
    const second = await openPage(store, { isSoleKeeper: false });
    await second.decodeAll('decodeCentreSquare');
    expect(second.takeOpened()).toBe(0);
    await second.decodeAll('decodeWhole');
    await second.cache.flush();
    expect([...store.files.keys()]).toEqual(before);
    expect(second.troubles).toEqual([]);
  });

  test('where files do not last', async () => {
    const store = createLastingStore();
    const page = await openPage({ ...store, isLasting: false });
    expect(await page.decodeAll('decodeWhole')).toEqual(await plainly('decodeWhole'));
    await page.cache.flush();
    expect([...store.files.keys()]).toEqual([]);
  });
});

const pauseFor = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
