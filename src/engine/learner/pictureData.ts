// Pictures as training and validation data: a changing look at each for training, the fixed one for validation. The next batch is
// decoded while the network computes this one.

import type { Augmentation } from '../augment/augmentation.ts';
import { drawTransform, validationTransform } from '../augment/drawTransform.ts';
import type { PictureOutline, PictureTransform } from '../augment/pictureTransform.ts';
import { pickTargets, type Targets } from '../data/targets.ts';
import type { PictureBatch } from '../executors/executor.ts';
import type { Random } from '../random.ts';
import type { PictureShelf } from './pictureShelf.ts';
import { planBatchSizes, type TrainingData, type ValidationData } from './trainingData.ts';

export interface LabelledPictures {
  readonly ids: readonly number[];
  /** Of each. */
  readonly targets: Targets;
}

export interface TrainOnPicturesOptions {
  readonly shelf: PictureShelf;
  readonly pictures: LabelledPictures;
  /** Side of the network's input. */
  readonly sizePx: number;
  readonly augmentation: Augmentation;
  /** Looks are drawn in the order of the batches, so the same stream gives the same looks on every executor. */
  readonly augmentRandom: Random;
  readonly batchSize: number;
}

export type DrawLook = (picture: PictureOutline) => PictureTransform;

/** A new order and new looks every epoch. */
export function trainOnPictures(options: TrainOnPicturesOptions): TrainingData {
  const { shelf, pictures, sizePx, augmentation, augmentRandom, batchSize } = options;
  const sizes = planBatchSizes(pictures.ids.length, batchSize);
  const drawLook: DrawLook = (picture) => drawTransform(picture, sizePx, augmentation, augmentRandom);
  return {
    itemCount: pictures.ids.length,
    batchesPerEpoch: sizes.length,
    largestBatch: Math.max(...sizes),
    looks: augmentRandom,
    batchesAfter: (count) => planBatchSizes(pictures.ids.length - count, batchSize).length,
    async *epoch(random, firstItem = 0) {
      const order = random.shuffle(Array.from(pictures.ids.keys())).slice(firstItem);
      const batches = cutInto(order, planBatchSizes(order.length, batchSize));
      const ids = batches.map((batch) => batch.map((item) => pictures.ids[item] as number));
      let batchIndex = 0;
      for await (const batch of lookAtPictures(shelf, ids, drawLook)) {
        const items = batches[batchIndex] as readonly number[];
        batchIndex += 1;
        yield { ...batch, labels: pickTargets(pictures.targets, items).values };
      }
    },
  };
}

/** Every picture in its order through the lesson's validation transform. */
export function validateOnPictures(
  shelf: PictureShelf,
  pictures: LabelledPictures,
  { sizePx, batchSize }: { readonly sizePx: number; readonly batchSize: number },
): ValidationData {
  return {
    targets: pictures.targets,
    batches: () => lookInOrder(shelf, pictures.ids, batchSize, (picture) => validationTransform(picture, sizePx)),
  };
}

/** Every picture once, in order. */
export function lookInOrder(
  shelf: PictureShelf,
  ids: readonly number[],
  batchSize: number,
  drawLook: DrawLook,
): AsyncGenerator<PictureBatch> {
  const sizes: number[] = [];
  for (let left = ids.length; left > 0; left -= batchSize) sizes.push(Math.min(left, batchSize));
  return lookAtPictures(shelf, cutInto(ids, sizes), drawLook);
}

async function* lookAtPictures(
  shelf: PictureShelf,
  batches: readonly (readonly number[])[],
  drawLook: DrawLook,
): AsyncGenerator<PictureBatch> {
  const fetch = (index: number) => {
    const fetched = shelf.fetch(batches[index] ?? []);
    fetched.catch(() => {}); // Whoever waits for it is told; until then nobody is listening.
    return fetched;
  };
  let ahead = fetch(0);
  for (const [index, ids] of batches.entries()) {
    const homeless = await ahead;
    ahead = fetch(index + 1);
    const views = ids.map((pictureId) => {
      const picture = homeless.get(pictureId);
      return { pictureId, transform: drawLook(shelf.outlineOf(pictureId)), ...(picture && { picture }) };
    });
    yield { count: ids.length, store: shelf.store, views };
  }
}

function cutInto<Item>(items: readonly Item[], sizes: readonly number[]): Item[][] {
  let start = 0;
  return sizes.map((size) => {
    const part = items.slice(start, start + size);
    start += size;
    return part;
  });
}
