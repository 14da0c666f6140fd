// What the browser says of the room that this site has and fills. Asking it shows nobody anything.

import type { StorageMeter } from '../ports.ts';

/** Chromium alone says what the sum is made of. */
interface DetailedEstimate extends StorageEstimate {
  readonly usageDetails?: { readonly caches?: number };
}

/** @param siteUrl folder of the page, with a slash at its end: the offline files are kept by it */
export function createStorageMeter(siteUrl: string): StorageMeter {
  const estimate = async (): Promise<DetailedEstimate | null> => {
    // Not there on an address without https, nor in old browsers.
    return (await navigator.storage?.estimate?.().catch(() => null)) ?? null;
  };
  return {
    async readTotal() {
      const { usage, quota } = (await estimate()) ?? {};
      return usage === undefined || quota === undefined ? null : { usedBytes: usage, quotaBytes: quota };
    },
    async measureSiteFiles() {
      const told = (await estimate())?.usageDetails;
      // Chromium leaves out what is empty.
      if (told) return told.caches ?? 0;
      return await sumCaches(`windowbox ${siteUrl} `).catch(() => null);
    },
  };
}

/** Throws as CacheStorage does. @param prefix of the names of this site's own, as offline/keptFiles.ts gives them */
async function sumCaches(prefix: string): Promise<number> {
  let sizeBytes = 0;
  for (const name of await caches.keys()) {
    if (!name.startsWith(prefix)) continue;
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const response = await cache.match(request, { ignoreVary: true });
      if (response) sizeBytes += (await response.blob()).size;
    }
  }
  return sizeBytes;
}
