// Pictures of one size, ready for looks at them: in the executor's store while they fit, decoded again for each batch beyond that.

import type { SquareRule } from '../../protocol/looks.ts';
import type { PictureOutline, StoredPicture } from '../augment/pictureTransform.ts';
import type { PictureStore } from '../executors/executor.ts';
import type { PictureDecoder, PictureSize } from '../platform/ports.ts';
import { scaledSize } from '../platform/scaledSize.ts';

/** A picture by its id in the data set; the size is its upright original one. */
export interface ShelfPicture extends PictureSize {
  readonly id: number;
  readonly file: Blob;
}

export interface PictureShelfOptions {
  readonly pictures: readonly ShelfPicture[];
  /** What their shorter sides are scaled to, or both sides of squashed ones. */
  readonly sizePx: number;
  /** Squashed pictures lie here as squares, exactly averaged; the others whole, so that any crop can be taken. */
  readonly square: SquareRule;
  readonly decoder: PictureDecoder;
  readonly store: PictureStore;
}

export class PictureShelf {
  readonly store: PictureStore;
  readonly sizePx: number;
  private readonly square: SquareRule;
  private readonly decoder: PictureDecoder;
  private readonly pictures: ReadonlyMap<number, ShelfPicture>;
  private isFull = false;

  constructor({ pictures, sizePx, square, decoder, store }: PictureShelfOptions) {
    this.pictures = new Map(pictures.map((picture) => [picture.id, picture]));
    this.sizePx = sizePx;
    this.square = square;
    this.decoder = decoder;
    this.store = store;
  }

  /** As the picture lies on the shelf. */
  outlineOf(pictureId: number): PictureOutline {
    const { widthPx, heightPx } = this.find(pictureId);
    if (this.square === 'centreSquare') return scaledSize({ widthPx, heightPx }, this.sizePx);
    return { widthPx: this.sizePx, heightPx: this.sizePx, squashedFrom: { widthPx, heightPx } };
  }

  /**
   * Those pictures that the store has no room for; the others are in it when this resolves.
   * Rejects with EngineError 'pictureUnreadable' for a picture that no longer opens.
   */
  async fetch(pictureIds: readonly number[]): Promise<ReadonlyMap<number, StoredPicture>> {
    const missing = [...new Set(pictureIds)].filter((id) => !this.store.has(id));
    const decoded = await Promise.all(missing.map(async (id) => [id, await this.decode(id)] as const));
    return new Map(decoded.filter(([id, picture]) => !this.keep(id, picture)));
  }

  /**
   * Fills the store, a few pictures at a time, until all are in or it is full.
   * @returns ids that no longer open: leave them out.
   */
  async fill(
    onPicture: (doneCount: number, totalCount: number) => void,
    signal: { readonly aborted: boolean },
  ): Promise<ReadonlySet<number>> {
    const ids = [...this.pictures.keys()];
    const unreadable = new Set<number>();
    let next = 0;
    let doneCount = 0;
    const work = async () => {
      while (next < ids.length && !this.isFull && !signal.aborted) {
        const id = ids[next++] as number;
        if (!this.store.has(id)) {
          const picture = await this.decode(id).catch(() => null);
          if (!picture) unreadable.add(id);
          else this.keep(id, picture);
        }
        doneCount += 1;
        onPicture(doneCount, ids.length);
      }
    };
    await Promise.all(Array.from({ length: this.decoder.concurrency }, work));
    return unreadable;
  }

  /**
   * Those of the pictures beside the store that no longer open, so that it is known before the work: each is decoded and let go.
   * @param pictureIds after a `fill`
   */
  async findUnreadable(
    pictureIds: readonly number[],
    signal: { readonly aborted: boolean },
  ): Promise<ReadonlySet<number>> {
    const waiting = pictureIds.filter((id) => !this.store.has(id));
    const unreadable = new Set<number>();
    let next = 0;
    const work = async () => {
      while (next < waiting.length && !signal.aborted) {
        const id = waiting[next++] as number;
        await this.decode(id).catch(() => unreadable.add(id));
      }
    };
    await Promise.all(Array.from({ length: this.decoder.concurrency }, work));
    return unreadable;
  }

  dispose(): void {
    this.store.dispose();
  }

  private keep(id: number, picture: StoredPicture): boolean {
    // Two batches may have asked for the same picture.
    if (this.store.has(id)) return true;
    const isKept = this.store.add(id, picture);
    if (!isKept) this.isFull = true;
    return isKept;
  }

  private async decode(id: number): Promise<StoredPicture> {
    const { file } = this.find(id);
    if (this.square === 'squashed') return await this.decoder.decodeSquashed(file, this.sizePx);
    return await this.decoder.decodeWhole(file, this.sizePx);
  }

  private find(id: number): ShelfPicture {
    const picture = this.pictures.get(id);
    if (!picture) throw new RangeError(`Picture ${id} is not on this shelf.`);
    return picture;
  }
}
