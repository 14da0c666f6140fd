// After one visit the studio needs no network: on a plain host without special headers, which is then switched off.

import type { Page } from '@playwright/test';
import { type StaticServer, startStaticServer } from './staticServer.ts';
import { expect, prepareSmall, test } from './studioTest.ts';

let server: StaticServer;
const extraFiles = new Map<string, Uint8Array>();
test.beforeEach(async () => {
  extraFiles.clear();
  server = await startStaticServer(extraFiles);
});
test.afterEach(() => server.close());

/** Waits until the service worker has kept everything that a first run needs. */
async function waitUntilKept(page: Page): Promise<void> {
  const listKept = () =>
    page.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => await (await caches.open(name)).keys()));
      return requests.flat().map(({ url }) => new URL(url).pathname);
    });
  for (const path of ['/weights/efficientnet-lite0.safetensors', '/sample/drawings.zip']) {
    await expect.poll(listKept, { timeout: 60_000 }).toContain(path);
  }
}

test('the sample trains a head with the host switched off', async ({ page, studio }) => {
  test.setTimeout(300_000);
  await page.goto(`${server.address}/?backend=wasm&recipe=head`);
  await studio.readBadge();
  await waitUntilKept(page);
  await server.close();

  await page.reload();
  // The kept files carry the headers that the host never sent.
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await studio.readBadge();
  await page.getByRole('button', { name: 'Try it with a sample' }).click();
  await studio.waitForDataset();
  expect(await prepareSmall(studio)).toBe('done');
  await studio.setOptions('trainHead', { epochs: 1 });
  expect(await studio.runStep('findRate')).toBe('done');
  await studio.applyRecommendedRate('findRate');
  expect(await studio.runStep('trainHead')).toBe('done');
  expect(await studio.readLossRows(1)).toHaveLength(1);
});

test('kept weights that are damaged are fetched again', async ({ page, studio, tinyDataset }) => {
  await page.goto(`${server.address}/?backend=wasm&recipe=head`);
  await studio.readBadge();
  await waitUntilKept(page);
  const damagedHash = await page.evaluate(async () => {
    const [name] = await caches.keys();
    const cache = await caches.open(name ?? '');
    const url = new URL('weights/efficientnet-lite0.safetensors', document.baseURI).href;
    const bytes = new Uint8Array(await ((await cache.match(url)) as Response).arrayBuffer());
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    await cache.put(url, new Response(bytes));
    return bytes.at(-1);
  });
  await page.reload();
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset());
  expect(await prepareSmall(studio)).toBe('done');
  const lastByte = await page.evaluate(async () => {
    const url = new URL('weights/efficientnet-lite0.safetensors', document.baseURI).href;
    return new Uint8Array(await ((await caches.match(url)) as Response).arrayBuffer()).at(-1);
  });
  expect(lastByte).not.toBe(damagedHash);
});

test('a new version is told quietly, and taken when the person says so', async ({ page, studio }) => {
  await page.goto(`${server.address}/?backend=wasm`);
  await studio.readBadge();
  await waitUntilKept(page);
  const worker = await (await page.request.get(`${server.address}/serviceWorker.js`)).text();
  extraFiles.set(
    '/serviceWorker.js',
    new TextEncoder().encode(worker.replace(/version:`?"?\w{4}|"version":"\w{4}/, (old) => `${old.slice(0, -4)}beef`)),
  );
  await page.reload();
  await studio.readBadge();
  await expect(page.getByTestId('new-version')).toContainText('A new version of Windowbox is there.');
  expect(await page.evaluate(async () => (await caches.keys()).length)).toBe(2);

  const loaded = page.waitForEvent('load');
  await page.getByTestId('new-version').getByRole('button', { name: 'Reload' }).click();
  await loaded;
  await studio.readBadge();
  await expect(page.getByTestId('new-version')).toBeHidden();
});
