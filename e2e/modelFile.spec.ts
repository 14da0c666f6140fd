// What is trained goes into a file and comes back from it, and a file that does not fit is refused with a sentence.

import { writeFileSync } from 'node:fs';
import { expect, runThreeSteps, test } from './studioTest.ts';

test('a trained head is saved and opened again', async ({ page, studio, tinyDataset }, testInfo) => {
  await page.goto('/?recipe=head');
  await expect(page.getByTestId('save-model')).toHaveCount(0);
  await runThreeSteps(studio, tinyDataset({ classNames: ['circles', 'squares'] }));
  const download = page.waitForEvent('download');
  await page.getByTestId('save-model').click();
  const file = testInfo.outputPath('head.safetensors');
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('64_lastlayer.safetensors');
  await saved.saveAs(file);

  await page.reload();
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset({ classNames: ['circles', 'squares'] }));
  await expect(page.getByTestId('save-model')).toHaveAttribute('aria-disabled', 'true');
  await page.getByTestId('model-input').setInputFiles(file);
  await expect(page.getByTestId('model-opened')).toContainText('EfficientNet-Lite0 at 64 px');

  const broken = testInfo.outputPath('broken.safetensors');
  writeFileSync(broken, 'not a model');
  await page.getByTestId('model-input').setInputFiles(broken);
  await expect(page.getByRole('alert')).toContainText('Nothing was loaded');
});
