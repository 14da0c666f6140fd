// Pictures with several tags: from a table to F2, the tags together, and tag by tag; then everything learnt from, which claims nothing.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { Resvg } from '@resvg/resvg-js';
import type { StudioPage } from '../scripts/headless/studioPage.mjs';
import type { RunReport } from '../src/protocol/report.ts';
import { findSeriousFaults, measureOverflowPx } from './axeFaults.ts';
import { expect, tabTo, test } from './studioTest.ts';
import { writePicture } from './tinyDataset.ts';

/** What a picture may show, each in a corner of its own: any number of them, none included. */
const shapes = {
  circle: '<circle cx=".25" cy=".25" r=".2" fill="#c0392b"/>',
  square: '<rect x=".55" y=".05" width=".4" height=".4" fill="#2455a4"/>',
  triangle: '<polygon points=".25,.55 .45,.95 .05,.95" fill="#2e8b57"/>',
};
const names = Object.keys(shapes) as (keyof typeof shapes)[];

function draw(tags: readonly (keyof typeof shapes)[], variant: number): Uint8Array {
  const place = `translate(${(variant % 3) * 0.03} ${(variant % 4) * 0.02})`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="#f4f1ea"/>
    <g transform="${place}">${tags.map((tag) => shapes[tag]).join('')}</g></svg>`;
  return new Resvg(svg, { fitTo: { mode: 'width', value: 64 }, font: { loadSystemFonts: false } }).render().asPng();
}

/** Every set of tags a few times, in train/ and valid/, each with a table of its own. */
function writeTaggedFolder(folder: string): string {
  const perSplit = { train: 4, valid: 2 };
  for (const [split, count] of Object.entries(perSplit)) {
    const rows = Array.from({ length: 8 * count }, (_, index) => {
      const tags = names.filter((_name, bit) => (index >> bit) % 2 === 1);
      writePicture(path.join(folder, split, `${split}${index}.png`), draw(tags, index));
      return `${split}${index},${tags.join(' ')}`;
    });
    writePicture(path.join(folder, `tags_${split}.csv`), ['image_name,tags', ...rows].join('\n'));
  }
  return folder;
}

async function trainHead(studio: StudioPage): Promise<void> {
  await studio.chooseRecipe('head');
  await studio.setOptions('prepare', { imageSizePx: 64 });
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs: 3, batchSize: 8, learningRate: 0.05 });
  await studio.runStep('trainHead');
}

async function dropTagged(page: Page, studio: StudioPage, folder: string): Promise<void> {
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await page.getByTestId('folder-input').first().setInputFiles(writeTaggedFolder(folder));
  await expect(page.getByTestId('label-panel')).toBeVisible();
}

test('a table of tags becomes an F2, tags together and a table tag by tag', async ({ page, studio }, testInfo) => {
  await dropTagged(page, studio, testInfo.outputPath('shapes'));
  await expect(page.getByTestId('label-match')).toContainText('48 of 48 rows name a picture');
  await expect(page.getByTestId('label-match')).toContainText('3 tags: circle, square, triangle');
  await expect(page.getByTestId('several-labels')).toHaveText(/^Row \d+ gives 2 labels: every picture gets tags/);
  await expect(page.getByTestId('label-panel')).toContainText('Read together with tags_valid.csv');
  await studio.openLabels();
  await expect(studio.stage).toContainText('48 pictures with 3 tags, 1.5 each: 32 to learn from, 16 to check with');
  await expect(page.getByTestId('tag-counts').locator('li')).toHaveText([/6/, /18/, /18/, /6/]);

  await trainHead(studio);
  const rows = await studio.readLossRows(3);
  expect(await studio.readLossHeads()).toEqual(['epoch', 'train loss', 'valid loss', 'F2']);
  for (const { validLoss, score } of rows) {
    expect(Number(validLoss)).toBeGreaterThan(0);
    expect(Number(score)).toBeGreaterThan(0.3);
  }
  const f2 = rows.at(-1)?.score;
  await expect(page.getByTestId('f2')).toContainText(`F2 ${f2} at 0.`);
  await expect(page.getByTestId('score-so-far')).toContainText(`F2 ${f2}`);

  await studio.select('results');
  await expect(page.getByTestId('tag-scores')).toContainText('tuned on these 16 pictures');
  await expect(page.getByTestId('cooccurrence-matrix').locator('tbody th')).toHaveText(names);
  const diagonal = page.getByTestId('cooccurrence-matrix').locator('td[data-diagonal="true"] button').first();
  const counted = Number(await diagonal.innerText());
  await diagonal.click();
  await expect(page.getByTestId('tag-pictures').getByRole('heading')).toHaveText(new RegExp(` ${counted}$`));
  await expect(page.getByTestId('tag-pictures').locator('.tile').first()).toContainText('right:');
  await expect(page.getByTestId('tag-table').locator('tbody tr')).toHaveCount(3);
  await page.getByRole('button', { name: 'lowest F2' }).click();
  const worths = await page.getByTestId('tag-table').locator('tbody td:last-child').allInnerTexts();
  expect(worths.map(Number)).toEqual(worths.map(Number).sort((a, b) => a - b));
  await page.getByTestId('gallery-tag').selectOption({ label: 'square' });
  await expect(studio.stage.getByRole('heading', { level: 3, name: /^Surest right/ })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(400);
      expect(await findSeriousFaults(page), `${colorScheme}, ${width} px wide`).toEqual([]);
      expect(await measureOverflowPx(page)).toBeLessThanOrEqual(0);
    }
  }
});

test('everything is learnt from, and nothing is claimed', async ({ page, studio }, testInfo) => {
  await dropTagged(page, studio, testInfo.outputPath('shapes'));
  await studio.openLabels();
  await studio.learnFromEverything();
  await expect(studio.stage).toContainText('48 to learn from, none to check with');

  await trainHead(studio);
  for (const row of await studio.readLossRows(3)) {
    expect(Number(row.trainLoss)).toBeGreaterThan(0);
    expect([row.validLoss, row.score]).toEqual(['–', '–']);
  }
  expect(await studio.readReading()).toContain('Every picture was learnt from, 48 an epoch');
  await studio.select('results');
  await expect(studio.stage.getByTestId('nothing-validates')).toContainText('Trained on all pictures');
  await expect(page.getByTestId('score-so-far')).toHaveCount(0);
  await expect(page.getByTestId('tag-scores')).toHaveCount(0);
  const file = testInfo.outputPath('report.json');
  await studio.saveReport(file);
  const report: RunReport = JSON.parse(readFileSync(file, 'utf8'));
  expect(report.usesAll).toBe(true);
  expect(report.events.map(({ type }) => type)).not.toContain('resultRow');

  await studio.select('data');
  await studio.setOption('fold', 'byFolders');
  await expect(studio.stage).toContainText('32 to learn from, 16 to check with, as the folders say');
});

test('the keyboard alone reaches the pictures behind the tags', async ({ page, studio }, testInfo) => {
  await dropTagged(page, studio, testInfo.outputPath('shapes'));
  await studio.openLabels();
  await trainHead(studio);
  await studio.railItem('trainHead').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(studio.stage.getByRole('heading', { level: 1 })).toHaveText('What the network learned');
  await tabTo(page, '[data-testid="cooccurrence-matrix"] button');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('tag-pictures')).toBeVisible();
  await tabTo(page, '[data-testid="tag-pictures"] .tile');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('right:');
  await page.keyboard.press('Escape');
  await tabTo(page, '.tagTableScroller');
  await tabTo(page, '[data-testid="gallery-tag"]');
  await page.keyboard.press('ArrowDown');
  await expect(studio.stage.getByRole('heading', { level: 3, name: /^Added wrongly/ })).toBeVisible();
});
