// How much more the browser would keep, by its own estimate.

import type { StorageRoom } from '../ports.ts';

export function createStorageRoom(): StorageRoom {
  return {
    async freeBytes() {
      // Browsers have no estimate where a page is not served securely.
      const { quota, usage } = (await navigator.storage?.estimate().catch(() => null)) ?? {};
      return quota === undefined ? null : Math.max(0, quota - (usage ?? 0));
    },
  };
}
