// The main job: a folder in, three steps, a result that agrees with the report.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunReport } from '../src/protocol/report.ts';
import { expect, prepareSmall, runThreeSteps, test } from './studioTest.ts';
import { drawShape, writePicture } from './tinyDataset.ts';

test('a folder of pictures goes through three steps to a result', async ({ page, studio, tinyDataset }, testInfo) => {
  await page.goto('/');
  await runThreeSteps(studio, tinyDataset());

  const rows = await studio.readLossRows(3);
  expect(rows.map((row) => row.epoch)).toEqual(['0', '1', '2']);
  await expect(studio.lossTable.locator('thead th')).toHaveText(['epoch', 'train loss', 'valid loss', 'accuracy']);
  for (const row of rows) {
    expect(Number(row.trainLoss)).toBeGreaterThan(0);
    expect(Number(row.validLoss)).toBeGreaterThan(0);
  }

  await expect(studio.confusionMatrix.locator('tbody th')).toHaveText(['circles', 'squares', 'triangles']);
  const counts = await studio.confusionMatrix.locator('tbody td').allInnerTexts();
  expect(counts.map(Number).reduce((sum, count) => sum + count, 0)).toBe(12);

  const file = testInfo.outputPath('report.json');
  await studio.saveReport(file);
  const report: RunReport = JSON.parse(readFileSync(file, 'utf8'));
  expect(report.classes).toEqual(['circles', 'squares', 'triangles']);
  expect(report.backend).toBe((await studio.readBadge()).backend);
  expect(report.epochs.map((row) => row.validLoss?.toFixed(5))).toEqual(rows.map((row) => row.validLoss));
  expect(report.epochs.map((row) => row.trainLoss.toFixed(5))).toEqual(rows.map((row) => row.trainLoss));
  expect(report.epochs.at(-1)?.score).toBeGreaterThanOrEqual(0.75);
  expect(report.error).toBeUndefined();
});

test('the finder shows its curve and its rates, and the one taken is used', async ({ page, studio, tinyDataset }) => {
  await page.goto('/');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset());
  await prepareSmall(studio);
  await studio.runStep('findRate');

  await expect(studio.stage.locator('svg path').first()).toBeVisible();
  for (const rule of ['minimumDividedBy10', 'valley']) {
    await studio.select('findRate');
    const button = studio.stage.locator(`[data-testid="apply-rate"][data-rule="${rule}"]`);
    const rate = /\d[\d.]*e-?\d+/.exec(await button.innerText())?.[0] ?? 'no rate on the button';
    await button.click();
    await studio.select('trainHead');
    await expect(studio.settings.locator('summary')).toContainText(`learning rate ${rate}`);
  }
});

test('the handle on the finder’s curve is dragged to a rate, and that rate is used', async ({ page, studio }) => {
  await page.goto('/?replay=smallRun');
  await studio.select('findRate');
  const handle = studio.stage.getByRole('slider', { name: 'A rate of your own' });
  await handle.scrollIntoViewIfNeeded();
  const before = Number(await handle.getAttribute('aria-valuenow'));
  const box = await handle.boundingBox();
  if (!box) throw new Error('The handle has no place on the page.');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 80, y - 40, { steps: 4 });
  await page.mouse.up();
  expect(Number(await handle.getAttribute('aria-valuenow'))).toBeGreaterThan(2 * before);

  const button = studio.stage.getByTestId('apply-handle');
  const rate = /\d[\d.]*e-?\d+/.exec(await button.innerText())?.[0] ?? 'no rate on the button';
  await button.click();
  await studio.select('trainHead');
  await expect(studio.settings.locator('summary')).toContainText(`learning rate ${rate}`);
});

test('the same seed gives the same table', async ({ page, studio, tinyDataset }) => {
  const folder = tinyDataset();
  const tables = [];
  for (const _ of [1, 2]) {
    await page.goto('/');
    await runThreeSteps(studio, folder, 2);
    tables.push(await studio.readLossRows(2));
  }
  expect(tables[0]).toHaveLength(2);
  expect(tables[1]).toEqual(tables[0]);
});

test('stopping keeps what is trained', async ({ page, studio, tinyDataset }) => {
  await page.goto('/');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset());
  await prepareSmall(studio);
  await studio.setOptions('trainHead', { epochs: 500, batchSize: 4 });
  await studio.startStep('trainHead');
  await expect(studio.lossTable.locator('tbody tr').nth(1)).toBeVisible();
  await studio.stopButton.click();

  expect(await studio.waitForEnd('trainHead')).toBe('stopped');
  const rows = await studio.readLossRows();
  expect(rows.length).toBeGreaterThanOrEqual(2);
  expect(rows.length).toBeLessThan(500);
  await expect(studio.confusionMatrix).toBeVisible();
});

test('files that are no pictures are set aside with a reason, and the run goes on', async ({
  page,
  studio,
  tinyDataset,
}) => {
  const folder = tinyDataset({ classNames: ['circles', 'squares'] });
  const whole = drawShape('circles', 3, 72);
  writePicture(path.join(folder, 'train', 'circles', 'text.jpg'), 'These are words, not a picture.');
  writePicture(path.join(folder, 'train', 'circles', 'truncated.png'), whole.slice(0, Math.floor(whole.length / 3)));
  writePicture(path.join(folder, 'train', 'squares', 'empty.png'), '');
  writePicture(path.join(folder, 'train', 'squares', '.DS_Store'), 'junk');
  await page.goto('/');
  await runThreeSteps(studio, folder, 2);

  await studio.select('data');
  const setAside = studio.stage.getByTestId('set-aside').locator('li');
  await expect(setAside).toHaveCount(3);
  for (const name of ['text.jpg', 'truncated.png', 'empty.png']) {
    await expect(setAside.filter({ hasText: name })).toContainText(/[a-z].*\./);
  }
  await expect(setAside.filter({ hasText: '.DS_Store' })).toHaveCount(0);
  expect(await studio.readLossRows(2)).toHaveLength(2);
});

test('a folder without pictures says what to do', async ({ page, studio }, testInfo) => {
  const folder = testInfo.outputPath('nothing');
  writePicture(path.join(folder, 'notes.txt'), 'no pictures here');
  await page.goto('/');
  await studio.readBadge();
  await expect(studio.chooseFolder(folder)).rejects.toThrow(/\w+ .*\./);
  await expect(studio.error).toBeVisible();
});
