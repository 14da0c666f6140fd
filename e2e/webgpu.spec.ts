// Training on the WebGPU backend, computed in software so that it runs on any machine. The test fails when another
// backend did the work.

import { chromiumFlags } from '../scripts/setup/chromiumFlags.mjs';
import { findChromium } from '../scripts/setup/findChromium.mjs';
import { expect, test } from './studioTest.ts';

const executablePath = findChromium();

test.use({
  launchOptions: {
    args: chromiumFlags({ hasSoftwareWebgpu: true }),
    ...(executablePath && { executablePath }),
  },
});

test('the head trains on the WebGPU backend', async ({ page, studio, tinyDataset }) => {
  test.setTimeout(600_000);
  await page.goto('/?backend=webgpu');
  const badge = await studio.readBadge();
  expect(badge.backend).toBe('webgpu');
  expect(badge.adapter).toMatch(/swiftshader/i);

  await studio.chooseFolder(tinyDataset({ classNames: ['circles', 'squares'], trainPerClass: 6, validPerClass: 3 }));
  await studio.setOptions('prepare', { imageSizePx: 32, batchSize: 6 });
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs: 3, batchSize: 4 });
  await studio.runStep('trainHead');

  const rows = await studio.readLossRows(3);
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(Number(row.trainLoss)).toBeGreaterThan(0);
  // Two classes: who guesses has a loss of ln 2.
  expect(Number(rows[2]?.validLoss)).toBeLessThan(Math.LN2);
  await expect(studio.confusionMatrix).toBeVisible();
  expect((await studio.readBadge()).backend).toBe('webgpu');
});
