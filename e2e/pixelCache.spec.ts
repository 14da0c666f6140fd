// Decoded pictures outlive the page: a later one opens none of them again, and what is damaged or freed is opened anew.

import type { Page } from '@playwright/test';
import type { StudioPage } from '../scripts/headless/studioPage.mjs';
import { expect, smallPictureSizePx, test } from './studioTest.ts';

/** Of the tiny data set. */
const pictureCount = 36;

/** Opens the folder anew, as a later page would, and trains a head at this size. @returns its table, and how pictures were come by */
async function train(page: Page, studio: StudioPage, folder: string, imageSizePx = smallPictureSizePx) {
  await page.goto('/?recipe=head');
  await studio.readBadge();
  await studio.chooseFolder(folder);
  await studio.setOptions('prepare', { imageSizePx });
  await studio.runStep('prepare');
  await studio.select('prepare');
  const cost = await studio.stage.getByTestId('cost').innerText();
  await studio.setOptions('trainHead', { epochs: 2, learningRate: 0.01 });
  await studio.runStep('trainHead');
  return { cost, rows: await studio.readLossRows(2) };
}

/** Paths of the shards in the browser's own files. */
function listShards(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('windowbox');
    const pixels = await root.getDirectoryHandle('pixels').catch(() => null);
    const found: string[] = [];
    for await (const set of pixels?.values() ?? []) {
      if (!(set instanceof FileSystemDirectoryHandle)) continue;
      for await (const name of set.keys()) if (name.endsWith('.tiles')) found.push(`${set.name}/${name}`);
    }
    return found;
  });
}

test('a later page opens no picture again, and only the damaged one of those that the disk has damaged', async ({
  page,
  studio,
  tinyDataset,
}) => {
  const folder = tinyDataset();
  const first = await train(page, studio, folder);
  expect(first.cost).toContain(`${pictureCount} pictures opened`);
  await expect.poll(() => listShards(page)).toHaveLength(1);

  const second = await train(page, studio, folder);
  expect(second.cost).toContain(`0 pictures opened, ${pictureCount} read as they were kept`);
  expect(second.rows).toEqual(first.rows);

  const [shard = ''] = await listShards(page);
  await page.evaluate(async (path) => {
    const [set = '', name = ''] = path.split('/');
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('windowbox');
    const handle = await (await (await root.getDirectoryHandle('pixels')).getDirectoryHandle(set)).getFileHandle(name);
    const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
    const at = bytes.length - 5;
    bytes[at] = 255 - (bytes[at] ?? 0);
    const stream = await handle.createWritable();
    await stream.write(bytes);
    await stream.close();
  }, shard);
  const third = await train(page, studio, folder);
  expect(third.cost).toContain(`1 picture opened, ${pictureCount - 1} read as they were kept`);
  expect(third.rows).toEqual(first.rows);
});

test('what is freed while the page is open is opened anew, and kept again', async ({ page, studio, tinyDataset }) => {
  const folder = tinyDataset();
  await train(page, studio, folder);
  await expect.poll(() => listShards(page)).toHaveLength(1);
  await page.evaluate(async () => {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('windowbox');
    await root.removeEntry('pixels', { recursive: true });
  });
  // The same page, at another size: into a folder that it believes to be there.
  await studio.setOptions('prepare', { imageSizePx: smallPictureSizePx + 8 });
  await studio.runStep('prepare');
  await studio.throwFailure();
  await expect.poll(() => listShards(page)).toHaveLength(1);
  const { cost } = await train(page, studio, folder, smallPictureSizePx + 8);
  expect(cost).toContain(`0 pictures opened, ${pictureCount} read as they were kept`);
});
