// Decoded pictures of one collection at one size: found by the content of their files, in shards on the disk or on their way there.

import type { BlobStore, DecodedPicture } from '../../platform/ports.ts';
import { TileReader } from './tileReader.ts';
import { findAlike, listShards, shardNumber, shardPath, type TileSetFacts, tileSetId, writeFacts } from './tileSets.ts';
import { encodeShard, openShard, type TilePlace } from './tileShard.ts';

/** Pixels in one shard: large enough that there are few files, small enough that two of them in memory are no matter. */
const SHARD_BYTES = 16 * 2 ** 20;
/** A shard is written after so long though it is not full: what a slow machine has decoded is not lost with the page. */
const LONGEST_WAIT_MS = 20_000;

/** Who lets shards be written, one after the other. */
export interface ShardWriter {
  /** False where nothing is to be written any more. */
  readonly isOpen: boolean;
  nowMs(): number;
  /** Never rejects. @param write is called when its turn comes, if there is room for so many bytes */
  enqueue(sizeBytes: number, write: () => Promise<void>): Promise<void>;
}

type Tiles = Map<string, DecodedPicture>;

export class TileSet {
  readonly facts: TileSetFacts;
  private readonly store: BlobStore;
  private readonly writer: ShardWriter;
  private readonly places: Map<string, TilePlace>;
  private readonly reader = new TileReader();
  private nextNumber: number;
  private waiting: Tiles = new Map();
  private waitingBytes = 0;
  private waitingSinceMs = 0;
  /** Being written: still read from memory. */
  private leaving: Tiles = new Map();
  private writing: Promise<void> | null = null;

  private constructor(
    store: BlobStore,
    writer: ShardWriter,
    facts: TileSetFacts,
    found: { readonly places: Map<string, TilePlace>; readonly nextNumber: number },
  ) {
    this.store = store;
    this.writer = writer;
    this.facts = facts;
    this.places = found.places;
    this.nextNumber = found.nextNumber;
  }

  /**
   * With what is kept of its pictures, in other collections too: a folder that has grown is not decoded anew.
   * @param wanted SHA-256 of its pictures' files
   */
  static async open(
    store: BlobStore,
    writer: ShardWriter,
    facts: TileSetFacts,
    wanted: ReadonlySet<string>,
  ): Promise<TileSet> {
    const own = tileSetId(facts);
    const others = (await findAlike(store, facts)).filter((id) => id !== own);
    const paths = (await Promise.all([...others, own].map((id) => listShards(store, id)))).flat();
    const shards = await Promise.all(paths.map((path) => openPath(store, path)));
    const places = new Map<string, TilePlace>();
    // Its own come last, and the later of them take the place of those before: what was damaged was written again.
    for (const [contentHash, place] of shards.flatMap((shard) => [...shard])) {
      if (wanted.has(contentHash)) places.set(contentHash, place);
    }
    const numbers = (await listShards(store, own)).map(shardNumber);
    return new TileSet(store, writer, facts, { places, nextNumber: Math.max(-1, ...numbers) + 1 });
  }

  get id(): string {
    return tileSetId(this.facts);
  }

  /** Null where it is not kept, or not as it was written: then it is forgotten. */
  async read(contentHash: string): Promise<DecodedPicture | null> {
    const inMemory = this.waiting.get(contentHash) ?? this.leaving.get(contentHash);
    if (inMemory) return inMemory;
    const place = this.places.get(contentHash);
    if (!place) return null;
    // Whoever frees storage may have removed the file meanwhile.
    const picture = await this.reader.read(place).catch(() => null);
    if (!picture) this.places.delete(contentHash);
    return picture;
  }

  /** Nobody waits for it. A picture that comes while the disk is behind is left out. */
  add(contentHash: string, picture: DecodedPicture): void {
    if (!this.writer.isOpen || this.waitingBytes >= SHARD_BYTES || this.has(contentHash)) return;
    const nowMs = this.writer.nowMs();
    if (this.waiting.size === 0) this.waitingSinceMs = nowMs;
    this.waiting.set(contentHash, picture);
    this.waitingBytes += picture.rgb.length;
    if (this.waitingBytes >= SHARD_BYTES || nowMs - this.waitingSinceMs >= LONGEST_WAIT_MS) this.writeWaiting();
  }

  /** Writes what waits, and that the set was used. Resolves when it is done, and never rejects. */
  async flush(): Promise<void> {
    this.reader.clear();
    await this.writing;
    this.writeWaiting();
    await this.writing;
    await this.writer.enqueue(0, async () => {
      if ((await listShards(this.store, this.id)).length > 0) await this.noteUse();
    });
  }

  private has(contentHash: string): boolean {
    return this.waiting.has(contentHash) || this.leaving.has(contentHash) || this.places.has(contentHash);
  }

  private writeWaiting(): void {
    if (this.writing || this.waiting.size === 0) return;
    const sizeBytes = this.waitingBytes;
    this.leaving = this.waiting;
    this.waiting = new Map();
    this.waitingBytes = 0;
    this.writing = this.writer
      .enqueue(sizeBytes, () => this.writeShard(this.leaving))
      .finally(() => {
        this.leaving = new Map();
        this.writing = null;
        // It filled up meanwhile.
        if (this.waitingBytes >= SHARD_BYTES) this.writeWaiting();
      });
  }

  private async noteUse(): Promise<void> {
    await writeFacts(this.store, { ...this.facts, usedAt: new Date().toISOString() });
  }

  private async writeShard(tiles: Tiles): Promise<void> {
    const path = shardPath(this.id, this.nextNumber);
    this.nextNumber += 1;
    // Before the shard: what no facts stand for would never be listed and never be removed.
    await this.noteUse();
    await this.store.write(path, encodeShard(tiles));
    for (const [contentHash, place] of await openPath(this.store, path)) this.places.set(contentHash, place);
  }
}

async function openPath(store: BlobStore, path: string): Promise<ReadonlyMap<string, TilePlace>> {
  try {
    const shard = await store.read(path);
    return shard ? await openShard(shard) : new Map();
  } catch {
    // A cache that cannot be read is none.
    return new Map();
  }
}
