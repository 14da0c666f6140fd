import { describe, expect, test } from 'vitest';
import type { Augmentation } from '../augment/augmentation.ts';
import { PRESETS } from '../augment/presets.ts';
import type { PictureBatch } from '../executors/executor.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { createMemoryDecoder, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import { createRandom } from '../random.ts';
import { type LabelledPictures, lookInOrder, trainOnPictures, validateOnPictures } from './pictureData.ts';
import { PictureShelf } from './pictureShelf.ts';

const GO_ON = { aborted: false };
const STATISTICS = { mean: [0, 0, 0], std: [1, 1, 1] };
const SIDE_ON: Augmentation = { ...PRESETS.sideOn, maxZoom: 1.25, padding: 0, crop: 'random' };
/** 8 x 6 pictures whose shorter sides become 4: 5 x 4 of three bytes. */
const BYTES_OF_ONE = 60;
const COUNT = 7;
const BROKEN = 5;

/** Picture i is of the shade 10 i; one of them cannot be opened. */
function makeShelf(budgetBytes: number, hasBroken = false): PictureShelf {
  const pictures = Array.from({ length: COUNT }, (_, id) => {
    const shade = 10 * id;
    const file = makePictureFile({ widthPx: 8, heightPx: 6, rgb: [shade, shade, shade] });
    return { id, widthPx: 8, heightPx: 6, file: hasBroken && id === BROKEN ? new Blob(['damaged']) : file };
  });
  const store = createReferenceExecutor().createPictureStore({ budgetBytes, statistics: STATISTICS });
  return new PictureShelf({ pictures, sizePx: 4, square: 'centreSquare', decoder: createMemoryDecoder(), store });
}

const labels = Int32Array.from([0, 1, 0, 1, 0, 1, 0]);
const everything: LabelledPictures = {
  ids: [0, 1, 2, 3, 4, 5, 6],
  targets: { kind: 'oneClass', values: labels, classCount: 2 },
};

async function runEpoch(shelf: PictureShelf, seed: number) {
  const data = trainOnPictures({
    shelf,
    pictures: everything,
    sizePx: 4,
    augmentation: SIDE_ON,
    augmentRandom: createRandom(seed, 'looks'),
    batchSize: 3,
  });
  const batches = [];
  for await (const batch of data.epoch(createRandom(1, 'order'))) batches.push(batch);
  return { data, batches };
}

describe('training on pictures', () => {
  test('shows every picture once an epoch, with its own label, and no batch of one', async () => {
    const { data, batches } = await runEpoch(makeShelf(1e6), 1);
    expect(batches.map(({ count }) => count)).toEqual([3, 4]);
    expect([data.itemCount, data.batchesPerEpoch, data.largestBatch]).toEqual([7, 2, 4]);
    const seen = batches.flatMap((batch) =>
      'views' in batch ? batch.views.map(({ pictureId }, row) => [pictureId, batch.labels[row]]) : [],
    );
    expect([...seen].sort()).toEqual(everything.ids.map((id, place) => [id, labels[place]]));
    expect(seen).not.toEqual([...seen].sort());
  });

  test('draws the same looks for the same seed, whether the pictures fit into the store or not', async () => {
    const looksOf = async (budgetBytes: number, seed: number) => {
      const { batches } = await runEpoch(makeShelf(budgetBytes), seed);
      return batches.flatMap((batch) => ('views' in batch ? batch.views : []));
    };
    const held = await looksOf(1e6, 1);
    const homeless = await looksOf(2 * BYTES_OF_ONE, 1);
    expect(homeless.map(({ transform }) => transform)).toEqual(held.map(({ transform }) => transform));
    expect(held.filter(({ picture }) => picture)).toEqual([]);
    const carried = homeless.filter(({ picture }) => picture);
    expect(carried).toHaveLength(COUNT - 2);
    for (const { pictureId, picture } of carried) expect(picture?.rgb[0]).toBe(10 * pictureId);
    expect((await looksOf(1e6, 2)).map(({ transform }) => transform)).not.toEqual(
      held.map(({ transform }) => transform),
    );
  });

  test('ends with a sentence when a picture no longer opens', async () => {
    await expect(runEpoch(makeShelf(1e6, true), 1)).rejects.toMatchObject({ code: 'pictureUnreadable' });
  });
});

describe('a shelf', () => {
  const fill = async (shelf: PictureShelf, signal = GO_ON) => {
    const told: number[] = [];
    const unreadable = await shelf.fill((done) => told.push(done), signal);
    return { told, unreadable };
  };

  test('takes in all that fits, and names what cannot be read', async () => {
    const shelf = makeShelf(1e6, true);
    const { told, unreadable } = await fill(shelf);
    expect([...unreadable]).toEqual([BROKEN]);
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(shelf.store.heldBytes).toBe((COUNT - 1) * BYTES_OF_ONE);
  });

  test('stops reading once its store is full', async () => {
    const shelf = makeShelf(2 * BYTES_OF_ONE);
    const { told } = await fill(shelf);
    expect(told.length).toBeLessThan(COUNT);
    expect(shelf.store.heldBytes).toBe(2 * BYTES_OF_ONE);
  });

  test('names what cannot be read beside a full store, without keeping it', async () => {
    const shelf = makeShelf(2 * BYTES_OF_ONE, true);
    await fill(shelf);
    expect([...(await shelf.findUnreadable(everything.ids, GO_ON))]).toEqual([BROKEN]);
    expect(shelf.store.heldBytes).toBe(2 * BYTES_OF_ONE);
    expect([...(await shelf.findUnreadable(everything.ids, { aborted: true }))]).toEqual([]);
  });

  test('stops when it is told to', async () => {
    const shelf = makeShelf(1e6);
    expect((await fill(shelf, { aborted: true })).told).toEqual([]);
    expect(shelf.store.heldBytes).toBe(0);
  });
});

test('validation shows every picture in order, from the middle and as it is', async () => {
  const valid = validateOnPictures(makeShelf(1e6), everything, { sizePx: 4, batchSize: 3 });
  const batches: PictureBatch[] = [];
  for await (const batch of valid.batches()) batches.push(batch as PictureBatch);
  expect(batches.map(({ count }) => count)).toEqual([3, 3, 1]);
  const views = batches.flatMap((batch) => batch.views);
  expect(views.map(({ pictureId }) => pictureId)).toEqual(everything.ids);
  // Of 5 x 4 the middle square begins at column ceil(1 / 2).
  for (const { transform } of views) {
    expect(transform).toEqual({ matrix: [1, 0, 1, 0, 1, 0], brightness: 0, contrast: 1 });
  }
});

test('looks in order need no labels', async () => {
  const seen: number[] = [];
  for await (const { views } of lookInOrder(makeShelf(1e6), [6, 0, 3], 2, () => ({
    matrix: [1, 0, 0, 0, 1, 0],
    brightness: 0,
    contrast: 1,
  }))) {
    seen.push(...views.map(({ pictureId }) => pictureId));
  }
  expect(seen).toEqual([6, 0, 3]);
});
