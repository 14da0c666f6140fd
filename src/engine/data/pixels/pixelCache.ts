// A decoder that keeps what it has decoded in the browser's files and reads it from there the next time, in this page or a later one:
// no picture is opened twice for one size. It never waits for a disk to keep something, and what cannot be kept is decoded again.

import type { DecodedPicture, PictureDecoder } from '../../platform/ports.ts';
import { findSha256 } from '../../sha256.ts';
import { RESAMPLER_VERSION } from '../areaResize.ts';
import { type ShardPlatform, ShardQueue } from './shardQueue.ts';
import { TileSet } from './tileSet.ts';
import type { TileKind } from './tileSets.ts';

export interface KnownPicture {
  readonly file: Blob;
  /** SHA-256; null where the browser computes none: such a picture is decoded each time. */
  readonly contentHash: string | null;
}

export interface PictureCounts {
  readonly decodedCount: number;
  readonly cachedCount: number;
}

/** Pictures that were opened together. */
interface Collection {
  readonly id: string;
  readonly datasetName: string;
  readonly contentHashes: ReadonlySet<string>;
  /** By kind and size; null where files do not last. */
  readonly sets: Map<string, Promise<TileSet | null>>;
}

/** Digits of the hash that a collection's folder is named by. */
const ID_LENGTH = 16;

export class PixelCache {
  /** Answers as the platform's own, from what is kept where it can. */
  readonly decoder: PictureDecoder;
  private readonly platform: ShardPlatform;
  private readonly queue: ShardQueue;
  private readonly known = new WeakMap<Blob, { readonly contentHash: string; readonly collection: Collection }>();
  /** Since they were last flushed. */
  private readonly inUse = new Map<string, TileSet>();
  private counts = { decodedCount: 0, cachedCount: 0 };

  /** @param tellTrouble is given a sentence for the person when the browser keeps no more */
  constructor(
    { decoder, ...platform }: ShardPlatform & { readonly decoder: PictureDecoder },
    tellTrouble: (sentence: string) => void,
  ) {
    this.platform = platform;
    this.queue = new ShardQueue(platform, () => new Set(this.inUse.keys()), tellTrouble);
    this.decoder = {
      concurrency: decoder.concurrency,
      measure: (file) => decoder.measure(file),
      decodeCentreSquare: (file, sizePx) =>
        this.find('centreSquare', sizePx, file, () => decoder.decodeCentreSquare(file, sizePx)),
      decodeWhole: (file, sizePx) => this.find('whole', sizePx, file, () => decoder.decodeWhole(file, sizePx)),
      decodeSquashed: (file, sizePx) => this.find('squashed', sizePx, file, () => decoder.decodeSquashed(file, sizePx)),
    };
  }

  /** Pictures that were just read: from now on what is decoded of them is kept. */
  async know(datasetName: string, pictures: readonly KnownPicture[]): Promise<void> {
    const hashes = pictures.flatMap(({ contentHash }) => contentHash ?? []);
    const text = new TextEncoder().encode(hashes.toSorted().join()) as Uint8Array<ArrayBuffer>;
    const id = (await findSha256(text))?.slice(0, ID_LENGTH);
    if (id === undefined) return;
    const collection: Collection = { id, datasetName, contentHashes: new Set(hashes), sets: new Map() };
    for (const { file, contentHash } of pictures) {
      if (contentHash !== null) this.known.set(file, { contentHash, collection });
    }
    this.queue.reopen();
  }

  /** How pictures were come by since the last call. */
  takeCounts(): PictureCounts {
    const taken = this.counts;
    this.counts = { decodedCount: 0, cachedCount: 0 };
    return taken;
  }

  /** Writes what waits to be written, at the end of a step. Resolves when it is, and never rejects. */
  async flush(): Promise<void> {
    const used = [...this.inUse];
    await Promise.all(used.map(([, set]) => set.flush()));
    for (const [id] of used) this.inUse.delete(id);
  }

  private async find(
    kind: TileKind,
    sizePx: number,
    file: Blob,
    decode: () => Promise<DecodedPicture>,
  ): Promise<DecodedPicture> {
    const known = this.known.get(file);
    const set = known ? await this.openSet(known.collection, kind, sizePx) : null;
    const kept = known && set ? await set.read(known.contentHash) : null;
    if (kept) {
      this.counts.cachedCount += 1;
      return kept;
    }
    const picture = await decode();
    this.counts.decodedCount += 1;
    if (known && set) set.add(known.contentHash, picture);
    return picture;
  }

  private async openSet(collection: Collection, kind: TileKind, sizePx: number): Promise<TileSet | null> {
    const { id, datasetName, contentHashes, sets } = collection;
    const name = `${kind} ${sizePx}`;
    const facts = { collection: id, datasetName, kind, sizePx, resamplerVersion: RESAMPLER_VERSION, usedAt: '' };
    const { store } = this.platform;
    const opening =
      sets.get(name) ??
      TileSet.open(store, this.queue, facts, contentHashes)
        // Known only once the store was asked for something.
        .then((set) => (store.isLasting ? set : null))
        .catch(() => null);
    sets.set(name, opening);
    const set = await opening;
    if (set) this.inUse.set(set.id, set);
    return set;
  }
}
