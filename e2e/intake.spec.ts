// Folders as people have them: with twins, nested folders, loose pictures, odd names and thousands of classes.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inProject } from '../scripts/setup/paths.mjs';
import { expect, test } from './studioTest.ts';
import { drawShape, shapeNames, writePicture } from './tinyDataset.ts';

test('twins across train and valid are named and shown in pairs; what is set aside is shown small where it can be', async ({
  page,
  studio,
  tinyDataset,
}) => {
  const folder = tinyDataset();
  const write = (file: string, content: Uint8Array | string) => writePicture(path.join(folder, file), content);
  write('train/circles/original.png', drawShape('circles', 99, 80));
  write('valid/circles/copy.png', drawShape('circles', 99, 80));
  write('train/squares/small/original.png', drawShape('squares', 98, 72));
  write('valid/squares/scaled.png', drawShape('squares', 98, 144));
  write('loose.png', drawShape('squares', 3, 72));
  write('loose.txt', 'no picture');
  write('valid/cafe\u0301/1.png', drawShape('circles', 20, 72));
  write('train/caf\u00e9/1.png', drawShape('circles', 31, 72));

  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(folder);

  const warnings = page.locator('.warnings li');
  await expect(warnings.filter({ hasText: 'same bytes' })).toContainText(/^1 validation picture is also among those/);
  await expect(warnings.filter({ hasText: 'scaled, or saved anew' })).toContainText(
    /nearly the same as one to learn from/,
  );
  await expect(warnings.filter({ hasText: 'inside a class folder' })).toContainText(
    '“train/squares/small” as “squares”',
  );
  await expect(warnings.filter({ hasText: 'written in two ways' })).toContainText('caf\u00e9');

  const tiles = page.getByTestId('leaked-pairs').locator('.tile');
  await expect(tiles.nth(0)).toContainText('valid, same bytes');
  await expect(tiles.nth(1)).toContainText('train');
  await tiles.nth(0).click();
  await expect(page.locator('.viewer')).toContainText('valid/circles/copy.png');
  await page.keyboard.press('Escape');

  const aside = page.getByTestId('set-aside').locator('li');
  await expect(aside.filter({ hasText: 'loose.png' }).locator('img')).toBeVisible();
  await expect(aside.filter({ hasText: 'loose.txt' }).locator('img')).toHaveCount(0);
});

test('10,000 classes open, scroll and are looked through without holding the page up', async ({
  page,
  studio,
}, testInfo) => {
  const folder = testInfo.outputPath('classes');
  const pictures = Array.from({ length: 20 }, (_, variant) =>
    drawShape(shapeNames[variant % 3] ?? 'circles', variant, 16),
  );
  for (let index = 0; index < 10_000; index++) {
    const name = `class ${String(index).padStart(5, '0')}`;
    for (const place of [0, 1]) {
      writePicture(path.join(folder, name, `${place}.png`), pictures[(2 * index + place) % 20] ?? '');
    }
  }
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        window.longTasks.push({ startMs: Math.round(startTime), durationMs: Math.round(duration) });
      }
    }).observe({ type: 'longtask', buffered: true });
  });
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  const startedMs = Date.now();
  const opened = studio.chooseFolder(folder);
  // Handing 20,000 files over is the browser's own work, whatever their classes.
  await expect(page.getByText(/of 20,000/).first()).toBeVisible({ timeout: 60_000 });
  const readingMs = await page.evaluate(() => performance.now());
  await opened;
  await expect(studio.stage).toContainText('20,000 pictures in 10,000 classes');
  const openedMs = Date.now() - startedMs;

  const rows = page.locator('.classBars li button');
  expect(await rows.count()).toBeLessThan(60);
  const lookedAtMs = await page.evaluate(() => performance.now());
  await page.locator('.classBars ul').evaluate((list) => list.scrollTo({ top: list.scrollHeight }));
  await expect(rows.last()).toContainText('class 09999');
  await rows.last().click();
  await expect(studio.stage.getByRole('heading', { name: 'class 09999' })).toBeVisible();
  const longTasks = await page.evaluate(() => window.longTasks);
  const longestMs = (since: number) =>
    Math.max(0, ...longTasks.filter(({ startMs }) => startMs >= since).map(({ durationMs }) => durationMs));
  console.info(
    `10,000 classes: opened in ${openedMs} ms; longest task ${longestMs(0)} ms, ${longestMs(readingMs)} ms from the reading on, ${longestMs(lookedAtMs)} ms while looked at`,
  );
  expect(longestMs(readingMs)).toBeLessThan(1000);
  expect(longestMs(lookedAtMs)).toBeLessThan(200);
});

test('TIFFs are opened and shown; a HEIC that the browser cannot open says how to convert it', async ({
  page,
  studio,
}, testInfo) => {
  const folder = testInfo.outputPath('scans');
  const fixture = (name: string) => readFileSync(inProject('fixtures', 'images', name));
  const names = ['plain.tif', 'deep.tif', 'tiled.tif', 'cmyk.tif'];
  for (const kind of ['leaf', 'stem']) {
    for (const name of names) writePicture(path.join(folder, kind, name), fixture(name));
  }
  writePicture(path.join(folder, 'leaf', 'bands.tif'), fixture('bands.tif'));
  writePicture(path.join(folder, 'leaf', 'phone.heic'), '\0\0\0\u0018ftypheic\0\0\0\0');
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(folder);
  await expect(studio.stage).toContainText('8 pictures in 2 classes');
  const aside = page.getByTestId('set-aside').locator('li');
  await expect(aside.filter({ hasText: 'bands.tif' })).toContainText('5 bands');
  await expect(aside.filter({ hasText: 'phone.heic' })).toContainText('Save it as JPEG');

  await page.locator('.classBars li button').first().click();
  const pictures = page.locator('.gridScroller img');
  await expect(pictures).toHaveCount(8);
  for (const picture of await pictures.all()) await expect(picture).toHaveJSProperty('naturalWidth', 682);
});
