// A whole run by address alone: any browser and any static file server will do.

import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import type { RunReport } from '../src/protocol/report.ts';
import { type StaticServer, startStaticServer } from './staticServer.ts';
import { expect, test } from './studioTest.ts';
import { drawTinyDataset } from './tinyDataset.ts';

async function zipTinyDataset(): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const { path, png } of drawTinyDataset()) await zip.add(`shapes/${path}`, new Uint8ArrayReader(png));
  return zip.close();
}

let server: StaticServer;
test.beforeAll(async () => {
  server = await startStaticServer(new Map([['/shapes.zip', await zipTinyDataset()]]));
});
test.afterAll(() => server.close());

test('an address alone runs the recipe and posts the report', async ({ page, studio }) => {
  const posted = server.waitForPost('/done');
  await page.goto(`${server.address}/?data=shapes.zip&recipe=head&size=64&batch=8&seed=3&run=1&report=/done`);
  const report: RunReport = JSON.parse(await posted);

  expect(report.error).toBeUndefined();
  expect(report.seed).toBe(3);
  expect(report.classes).toEqual(['circles', 'squares', 'triangles']);
  expect(report.epochs.length).toBeGreaterThan(0);
  expect(report.epochs.map((row) => row.epoch)).toEqual(report.epochs.map((_, index) => index));
  const steps = report.events.flatMap((event) =>
    event.type === 'stepEnded' ? [`${event.stepId} ${event.outcome}`] : [],
  );
  expect(steps).toEqual(['prepare done', 'findRate done', 'trainHead done']);
  const started = report.events.find((event) => event.type === 'stepStarted');
  expect(started?.type === 'stepStarted' && started.settings).toMatchObject({ imageSizePx: 64, batchSize: 8 });
  // The page shows what it has posted.
  expect(await studio.readLossRows(report.epochs.length)).toHaveLength(report.epochs.length);
});

test('a run that cannot start posts why', async ({ page }) => {
  const posted = server.waitForPost('/done');
  await page.goto(`${server.address}/?data=missing.zip&recipe=head&run=1&report=/done`);
  const report: RunReport = JSON.parse(await posted);
  expect(report.error).toMatch(/missing\.zip.*\./);
  expect(report.epochs).toEqual([]);
});

test('a report is never sent to another origin', async ({ page, studio }) => {
  const elsewhere = await startStaticServer(new Map());
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const address = encodeURIComponent(`${elsewhere.address}/done`);
  await page.goto(`${server.address}/?data=shapes.zip&recipe=head&size=32&run=1&report=${address}`);
  await studio.waitForDataset();
  await studio.waitForEnd('trainHead');
  await page.waitForTimeout(500);
  expect(requests.filter((url) => url.startsWith(elsewhere.address))).toEqual([]);
  await elsewhere.close();
});
