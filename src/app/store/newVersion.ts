// Keeps the studio in the browser for working offline, and notices a newer version of it. A page is never changed under a run:
// the new version waits until the person takes it, or until the last tab is closed.

import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** The version that waits to be taken, or null. */
export const newVersionStore = createStore<{ readonly waiting: ServiceWorker | null }>(() => ({ waiting: null }));

export function useHasNewVersion(): boolean {
  return useStore(newVersionStore, ({ waiting }) => waiting !== null);
}

/** Without a service worker (an address without https, a private window) the studio works all the same, online. */
export async function keepOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  const registration = await serviceWorker
    .register(new URL('serviceWorker.js', document.baseURI), { updateViaCache: 'none' })
    .catch(() => null);
  if (!registration) return;
  noticeWaiting(registration);
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', () => noticeWaiting(registration));
  });
  (await serviceWorker.ready).active?.postMessage('keepAhead');
}

/** The first version of all takes its place by itself; only one that stands behind another waits. */
function noticeWaiting({ waiting }: ServiceWorkerRegistration): void {
  if (waiting && navigator.serviceWorker.controller) newVersionStore.setState({ waiting });
}

/** Reloads the page into the new version. */
export function takeNewVersion(): void {
  const { waiting } = newVersionStore.getState();
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting?.postMessage('takeOver');
}
