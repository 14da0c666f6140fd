// The disk that the lives of a round share, as bytes by path. It knows which of its files were damaged and not written since.

import { joinBytes } from '../../joinBytes.ts';
import { piecesOf } from '../../platform/memory/memoryPlatform.ts';
import type { BlobStore, StoredSize } from '../../platform/ports.ts';
import type { Random } from '../../random.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Something that was done to the studio. */
export interface Fault {
  readonly kind: 'kill' | 'lost device' | 'full disk' | 'file cut off' | 'changed bit';
  /** Where and when. */
  readonly words: string;
}

const nameOfPart = (path: string) => /([^/]+)\.safetensors$/.exec(path)?.[1] ?? path;

export class Disk {
  readonly files: Map<string, Bytes>;
  /** Damaged by a fault, and not written anew or removed since. */
  readonly damaged = new Set<string>();
  /** Headers of runs whose summary is damaged, that another run was written over: the rest of such a run may be whole. */
  readonly overwritten: string[] = [];
  /**
   * Slots of checkpoints that name a part that was damaged, and were not written since: a page that opens cannot read them and says so. What
   * becomes of that part, or of their other parts, is nobody's loss any more.
   */
  readonly spoiledSlots = new Set<string>();

  constructor(files: ReadonlyMap<string, Bytes> = new Map()) {
    this.files = new Map(files);
  }

  write(path: string, bytes: Bytes): void {
    const [, run] = /^(runs\/\d+)/.exec(path) ?? [];
    if (path === `${run}/header.json` && this.damaged.has(`${run}.json`)) this.overwritten.push(path);
    this.files.set(path, bytes);
    this.damaged.delete(path);
    this.spoiledSlots.delete(path);
  }

  remove(path: string): void {
    this.files.delete(path);
    this.damaged.delete(path);
    this.spoiledSlots.delete(path);
  }

  list(folder: string): string[] {
    const isInside = (path: string) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/');
    return [...this.files.keys()].filter(isInside).sort();
  }

  listFolders(folder: string): string[] {
    const start = `${folder}/`;
    const deeper = [...this.files.keys()].filter(
      (path) => path.startsWith(start) && path.indexOf('/', start.length) > 0,
    );
    return [...new Set(deeper.map((path) => path.slice(0, path.indexOf('/', start.length))))].sort();
  }

  measure(path: string): StoredSize {
    const found = [...this.files].filter(([name]) => name === path || name.startsWith(`${path}/`));
    const sizeBytes = found.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    return { sizeBytes, fileCount: found.length, changedMs: null };
  }

  removeFolder(folder: string): void {
    for (const path of [...this.files.keys()]) if (path.startsWith(`${folder}/`)) this.remove(path);
  }

  isDamagedIn(folder: string): boolean {
    return [...this.damaged].some((path) => path.startsWith(folder));
  }

  /** Of the work, of the newest run, or of all there are: else most damage would be to runs that nobody opens. */
  private someFiles(random: Random): string[] {
    const all = [...this.files.keys()].sort();
    const newest = all.findLast((path) => path.startsWith('runs/'))?.split(/[/.]/)[1];
    const starts = ['work/', `runs/${newest}`, ''][random.below(3)] as string;
    const some = all.filter((path) => path.startsWith(starts));
    return some.length > 0 ? some : all;
  }

  private spoil(part: string): void {
    for (const slot of this.list('work')) {
      // Its names of parts stand in it as text.
      const text = new TextDecoder('latin1').decode(this.files.get(slot));
      if (text.includes(part)) this.spoiledSlots.add(slot);
    }
  }

  /** Cuts a file off, or changes a bit of one that has a checksum. Null where there is nothing to damage. */
  damage(random: Random): Fault | null {
    const paths = this.someFiles(random);
    const path = paths[random.below(Math.max(paths.length, 1))];
    const bytes = path === undefined ? undefined : this.files.get(path);
    if (path === undefined || !bytes || bytes.length === 0) return null;
    this.damaged.add(path);
    if (path.startsWith('work/parts/')) this.spoil(nameOfPart(path));
    // What is told of a run has no checksum: a changed digit is for the disk to notice.
    if (/^(work|pixels)\//.test(path) && random.below(2) === 0) {
      const [place, bit] = [random.below(bytes.length), random.below(8)];
      const changed = bytes.slice();
      changed[place] = (bytes[place] as number) ^ (1 << bit);
      this.files.set(path, changed);
      return { kind: 'changed bit', words: `${path} has another bit at byte ${place}` };
    }
    const length = random.below(bytes.length);
    this.files.set(path, bytes.slice(0, length));
    return { kind: 'file cut off', words: `${path} cut off after ${length} of ${bytes.length} bytes` };
  }
}

/** Reading takes no time, so that the order in which things happen depends on nothing but the seed. */
class StoredFile extends Blob {
  private readonly held: Bytes;

  constructor(bytes: Bytes) {
    super();
    this.held = bytes;
  }

  override get size(): number {
    return this.held.length;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return this.held.slice().buffer;
  }

  override slice(start?: number, end?: number): Blob {
    return new StoredFile(this.held.subarray(start, end));
  }
}

/** Files as they are, for a look at them. */
export function openDisk(disk: Disk): BlobStore {
  return {
    isLasting: true,
    async read(path) {
      const bytes = disk.files.get(path);
      return bytes ? new StoredFile(bytes) : null;
    },
    async write(path, content) {
      disk.write(path, joinBytes(piecesOf(content)));
    },
    async remove(path) {
      disk.remove(path);
    },
    list: async (folder) => disk.list(folder),
    listFolders: async (folder) => disk.listFolders(folder),
    measure: async (path) => disk.measure(path),
    async removeFolder(folder) {
      disk.removeFolder(folder);
    },
  };
}
