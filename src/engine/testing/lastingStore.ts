// Files that outlive a page, for tests: a copy of them at any moment is what a page that crashed then has left.

import { createMemoryStore } from '../platform/memory/memoryPlatform.ts';
import type { BlobStore } from '../platform/ports.ts';

export interface LastingStore extends BlobStore {
  readonly files: ReadonlyMap<string, Blob>;
  copy(): LastingStore;
}

/** @param fails as of `createMemoryStore` */
export function createLastingStore(
  from: ReadonlyMap<string, Blob> = new Map(),
  fails: (path: string) => void = () => {},
): LastingStore {
  const files = new Map(from);
  return { ...createMemoryStore(fails, files), files, copy: () => createLastingStore(files), isLasting: true };
}
