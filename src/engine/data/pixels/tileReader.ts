// Reads pictures out of shards. Each question to the disk takes as long for a small picture as for two megabytes: where pictures are
// asked for in their order, as features, validation and the filling of a shelf do, whole blocks are read, and else each by itself.

import type { DecodedPicture } from '../../platform/ports.ts';
import { bytesOfTile, decodeTile, type TilePlace } from './tileShard.ts';

const BLOCK_BYTES = 2 * 2 ** 20;
/** Decoders answer nearly in order, so neighbours may lie in the block before. */
const KEPT_BLOCKS = 3;

interface Block {
  readonly shard: Blob;
  readonly index: number;
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
}

export class TileReader {
  /** Oldest first. */
  private blocks: readonly Block[] = [];
  private last: TilePlace | null = null;

  /** Null where the pixels are not, to the last bit, those that were written. Rejects where the file is gone. */
  async read(place: TilePlace): Promise<DecodedPicture | null> {
    const { shard, offset } = place;
    const sizeBytes = bytesOfTile(place);
    const before = this.last;
    this.last = place;
    const index = Math.floor(offset / BLOCK_BYTES);
    const start = offset - index * BLOCK_BYTES;
    const isInside = start + sizeBytes <= BLOCK_BYTES;
    const isNear = before?.shard === shard && Math.abs(Math.floor(before.offset / BLOCK_BYTES) - index) <= 1;
    const block = this.blocks.find((each) => each.shard === shard && each.index === index);
    if (!isInside || !(block || isNear)) return decodeTile(place, await readBytes(shard, offset, sizeBytes));
    const bytes = await (block ?? this.open(shard, index)).bytes;
    // A copy: else one picture that is kept would keep all of its block.
    return decodeTile(place, bytes.slice(start, start + sizeBytes));
  }

  private open(shard: Blob, index: number): Block {
    const block = { shard, index, bytes: readBytes(shard, index * BLOCK_BYTES, BLOCK_BYTES) };
    block.bytes.catch(() => this.forget(block));
    this.blocks = [...this.blocks, block].slice(-KEPT_BLOCKS);
    return block;
  }

  /** Between two steps nothing is held. */
  clear(): void {
    this.blocks = [];
    this.last = null;
  }

  private forget(block: Block): void {
    this.blocks = this.blocks.filter((each) => each !== block);
  }
}

async function readBytes(shard: Blob, start: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await shard.slice(start, start + count).arrayBuffer());
}
