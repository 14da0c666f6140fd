// The service worker: answers from the kept files. Its one rule: a new version waits until the person asks for it or the
// last tab is closed, so that no page changes under a running training.

import { createFileKeeper, type SiteFiles } from './keptFiles.ts';

/** Takes the place of this name when the site is built. */
declare const WINDOWBOX_SITE_FILES: SiteFiles;

// TypeScript's library knows one kind of worker at a time; this file runs as the other.
const worker = self as unknown as ServiceWorkerGlobalScope;

const keeper = createFileKeeper(WINDOWBOX_SITE_FILES, {
  baseUrl: worker.registration.scope,
  caches: worker.caches,
  fetch: (url, init) => worker.fetch(url, init),
});

worker.addEventListener('install', (event) => event.waitUntil(keeper.keepPage()));

worker.addEventListener('activate', (event) => {
  event.waitUntil(keeper.forgetOldVersions().then(() => worker.clients.claim()));
});

worker.addEventListener('message', (event) => {
  if (event.data === 'keepAhead') event.waitUntil(keeper.keepAhead());
  if (event.data === 'takeOver') event.waitUntil(worker.skipWaiting());
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const answer = request.method === 'GET' && !request.headers.has('range') ? keeper.answer(request) : null;
  if (answer) event.respondWith(answer);
});
