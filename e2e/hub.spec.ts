// Public weights from a hub: nothing is asked of it before a person has read what would be and pressed; then they are chosen, and are still
// there after a reload. The hub is a server on this computer, used as a person's own mirror.

import type { Page } from '@playwright/test';
import type { StudioPage } from '../scripts/headless/studioPage.mjs';
import { mobileNetV2 } from '../src/engine/models/mobileNetV2.ts';
import { makeSafetensors, namesAndShapes } from '../src/engine/testing/checkpointTensors.ts';
import { HUB_COMMIT, startHubServer } from '../src/engine/testing/hubServer.ts';
import { findSeriousFaults } from './axeFaults.ts';
import { expect, openNetworks, test } from './studioTest.ts';

// The site's policy names the hub's own hosts alone; whoever has a mirror names it in the policy that they serve, with the worker's file
// above all, which is what asks. So does this.
test.use({ serviceWorkers: 'block' });
test.beforeEach(async ({ context }) => {
  // Chromium takes a file that comes from a test for one of the internet, and asks the person before that reaches this computer.
  await context.grantPermissions(['local-network-access']);
  await context.route('**/trainer.worker*.js', async (route) => {
    const response = await route.fetch();
    const headers = response.headers();
    const policy = headers['content-security-policy']?.replace('connect-src', 'connect-src http://127.0.0.1:*');
    await route.fulfill({ response, headers: { ...headers, ...(policy && { 'content-security-policy': policy }) } });
  });
});

const repository = 'timm/mobilenetv2_100.ra_in1k';
const label = `MobileNetV2 (${repository})`;

/** A folder is open, and the step that chooses a network shows those that there are. */
async function openAtNetworks(page: Page, studio: StudioPage, folder: string): Promise<void> {
  await studio.readBadge();
  await studio.chooseFolder(folder);
  await studio.select('prepare');
  await openNetworks(page);
}

async function openForm(page: Page): Promise<void> {
  await page.locator('.absentNetworks > summary').click();
  await page.getByRole('button', { name: 'Fetch from the hub … MobileNetV2' }).click();
  await expect(page.getByRole('region', { name: 'Fetch MobileNetV2 from the hub' })).toBeFocused();
}

test('weights are fetched from a mirror only when asked, and stay', async ({ page, studio, tinyDataset, baseURL }) => {
  const file = makeSafetensors(namesAndShapes(mobileNetV2, 1));
  const hub = await startHubServer({ repository, file, breaksAt: [3_000_000] });
  const leaving: string[] = [];
  page.context().on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${baseURL}/`) && !/^(blob|data):/.test(url)) leaving.push(url);
  });
  try {
    await page.goto('/?recipe=head');
    await openAtNetworks(page, studio, tinyDataset({ classNames: ['circles', 'squares'] }));
    await openForm(page);
    await expect(page.getByTestId('hub-host')).toHaveText('huggingface.co');
    expect(await findSeriousFaults(page)).toEqual([]);

    const address = page.getByTestId('hub-address');
    await address.fill('not an address');
    await expect(page.getByTestId('fetch-weights')).toHaveAttribute('aria-disabled', 'true');
    await address.fill(hub.address);
    await expect(page.getByTestId('hub-host')).toHaveText(hub.address.replace('http://', ''));
    expect([leaving, hub.asked]).toEqual([[], []]);

    await page.getByTestId('fetch-weights').press('Enter');
    const own = page.getByRole('radio', { name: label });
    await expect(own).toBeChecked({ timeout: 60_000 });
    await expect(own).toBeFocused();
    await expect(page.getByRole('status').filter({ hasText: 'This is a MobileNetV2 (timm’s names)' })).toBeVisible();
    // What was under way when the line broke is asked for once more: how much of it had come is the browser's to say.
    const from = Number(/bytes=(\d+)-$/.exec(hub.asked.at(-1) ?? '')?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(3_000_000);
    expect(hub.asked).toEqual([
      `/api/models/${repository}/revision/main`,
      `/api/models/${repository}/tree/${HUB_COMMIT}?recursive=false`,
      `/${repository}/resolve/${HUB_COMMIT}/model.safetensors`,
      '/stored',
      `/${repository}/resolve/${HUB_COMMIT}/model.safetensors bytes=${from}-`,
      `/stored bytes=${from}-`,
    ]);
    for (const headers of hub.headers) expect([headers.cookie, headers.referer]).toEqual([undefined, undefined]);
    expect(leaving.filter((url) => !url.startsWith('http://127.0.0.1:'))).toEqual([]);

    // The network computes: its features are those of the fetched numbers, whatever they are worth.
    await studio.setOptions('prepare', { imageSizePx: 32 });
    await studio.runStep('prepare');

    const askedBefore = hub.asked.length;
    await page.reload();
    await openAtNetworks(page, studio, tinyDataset({ classNames: ['circles', 'squares'] }));
    await expect(page.getByRole('radio', { name: label })).toBeVisible();
    expect(hub.asked).toHaveLength(askedBefore);
  } finally {
    await hub.close();
  }
});

test('a hub that is not there is a sentence beside the address', async ({ page, studio, tinyDataset }) => {
  const hub = await startHubServer({ repository, file: new Uint8Array(1) });
  await hub.close();
  await page.goto('/?recipe=head');
  await openAtNetworks(page, studio, tinyDataset({ classNames: ['circles', 'squares'] }));
  await openForm(page);
  await page.getByTestId('hub-address').fill(hub.address);
  await page.getByTestId('fetch-weights').click();
  await expect(page.getByTestId('hub-problem')).toContainText('could not be reached');
  await expect(page.getByTestId('hub-problem')).toContainText('Nothing was kept.');
  await expect(page.getByTestId('hub-form')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('hub-form')).toBeHidden();
});
