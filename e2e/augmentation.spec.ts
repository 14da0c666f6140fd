// What training makes of pictures: a list of one's own by keyboard alone with the looks that follow it, and squashed pictures from the
// first step to the saved square in the viewer.

import type { StudioPage } from '../scripts/headless/studioPage.mjs';
import { findSeriousFaults, measureOverflowPx } from './axeFaults.ts';
import { expect, tabTo, test } from './studioTest.ts';

const fewPictures = { classNames: ['circles', 'squares'], trainPerClass: 4, validPerClass: 2 } as const;

/** What is painted on each canvas of the preview, the plain look first; nothing while there are none. */
async function readLooks(studio: StudioPage): Promise<readonly string[]> {
  return studio.stage
    .getByTestId('looks')
    .locator('canvas')
    .evaluateAll((canvases) => canvases.map((canvas) => (canvas as HTMLCanvasElement).toDataURL()));
}

/** Waits for other looks that stay: on a slow machine a half-typed number may be drawn on the way. */
async function waitForOtherLooks(studio: StudioPage, before: readonly string[]): Promise<readonly string[]> {
  await expect(async () => {
    const looks = await readLooks(studio);
    expect(looks).toHaveLength(9);
    expect(looks).not.toEqual(before);
    await studio.page.waitForTimeout(800);
    expect(await readLooks(studio)).toEqual(looks);
  }).toPass({ timeout: 20_000 });
  return readLooks(studio);
}

test('the keyboard alone makes a list of one’s own, and the looks follow it before anything has run', async ({
  page,
  studio,
  tinyDataset,
}) => {
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset(fewPictures));
  await studio.setOptions('prepare', { imageSizePx: 64 });
  await studio.select('augment');
  const sideOn = await waitForOtherLooks(studio, []);
  await expect(studio.stage.getByTestId('looks')).toContainText('64 px · cut to squares');
  expect(new Set(sideOn).size).toBeGreaterThan(4);
  const canvas = studio.stage.getByRole('img', { name: 'Changed look 8 of 8' });
  await expect(canvas).toHaveAttribute('width', '64');

  await studio.railItem('augment').focus();
  await tabTo(page, '[data-testid="settings"] summary');
  await page.keyboard.press('Enter');
  await tabTo(page, '[data-option-id="augmentation"]');
  await page.keyboard.type('custom');
  await expect(studio.settings.locator('summary')).toContainText('custom: a list of your own');
  await tabTo(page, '[data-option-id="brightness"]');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('0.5');
  const lit = await waitForOtherLooks(studio, sideOn);
  expect(lit[0]).toBe(sideOn[0]);
  await tabTo(page, '[data-option-id="padding"]');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('0.5');
  const bordered = await waitForOtherLooks(studio, lit);

  // No field that has the focus lies behind the looks, and all of it can be read, wide and narrow.
  const isCovered = await page.evaluate(() => {
    const { left, bottom } = (document.activeElement as Element).getBoundingClientRect();
    return !document.activeElement?.contains(document.elementFromPoint(left + 8, bottom - 4));
  });
  expect(isCovered).toBe(false);
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    expect(await findSeriousFaults(page)).toEqual([]);
    expect(await measureOverflowPx(page)).toBeLessThanOrEqual(0);
  }

  // What cannot be used is said, and the looks stay.
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('7');
  await expect(studio.stage.getByTestId('looks').getByRole('status')).toContainText('Mirrored border: A number from 0');
  expect(await readLooks(studio)).toEqual(bordered);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('0');
  // The same settings give the same looks again.
  await expect.poll(() => readLooks(studio)).toEqual(lit);

  await tabTo(page, '[data-testid="another-picture"]');
  await page.keyboard.press('Enter');
  const another = await waitForOtherLooks(studio, lit);
  expect(another[0]).not.toBe(lit[0]);
  await tabTo(page, '[data-testid="other-looks"]');
  await page.keyboard.press('Enter');
  const others = await waitForOtherLooks(studio, another);
  expect(others[0]).toBe(another[0]);
});

test('squashed pictures train, and the studio says what the network sees', async ({ page, studio, tinyDataset }) => {
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset(fewPictures));
  await studio.setOptions('prepare', { square: 'squashed' });
  await runThreeStepsOn(studio);
  await studio.setOptions('augment', { augmentation: 'custom', maxDegrees: 45, cycles: 1, batchSize: 4 });
  await expect(studio.stage.getByTestId('looks')).toContainText('64 px · squashed whole to squares');
  await studio.runStep('augment');
  expect(await studio.readLossRows(2)).toHaveLength(2);
  // Folded once it has run, and still there.
  await expect(studio.stage.getByTestId('looks').locator('canvas').first()).toBeHidden();
});

async function runThreeStepsOn(studio: StudioPage): Promise<void> {
  await studio.setOptions('prepare', { imageSizePx: 64 });
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs: 1, batchSize: 4 });
  await studio.runStep('trainHead');
}
