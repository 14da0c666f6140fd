// Shards on their way to the disk, one after the other, as long as this page is the one that keeps things and the browser has room.

import { EngineError, toEngineErrorData } from '../../../protocol/errors.ts';
import type { Platform } from '../../platform/ports.ts';
import type { ShardWriter } from './tileSet.ts';
import { makeRoom, measureRoom, type Room } from './tileSets.ts';

export type ShardPlatform = Pick<Platform, 'store' | 'soleKeeper' | 'meter' | 'clock'>;

export class ShardQueue implements ShardWriter {
  private readonly platform: ShardPlatform;
  private readonly inUse: () => ReadonlySet<string>;
  private readonly tellTrouble: (sentence: string) => void;
  private room: Room | null = null;
  private isWriting = true;
  private queue: Promise<void> = Promise.resolve();

  /**
   * @param inUse ids of the sets that are not removed to make room
   * @param tellTrouble is given a sentence for the person when the browser refuses a shard; then nothing more is written
   */
  constructor(platform: ShardPlatform, inUse: () => ReadonlySet<string>, tellTrouble: (sentence: string) => void) {
    this.platform = platform;
    this.inUse = inUse;
    this.tellTrouble = tellTrouble;
  }

  get isOpen(): boolean {
    return this.isWriting;
  }

  nowMs(): number {
    return this.platform.clock.nowMs();
  }

  /** Tries again: somebody may have made room since. */
  reopen(): void {
    this.isWriting = true;
    this.room = null;
  }

  enqueue(sizeBytes: number, write: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(() => this.run(sizeBytes, write));
    return this.queue;
  }

  private async run(sizeBytes: number, write: () => Promise<void>): Promise<void> {
    if (!this.isWriting) return;
    try {
      if ((await this.platform.soleKeeper.claim()) && (await this.hasRoom(sizeBytes))) await write();
      else this.isWriting = false;
    } catch (thrown) {
      this.isWriting = false;
      this.tellTrouble(explain(thrown));
    }
  }

  private async hasRoom(sizeBytes: number): Promise<boolean> {
    const { store, meter } = this.platform;
    if (this.room === null || this.room.usedBytes + sizeBytes > this.room.budgetBytes) {
      // Sets may have been removed from outside: only what lies there now counts.
      const total = await meter.readTotal();
      const room = await measureRoom(store, total && Math.max(0, total.quotaBytes - total.usedBytes));
      this.room = { ...room, usedBytes: await makeRoom(store, sizeBytes, room, this.inUse()) };
    }
    const usedBytes = this.room.usedBytes + sizeBytes;
    if (usedBytes > this.room.budgetBytes) return false;
    this.room = { ...this.room, usedBytes };
    return true;
  }
}

function explain(thrown: unknown): string {
  const consequence = 'They are opened anew each time they are needed, which is slower; nothing else changes.';
  return thrown instanceof EngineError && thrown.code === 'storageFull'
    ? `The browser has no room left to keep decoded pictures. ${consequence} Free some space, on the disk or among what the studio keeps, and open the pictures again.`
    : `Decoded pictures are not kept: ${toEngineErrorData(thrown).sentence} ${consequence}`;
}
