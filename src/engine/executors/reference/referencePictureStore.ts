// Pictures in plain memory, and batches of them as numbers: each picture looked at through its transform.

import { applyTransform } from '../../augment/applyTransform.ts';
import { meanOfPicture, type StoredPicture } from '../../augment/pictureTransform.ts';
import { type Graph, sizeOf } from '../../graph/graph.ts';
import type { InputBatch, PictureStore, PictureStoreOptions, PictureView } from '../executor.ts';

interface HeldPicture {
  readonly picture: StoredPicture;
  readonly mean: number;
}

export class ReferencePictureStore implements PictureStore {
  readonly statistics: PictureStoreOptions['statistics'];
  private readonly budgetBytes: number;
  private readonly pictures = new Map<number, HeldPicture>();
  private usedBytes = 0;

  constructor({ budgetBytes, statistics }: PictureStoreOptions) {
    this.budgetBytes = budgetBytes;
    this.statistics = statistics;
  }

  get heldBytes(): number {
    return this.usedBytes;
  }

  add(pictureId: number, picture: StoredPicture): boolean {
    if (this.has(pictureId)) throw new RangeError(`Picture ${pictureId} is in the store already.`);
    if (this.usedBytes + picture.rgb.length > this.budgetBytes) return false;
    this.pictures.set(pictureId, { picture, mean: meanOfPicture(picture) });
    this.usedBytes += picture.rgb.length;
    return true;
  }

  has(pictureId: number): boolean {
    return this.pictures.has(pictureId);
  }

  dispose(): void {
    this.pictures.clear();
    this.usedBytes = 0;
  }

  /** The picture of a view: the store's own, else the one that came along. Throws RangeError when there is neither. */
  find({ pictureId, picture }: PictureView): { picture: StoredPicture; mean?: number } {
    const held = this.pictures.get(pictureId);
    if (held) return held;
    if (picture) return { picture };
    throw new RangeError(`Picture ${pictureId} is not in the store and did not come with its view.`);
  }
}

/** [count, ...graph.inputShape] in one flat array. The batch has been checked against the graph. */
export function inputsOfBatch(graph: Graph, batch: InputBatch): Float32Array {
  if ('inputs' in batch) return batch.inputs;
  const { store, views } = batch;
  if (!(store instanceof ReferencePictureStore)) throw new RangeError('This store was made by another executor.');
  const [heightPx, widthPx] = graph.inputShape as readonly [number, number, number];
  const pictureSize = sizeOf(graph.inputShape);
  const inputs = new Float32Array(views.length * pictureSize);
  views.forEach((view, item) => {
    const { picture, mean } = store.find(view);
    const format = { widthPx, heightPx, statistics: store.statistics };
    const into = inputs.subarray(item * pictureSize, (item + 1) * pictureSize);
    applyTransform(picture, view.transform, mean === undefined ? format : { ...format, pictureMean: mean }, into);
  });
  return inputs;
}
