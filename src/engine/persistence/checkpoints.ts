// Checkpoints in two slots: a new one takes the place of the older, so that whatever happens while it is written, the newer of the two
// is still there. What stays the same from one to the next lies in files of its own, written once and named by their checksum.

import { joinBytes } from '../joinBytes.ts';
import type { NumberSet } from '../learner/callback.ts';
import type { BlobStore } from '../platform/ports.ts';
import { type CheckpointContent, damaged, decodeCheckpoint, encodeCheckpoint } from './checkpointFile.ts';

/** Something that a checkpoint holds and that does not change. */
export interface LastingPart {
  /** Stands for the content: a part with the same owner as before is not looked at again. */
  readonly owner: object;
  readonly content: () => CheckpointContent;
}

export interface Checkpoint extends CheckpointContent {
  readonly parts: Readonly<Record<string, LastingPart>>;
}

export interface StoredCheckpoint extends CheckpointContent {
  readonly parts: Readonly<Record<string, CheckpointContent>>;
}

/** What a slot's facts are wrapped in. */
interface Envelope {
  readonly sequence: number;
  /** Checksums by the names of the parts. */
  readonly parts: Readonly<Record<string, string>>;
  readonly facts: unknown;
}

const SLOTS = ['a', 'b'] as const;
type Slot = (typeof SLOTS)[number];

const EXTENSION = '.safetensors';

/** Use one object for a folder: what is written and what is there are known to it. Calls must not overlap. */
export class Checkpoints {
  private readonly store: BlobStore;
  private readonly folder: string;
  private readonly checksums = new WeakMap<object, string>();
  /** Paths of parts that were read and found whole, or written. Another page's may have been damaged since. */
  private readonly trusted = new Set<string>();
  /** Of the slots that are whole. Null until they have been looked at. */
  private slots: Map<Slot, Envelope> | null = null;

  constructor(store: BlobStore, folder: string) {
    this.store = store;
    this.folder = folder;
  }

  /**
   * The newest that is whole, its parts with it; null where none was written. Throws EngineError 'checkpointDamaged' where there is one and none
   * is whole.
   */
  async read(): Promise<StoredCheckpoint | null> {
    const found = await this.readSlots();
    for (const { slot, envelope, sets } of found.whole) {
      const parts = await this.readParts(envelope);
      if (!parts) {
        this.slots?.delete(slot);
        continue;
      }
      return { facts: envelope.facts, sets, parts };
    }
    if (found.count === 0) return null;
    throw found.reason ?? damaged('a part of it is not there');
  }

  /** @returns bytes that were written, parts included. Throws as BlobStore.write; the checkpoint before it is still there then. */
  async write({ facts, sets, parts }: Checkpoint): Promise<number> {
    const slots = this.slots ?? (await this.readSlots()).slots;
    const there = new Set(await this.store.list(this.partsFolder));
    try {
      return await this.writeOver(slots, there, { facts, sets, parts });
    } catch (thrown) {
      // Parts of a checkpoint that came to nothing would fill what little room there is.
      await this.removeUnused(slots, there).catch(() => {});
      throw thrown;
    }
  }

  /** @param there paths of the parts that are there; those that are written join them */
  private async writeOver(slots: Map<Slot, Envelope>, there: Set<string>, { facts, sets, parts }: Checkpoint) {
    // All at once: beside a training that computes, each wait for the disk takes as long as a batch.
    const writing = Object.entries(parts).map(async ([name, part]) => ({
      name,
      ...(await this.writePart(part, there)),
    }));
    // Whatever fails, none of them goes on beside the next checkpoint's.
    await Promise.allSettled(writing);
    const written = await Promise.all(writing);
    const names = Object.fromEntries(written.map(({ name, checksum }) => [name, checksum]));
    const writtenBytes = written.reduce((sum, part) => sum + part.writtenBytes, 0);
    const [older, newer] = byAge(slots);
    const envelope: Envelope = { sequence: (slots.get(newer)?.sequence ?? 0) + 1, parts: names, facts };
    // Small sets may change before they are written.
    const bytes = joinBytes(encodeCheckpoint({ facts: envelope, sets }).pieces);
    await this.store.write(this.slotPath(older), bytes);
    slots.set(older, envelope);
    await this.removeUnused(slots, there);
    return writtenBytes + bytes.byteLength;
  }

  /** Bytes of the parts whose name is wanted, each file once; 0 where nobody has looked at the slots yet. */
  async measureParts(isWanted: (name: string) => boolean): Promise<number> {
    const parts = [...(this.slots?.values() ?? [])].flatMap((slot) => Object.entries(slot.parts));
    const wanted = new Set(parts.filter(([name]) => isWanted(name)).map(([, checksum]) => checksum));
    const sizes = await Promise.all([...wanted].map((checksum) => this.store.measure(this.partPath(checksum))));
    return sizes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** A crash on the way leaves at worst an older checkpoint. */
  async clear(): Promise<void> {
    for (const slot of byAge(this.slots ?? new Map())) await this.store.remove(this.slotPath(slot));
    this.slots = new Map();
    for (const path of await this.store.list(this.partsFolder)) await this.store.remove(path);
  }

  private async readSlots() {
    const whole: { readonly slot: Slot; readonly envelope: Envelope; readonly sets: CheckpointContent['sets'] }[] = [];
    let [count, reason]: [number, unknown] = [0, null];
    for (const slot of SLOTS) {
      const file = await this.store.read(this.slotPath(slot));
      if (!file) continue;
      count += 1;
      try {
        const { facts, sets } = decodeCheckpoint(new Uint8Array(await file.arrayBuffer()));
        // Whole, so it is what `write` made.
        whole.push({ slot, envelope: facts as Envelope, sets });
      } catch (thrown) {
        reason = thrown;
      }
    }
    whole.sort((one, other) => other.envelope.sequence - one.envelope.sequence);
    const slots = new Map(whole.map(({ slot, envelope }) => [slot, envelope]));
    this.slots = slots;
    return { whole, slots, count, reason };
  }

  /** Null where one is missing or not whole. */
  private async readParts({ parts }: Envelope): Promise<Record<string, CheckpointContent> | null> {
    const found: Record<string, CheckpointContent> = {};
    for (const [name, checksum] of Object.entries(parts)) {
      const file = await this.store.read(this.partPath(checksum));
      if (!file) return null;
      try {
        const content = decodeCheckpoint(new Uint8Array(await file.arrayBuffer()));
        if (content.checksum !== checksum) return null;
        found[name] = content;
        this.trusted.add(this.partPath(checksum));
      } catch {
        return null;
      }
    }
    return found;
  }

  private async removeUnused(slots: ReadonlyMap<Slot, Envelope>, there: ReadonlySet<string>): Promise<void> {
    const used = new Set([...slots.values()].flatMap(({ parts }) => Object.values(parts)));
    const isUnused = (path: string) => !used.has(path.slice(this.partsFolder.length + 1, -EXTENSION.length));
    await Promise.all([...there].filter(isUnused).map((path) => this.store.remove(path)));
  }

  /** @param there paths of the parts that are there; the part's own is there afterwards */
  private async writePart(part: LastingPart, there: Set<string>) {
    const known = this.checksums.get(part.owner);
    if (known !== undefined && there.has(this.partPath(known))) return { checksum: known, writtenBytes: 0 };
    const { pieces, sizeBytes, checksum } = encodeCheckpoint(part.content());
    const path = this.partPath(checksum);
    const isThere = there.has(path) && (this.trusted.has(path) || (await this.isWhole(path, pieces, sizeBytes)));
    if (!isThere) {
      // Said before it is waited for: another part may be equal.
      there.add(path);
      this.trusted.add(path);
      await this.store.write(path, pieces).catch((thrown: unknown) => {
        this.trusted.delete(path);
        throw thrown;
      });
    }
    this.checksums.set(part.owner, checksum);
    return { checksum, writtenBytes: isThere ? 0 : sizeBytes };
  }

  /** The name of a part says what it was when it was written, and not what has become of it. */
  private async isWhole(path: string, pieces: readonly Uint8Array[], sizeBytes: number): Promise<boolean> {
    const file = await this.store.read(path);
    if (file?.size !== sizeBytes) return false;
    let start = 0;
    for (const piece of pieces) {
      const there = new Uint8Array(await file.slice(start, start + piece.length).arrayBuffer());
      if (there.length !== piece.length || !there.every((byte, index) => byte === piece[index])) return false;
      start += piece.length;
    }
    return true;
  }

  private get partsFolder(): string {
    return `${this.folder}/parts`;
  }

  private slotPath(slot: Slot): string {
    return `${this.folder}/${slot}${EXTENSION}`;
  }

  private partPath(checksum: string): string {
    return `${this.partsFolder}/${checksum}${EXTENSION}`;
  }
}

export function partOf(values: NumberSet): LastingPart {
  return { owner: values, content: () => ({ facts: null, sets: { values } }) };
}

/** One that is not whole is as old as can be. */
function byAge(slots: ReadonlyMap<Slot, Envelope>): readonly [older: Slot, newer: Slot] {
  const [a, b] = SLOTS.map((slot) => slots.get(slot)?.sequence ?? 0) as [number, number];
  return a <= b ? ['a', 'b'] : ['b', 'a'];
}
