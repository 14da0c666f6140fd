// What the lives of a round share: the disk, the person's pictures and words, and what has gone wrong so far.

import type { Executor } from '../../executors/executor.ts';
import type { BlobStore } from '../../platform/ports.ts';
import type { Disk } from './disk.ts';
import type { bringPictures, Whole } from './story.ts';
import type { Words } from './words.ts';

/** A fault of the studio's own, planted to see that it is found. */
export interface Sabotage {
  readonly store?: (store: BlobStore) => BlobStore;
  readonly executor?: () => Executor;
}

export interface Scene {
  readonly whole: Whole;
  readonly disk: Disk;
  readonly words: Words;
  readonly pictures: ReturnType<typeof bringPictures>;
  readonly sabotage: Sabotage;
  /** What is wrong, in sentences. */
  readonly problems: string[];
  /** From 0, of the life that is lived. */
  lifeNumber: number;
}
