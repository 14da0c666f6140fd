// Two records of what a browser asks for: what Playwright sees (page, workers, service worker), and what reaches a proxy that
// stands between the browser and everything but this computer, which no request can go around.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext } from '@playwright/test';

/** Chromium itself asks these, with no page open as well: for updates, for who is signed in, for names of form fields. */
const browsersOwn: readonly string[] = [
  'accounts.google.com',
  'android.clients.google.com',
  'clients2.google.com',
  'clientservices.googleapis.com',
  'content-autofill.googleapis.com',
  'mtalk.google.com',
  'optimizationguide-pa.googleapis.com',
  'redirector.gvt1.com',
  'safebrowsingohttpgateway.googleapis.com',
  'update.googleapis.com',
];

export interface OutsideRecorder {
  /** For Playwright's launch options: everything but localhost goes through it. */
  readonly proxy: { readonly server: string; readonly bypass: string };
  /** Hosts that a page tried to reach. */
  readonly reached: readonly string[];
  close(): Promise<void>;
}

export async function startOutsideRecorder(): Promise<OutsideRecorder> {
  const reached: string[] = [];
  const note = (host: string) => {
    if (!browsersOwn.includes(host)) reached.push(host);
  };
  const server = createServer((request, response) => {
    note(new URL(request.url ?? '').hostname);
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    note((request.url ?? '').replace(/:\d+$/, ''));
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    proxy: { server: `http://localhost:${port}`, bypass: 'localhost' },
    reached,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface RecordedRequest {
  readonly url: string;
  readonly method: string;
  readonly isOfServiceWorker: boolean;
}

export function recordRequests(context: BrowserContext): readonly RecordedRequest[] {
  const requests: RecordedRequest[] = [];
  context.on('request', (request) =>
    requests.push({
      url: request.url(),
      method: request.method(),
      isOfServiceWorker: request.serviceWorker() !== null,
    }),
  );
  context.on('page', (page) => {
    page.on('websocket', (socket) =>
      requests.push({ url: socket.url(), method: 'WEBSOCKET', isOfServiceWorker: false }),
    );
  });
  return requests;
}

/** Those that leave the page's own origin or carry something out. */
export function findLeaving(requests: readonly RecordedRequest[], ownOrigin: string): readonly RecordedRequest[] {
  return requests.filter(
    ({ url, method }) => method !== 'GET' || !(url.startsWith(`${ownOrigin}/`) || /^(blob|data):/.test(url)),
  );
}
