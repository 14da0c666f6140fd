// The test that specs use: Playwright's own, with a studio page to drive and tiny pictures to drive it with.
// A page error fails every test, whatever else it looks at.

import path from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { StudioPage } from '../scripts/headless/studioPage.mjs';
import { type TinyDatasetSize, writeTinyDataset } from './tinyDataset.ts';

interface StudioFixtures {
  readonly studio: StudioPage;
  /** Writes tiny pictures into this test's own folder, which Playwright clears before the next run. */
  readonly tinyDataset: (size?: TinyDatasetSize) => string;
}

export const test = base.extend<StudioFixtures>({
  studio: async ({ page }, use) => {
    const pageErrors: Error[] = [];
    page.on('pageerror', (error) => pageErrors.push(error));
    await use(new StudioPage(page));
    expect(pageErrors, 'the page threw an error').toEqual([]);
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
  tinyDataset: async ({}, use, testInfo) => {
    await use((size) => writeTinyDataset(path.join(testInfo.outputPath(), 'shapes'), size));
  },
});

export { expect };

/** A picture size at which the network still tells the shapes apart and a run takes seconds. */
export const smallPictureSizePx = 64;

/** Computes features of small pictures. @returns how the step ended */
export async function prepareSmall(studio: StudioPage) {
  await studio.setOptions('prepare', { imageSizePx: smallPictureSizePx });
  return await studio.runStep('prepare');
}

/** Opens the sample in a new page. */
export async function openSample(page: Page, studio: StudioPage): Promise<void> {
  await page.goto('/?recipe=head');
  await studio.readBadge();
  await page.getByRole('button', { name: 'Try it with a sample' }).click();
  await studio.waitForDataset();
}

/** Clicks a small data set through the three steps that work, with the finder's rate. */
export async function runThreeSteps(studio: StudioPage, folder: string, epochs = 3): Promise<void> {
  await studio.readBadge();
  await studio.chooseFolder(folder);
  await prepareSmall(studio);
  await studio.runStep('findRate');
  await studio.applyRecommendedRate('findRate');
  await studio.setOptions('trainHead', { epochs });
  await studio.runStep('trainHead');
}

/** Presses Tab until the element has the focus; fails after as many presses as a patient person makes. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
  }
  throw new Error(`Tab did not reach ${selector}.`);
}

/** Drags a file or folder over the page, as from a file manager. @returns what lets it go there */
export async function dragOver(page: Page, place: string): Promise<() => Promise<void>> {
  const browser = await page.context().newCDPSession(page);
  const drag = { x: 400, y: 400, data: { items: [], files: [place], dragOperationsMask: 1 } };
  await browser.send('Input.dispatchDragEvent', { type: 'dragEnter', ...drag });
  await browser.send('Input.dispatchDragEvent', { type: 'dragOver', ...drag });
  return async () => {
    await browser.send('Input.dispatchDragEvent', { type: 'drop', ...drag });
  };
}

/** Opens the list of networks of the step that is shown, and waits for the first of them with this text. */
export async function openNetworks(page: Page, text = '') {
  await page.locator('[data-testid=networks] > summary').click();
  const offer = page.getByTestId('network-offer').filter({ hasText: text }).first();
  await expect(offer).toBeVisible();
  return offer;
}

/** Gives the trainer's script a second part. Call before the page is opened, and block service workers, which would answer in its place. */
export async function addToTrainer(page: Page, script: string): Promise<void> {
  await page.route('**/assets/trainer.worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n${script}` });
  });
}

export function findTrainer(page: Page) {
  return page.workers().find((worker) => worker.url().includes('trainer.worker'));
}
