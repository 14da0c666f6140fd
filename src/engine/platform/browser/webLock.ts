// One page at a time, by the browser's own locks: a lock goes with its page, however that ends.

import type { SoleKeeper } from '../ports.ts';

/** A page that was just closed or reloaded may still hold the lock for a moment. */
const PATIENCE_MS = 3000;

export function createWebLock(name: string): SoleKeeper {
  let claimed: Promise<boolean> | null = null;
  return {
    claim() {
      claimed ??= claim(name);
      return claimed;
    },
  };
}

/** Browsers have no locks where a page is not served securely: nobody can be asked then. */
async function claim(name: string): Promise<boolean> {
  if (!navigator.locks) return true;
  return await new Promise((resolve) => {
    const held = new Promise<never>(() => {}); // Until the page is gone.
    const signal = AbortSignal.timeout(PATIENCE_MS);
    navigator.locks
      .request(name, { signal }, () => {
        resolve(true);
        return held;
      })
      .catch(() => resolve(false));
  });
}
