// What the studio keeps in the browser is seen with its size and freed thing by thing; a disk that is full ends nothing.

import type { Page } from '@playwright/test';
import { findSeriousFaults, measureOverflowPx } from './axeFaults.ts';
import { expect, prepareSmall, test } from './studioTest.ts';

/** Opens the storage place that is on the page. */
async function openStorage(page: Page) {
  await page.getByTestId('storage').locator('summary').click();
  const things = page.getByTestId('stored-things');
  await expect(things.locator('li').first()).toBeVisible();
  return { things, lineOf: (id: string) => things.locator(`[data-thing="${id}"]`) };
}

/** Paths of the studio's own files in the browser, by their folders. */
function listFiles(page: Page): Promise<readonly string[]> {
  return page.evaluate(async () => {
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<string[]> => {
      const found: string[] = [];
      for await (const handle of folder.values()) {
        const name = `${path}/${handle.name}`;
        if (handle.kind === 'file') found.push(name);
        else found.push(...(await walk(handle, name)));
      }
      return found;
    };
    return await walk(await navigator.storage.getDirectory(), '');
  });
}

/** Pictures as another visit would have kept them. */
async function writePixels(page: Page, sizeBytes: number): Promise<void> {
  await page.evaluate(async (count) => {
    const open = (folder: FileSystemDirectoryHandle, name: string) => folder.getDirectoryHandle(name, { create: true });
    const pixels = await open(await open(await navigator.storage.getDirectory(), 'windowbox'), 'pixels');
    const write = async (folder: FileSystemDirectoryHandle, name: string, content: BufferSource | string) => {
      const stream = await (await folder.getFileHandle(name, { create: true })).createWritable();
      await stream.write(content);
      await stream.close();
    };
    await write(await open(pixels, 'earlier'), '00000.tiles', new Uint8Array(count));
    await write(pixels, 'earlier.json', JSON.stringify({ datasetName: 'birds', sizePx: 96, kind: 'centreSquare' }));
  }, sizeBytes);
}

/** Lets the browser keep so much more than it has, once the site's own files are there. @returns what lets it keep all again */
async function leaveRoom(page: Page, sizeBytes: number): Promise<() => Promise<void>> {
  const browser = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  const readUsage = async () => (await browser.send('Storage.getUsageAndQuota', { origin })).usage;
  let usage = -1;
  for (let now = await readUsage(); now !== usage; now = await readUsage()) {
    usage = now;
    await page.waitForTimeout(1_500);
  }
  await browser.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + sizeBytes });
  return async () => {
    await browser.send('Storage.overrideQuotaForOrigin', { origin });
  };
}

test('an earlier run stands there with its size, is freed with a way back, and then is gone', async ({
  page,
  studio,
  tinyDataset,
}) => {
  await page.goto('/?recipe=head&backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset());
  await prepareSmall(studio);

  // While it is open it stays.
  const open = await openStorage(page);
  await expect(open.lineOf('work')).toContainText('Work of run 1 on “shapes”');
  const button = open.lineOf('run 1').getByTestId('free-stored');
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await button.focus();
  await expect(open.lineOf('run 1').getByRole('tooltip')).toBeVisible();
  await expect(open.lineOf('run 1').getByRole('tooltip')).toContainText('It is open.');

  await page.reload();
  await expect(page.getByTestId('kept-work')).toBeVisible();
  const { lineOf } = await openStorage(page);
  await expect(page.getByRole('meter', { name: 'Storage in use' })).toHaveAttribute(
    'aria-valuetext',
    /B used\. The browser names .*B for this site/,
  );
  const size = Number(await lineOf('run 1').getAttribute('data-size-bytes'));
  expect(size).toBeGreaterThan(1000);
  await expect(lineOf('run 1')).toContainText(/kB, .*All that was told of it/);
  await expect(lineOf('site')).toContainText('The studio itself');

  await lineOf('run 1')
    .getByRole('button', { name: /Free this/ })
    .press('Enter');
  await expect(page.getByTestId('undo-delete')).toBeVisible();
  await expect(lineOf('run 1').getByTestId('keep-stored')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(lineOf('run 1').getByTestId('free-stored')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status').filter({ hasText: 'Freed: Run 1 on “shapes”' })).toBeVisible({
    timeout: 15_000,
  });
  await expect(lineOf('run 1')).toHaveCount(0);
  await expect(lineOf('work')).toHaveCount(0);
  await expect(page.getByTestId('kept-runs')).toHaveCount(0);
  await expect(page.getByTestId('kept-work')).toHaveCount(0);
  // Pictures that were opened serve other runs too, so they go by themselves.
  const pixels = page.locator('[data-thing^="pixels/"]').filter({ hasText: 'Pictures of “shapes”, 64 px' });
  await pixels.getByRole('button', { name: /Free this/ }).click();
  await expect(pixels).toHaveCount(0, { timeout: 15_000 });
  expect(await listFiles(page)).toEqual([]);
});

test('a full disk is a sentence: the training ends, nothing is lost, and room that is made is used by itself', async ({
  page,
  studio,
  tinyDataset,
}) => {
  test.setTimeout(300_000);
  await page.goto('/?recipe=head&backend=wasm');
  await studio.readBadge();
  await writePixels(page, 30_000_000);
  await studio.chooseFolder(tinyDataset());
  await prepareSmall(studio);
  const makeRoom = await leaveRoom(page, 2_000);

  await studio.setOptions('trainHead', { epochs: 3 });
  expect(await studio.runStep('trainHead')).toBe('done');
  const rows = await studio.readLossRows(3);
  const trouble = page.getByTestId('keeping-trouble');
  await expect(trouble).toContainText('The browser has no room left to keep the work. It goes on');
  await expect(trouble).toContainText('Free something under “Storage”');
  await page.getByTestId('show-storage').click();
  const lineOf = (id: string) => page.getByTestId('stored-things').locator(`[data-thing="${id}"]`);
  await expect(lineOf('pixels/earlier')).toContainText('Pictures of “birds”, 96 px');
  await expect(lineOf('pixels/earlier')).toContainText('30 MB');
  await lineOf('pixels/earlier').getByRole('button').click();
  await expect(trouble).toHaveCount(0, { timeout: 30_000 });
  await makeRoom();

  await page.reload();
  await expect(page.getByTestId('kept-work')).toContainText('Run 1 on “shapes” is kept with all that was trained');
  await expect(page.getByTestId('kept-notice')).toHaveCount(0);
  await page.getByTestId('go-on-without').click();
  expect(await studio.stateOf('trainHead')).toBe('done');
  await studio.select('trainHead');
  expect(await studio.readLossRows(3)).toEqual(rows);
});

test('a disk that is full from the first keeps nothing half, and a later visit finds nothing damaged', async ({
  page,
  studio,
  tinyDataset,
}) => {
  await page.goto('/?recipe=head&backend=wasm');
  await studio.readBadge();
  await leaveRoom(page, 3_000);
  await studio.chooseFolder(tinyDataset());
  expect(await prepareSmall(studio)).toBe('done');
  await expect(page.getByTestId('keeping-trouble')).toContainText('no room left');
  // What fits is there whole; of what does not there is nothing, and not an empty file either.
  const files = await listFiles(page);
  expect(files.filter((path) => path.endsWith('header.json') || path.endsWith('.safetensors'))).toEqual([]);
  await page.reload();
  await studio.readBadge();
  await expect(page.getByTestId('storage')).toBeVisible();
  await expect(page.getByTestId('kept-notice')).toHaveCount(0);
});

test('the browser is asked to keep it, and its answer is said', async ({ page, studio }) => {
  const browser = await page.context().newCDPSession(page);
  const { targetInfo } = await browser.send('Target.getTargetInfo');
  await page.goto('/');
  await studio.readBadge();
  await openStorage(page);
  const lasting = page.getByTestId('storage-lasting');
  await expect(lasting).toHaveText('The browser may clear this when the disk runs full.');
  await page.getByTestId('ask-to-last').click();
  await expect(lasting).toContainText('did not promise');
  await browser.send('Browser.grantPermissions', {
    permissions: ['durableStorage'],
    ...(targetInfo.browserContextId ? { browserContextId: targetInfo.browserContextId } : {}),
  });
  await page.getByTestId('ask-to-last').click();
  await expect(lasting).toContainText('keeps this until you free it');
  await expect(page.getByTestId('ask-to-last')).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    test.describe(`${colorScheme}, ${viewport.width} px wide`, () => {
      test.use({ colorScheme, viewport });
      test('the storage place fits the window and axe finds no serious fault in it', async ({
        page,
        studio,
      }, testInfo) => {
        await page.goto('/');
        await studio.readBadge();
        await writePixels(page, 2_000_000);
        const { lineOf } = await openStorage(page);
        await expect(lineOf('pixels/earlier')).toBeVisible();
        await lineOf('site').getByTestId('free-stored').focus();
        await page.waitForTimeout(300);
        expect(await findSeriousFaults(page)).toEqual([]);
        expect(await measureOverflowPx(page)).toBeLessThanOrEqual(0);
        await page.getByTestId('storage').screenshot({ path: testInfo.outputPath('storage.png') });
      });
    });
  }
}
