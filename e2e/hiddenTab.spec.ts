// A tab that nobody looks at goes on training, says in its title how far it is, and asks before what it learnt is lost.

import { readFileSync } from 'node:fs';
import { expect, smallPictureSizePx, test } from './studioTest.ts';

test('training goes on behind another tab, and its title tells', async ({ page, studio, tinyDataset, context }) => {
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset());
  await studio.setOptions('prepare', { imageSizePx: smallPictureSizePx });
  await studio.runStep('prepare');
  await studio.runStep('findRate');
  await studio.applyRecommendedRate('findRate');
  await studio.setOptions('trainHead', { epochs: 400 });
  await studio.select('trainHead');
  await studio.runButton.click();
  await expect(page).toHaveTitle(/^\d+ % · .* · Windowbox$/);

  // As in a browser with a person before it: a page behind another one is hidden, and its frames and timers are held back.
  const browser = await context.newCDPSession(page);
  await browser.send('Emulation.setFocusEmulationEnabled', { enabled: false });
  const front = await context.newPage();
  await front.goto('about:blank');
  await front.bringToFront();
  const isHidden = await page.evaluate(() => document.hidden);
  console.info(`the page behind is ${isHidden ? 'hidden' : 'seen'}`);
  const percent = async () => Number((await page.title()).split(' ')[0]);
  const before = await percent();
  await expect.poll(percent, { timeout: 60_000 }).toBeGreaterThan(before + 3);
  await front.close();
  await studio.stopButton.click();
  await studio.waitForEnd('trainHead');
});

test('leaving asks while something trained is in no file, and not before or after', async ({
  page,
  studio,
  tinyDataset,
}) => {
  let askedCount = 0;
  page.on('dialog', async (dialog) => {
    if (dialog.type() === 'beforeunload') askedCount += 1;
    await dialog.dismiss();
  });
  const reload = () => page.evaluate(() => location.reload()).catch(() => {});
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset());
  await studio.setOptions('prepare', { imageSizePx: smallPictureSizePx });
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs: 1 });
  await studio.runStep('trainHead');
  await reload();
  await expect.poll(() => askedCount).toBe(1);
  await expect(studio.stage).toBeVisible();

  await studio.select('results');
  const download = page.waitForEvent('download');
  await page.getByTestId('save-model').first().click();
  expect(readFileSync(await (await download).path()).length).toBeGreaterThan(1000);
  await reload();
  await expect(page.getByTestId('folder-input')).toBeAttached();
  expect(askedCount).toBe(1);
});
