// What the studio of one life sees of the disk: writes take their time, are refused, or never get there.

import { joinBytes } from '../../joinBytes.ts';
import { piecesOf } from '../../platform/memory/memoryPlatform.ts';
import type { BlobStore } from '../../platform/ports.ts';
import { openDisk } from './disk.ts';
import type { Life } from './life.ts';

export function openLifeStore(life: Life): BlobStore {
  const plain = openDisk(life.disk);
  return {
    isLasting: true,
    async read(path) {
      life.checkAlive();
      return await plain.read(path);
    },
    async write(path, content) {
      const bytes = joinBytes(piecesOf(content));
      await life.write(path, () => life.disk.write(path, bytes));
    },
    async remove(path) {
      life.tick(`before ${path} was removed`);
      await plain.remove(path);
    },
    async list(folder) {
      life.checkAlive();
      return await plain.list(folder);
    },
    async listFolders(folder) {
      life.checkAlive();
      return await plain.listFolders(folder);
    },
    async measure(path) {
      life.checkAlive();
      return await plain.measure(path);
    },
    async removeFolder(folder) {
      life.tick(`before ${folder} was removed`);
      await plain.removeFolder(folder);
    },
  };
}
