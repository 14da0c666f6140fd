// Reading and using the page without a mouse or without good eyes: axe finds no serious fault in any state, light and
// dark, wide and narrow, and the keyboard reaches everything that a run needs.

import { findSeriousFaults, measureOverflowPx } from './axeFaults.ts';
import { expect, tabTo, test } from './studioTest.ts';

const places: readonly { readonly title: string; readonly address: string; readonly stepId?: string }[] = [
  { title: 'the empty page', address: '/' },
  { title: 'the data panel', address: '/?replay=smallRun', stepId: 'data' },
  { title: 'a finished finder', address: '/?replay=smallRun', stepId: 'findRate' },
  { title: 'a finished training', address: '/?replay=smallRun', stepId: 'trainHead' },
  { title: 'a step that comes later', address: '/?replay=smallRun', stepId: 'fineTune' },
  { title: 'the results', address: '/?replay=smallRun', stepId: 'results' },
];
const viewports = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const viewport of viewports) {
    test.describe(`${colorScheme}, ${viewport.width} px wide`, () => {
      test.use({ colorScheme, viewport });
      for (const { title, address, stepId } of places) {
        test(`${title} fits the window and axe finds no serious fault in it`, async ({ page, studio }) => {
          await page.goto(address);
          if (stepId) {
            await studio.select(stepId);
            await studio.openSettings();
          } else await studio.readBadge();
          // Charts and transitions settle first, so that colours are read as they stay.
          await page.waitForTimeout(400);
          expect(await findSeriousFaults(page)).toEqual([]);
          expect(await measureOverflowPx(page)).toBeLessThanOrEqual(0);
        });
      }
    });
  }
}

test('the keyboard alone reaches the folder button and the sample', async ({ page, studio }) => {
  await page.goto('/');
  await studio.readBadge();
  for (const name of ['Choose a folder', 'Try it with a sample']) {
    const button = page.getByRole('button', { name, exact: true });
    await button.evaluate((element) => element.setAttribute('data-wanted', ''));
    await tabTo(page, '[data-wanted]');
    await expect(button).toBeFocused();
    await button.evaluate((element) => element.removeAttribute('data-wanted'));
  }
});

test('the keyboard alone opens a folder dialog', async ({ page, studio }) => {
  await page.goto('/');
  await studio.readBadge();
  const button = page.getByRole('button', { name: 'Choose a folder', exact: true });
  await expect(button).toHaveAttribute('aria-disabled', 'false');
  // Chromium catches file dialogs from when the page's main thread hears of it, and key presses take another way there: the
  // two questions to the page in between make sure that it has.
  const chooser = page.waitForEvent('filechooser');
  await button.focus();
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  expect((await chooser).isMultiple()).toBe(true);
});

test('the keyboard alone runs a step', async ({ page, studio, tinyDataset }) => {
  await page.goto('/');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset({ classNames: ['circles', 'squares'] }));
  await tabTo(page, 'nav[aria-label="Recipe"] [data-step-id]');
  await page.keyboard.press('ArrowDown');
  await expect(studio.railItem('prepare')).toHaveAttribute('aria-current', 'step');
  await expect(studio.stage.getByRole('heading', { level: 1 })).toHaveText('Prepare pictures and features');
  await tabTo(page, '[data-testid="settings"] summary');
  await page.keyboard.press('Enter');
  await tabTo(page, '[data-option-id="imageSizePx"]');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('32');
  await studio.railItem('prepare').focus();
  await tabTo(page, '[data-testid="run-step"]');
  await page.keyboard.press('Enter');
  expect(await studio.waitForEnd('prepare')).toBe('done');
});

test('a step that cannot run yet says why', async ({ page, studio, tinyDataset }) => {
  await page.goto('/');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset({ classNames: ['circles', 'squares'] }));
  await studio.select('trainHead');
  await expect(studio.runButton).toHaveAttribute('aria-disabled', 'true');
  await studio.runButton.focus();
  const reasonId = await studio.runButton.getAttribute('aria-describedby');
  await expect(page.locator(`[id="${reasonId}"]`)).toBeVisible();
  await expect(page.locator(`[id="${reasonId}"]`)).toContainText(/step 1/i);
});
