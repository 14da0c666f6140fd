// Files that outlive a page, for tests: a copy of them at any moment is what a page that crashed then has left.

import { piecesOf } from '../platform/memory/memoryPlatform.ts';
import type { BlobStore } from '../platform/ports.ts';

export interface LastingStore extends BlobStore {
  readonly files: ReadonlyMap<string, Blob>;
  copy(): LastingStore;
}

export function createLastingStore(from: ReadonlyMap<string, Blob> = new Map()): LastingStore {
  const files = new Map(from);
  return {
    files,
    copy: () => createLastingStore(files),
    isLasting: true,
    read: async (path) => files.get(path) ?? null,
    async write(path, content) {
      files.set(path, new Blob(piecesOf(content)));
    },
    async remove(path) {
      files.delete(path);
    },
    async list(folder) {
      const isInside = (path: string) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/');
      return [...files.keys()].filter(isInside).sort();
    },
  };
}
