// A training in cycles as a person follows it: its curve before it runs, its restarts while it does, the cycles that it leaves,
// the same run once more, and what is trained kept by name.

import { expect, test } from './studioTest.ts';

const fewPictures = { classNames: ['circles', 'squares'], trainPerClass: 4, validPerClass: 2 } as const;

test('the schedule is seen before it runs, and its cycles can be averaged and gone on from', async ({
  page,
  studio,
  tinyDataset,
}) => {
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset(fewPictures));
  await studio.setOptions('prepare', { imageSizePx: 32 });
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs: 1, batchSize: 4 });
  await studio.runStep('trainHead');

  const sentence = page.getByTestId('plan-sentence');
  await studio.setOptions('augment', { cycles: 2, cycleMultiplier: 2, batchSize: 4, learningRate: 0.05 });
  await expect(sentence).toHaveText('2 cycles, 1 + 2 = 3 epochs, 6 batches.');
  await studio.setOption('cycles', 3);
  await expect(sentence).toHaveText('3 cycles, 1 + 2 + 4 = 7 epochs, 14 batches.');
  await expect(studio.stage.locator('[data-reset]')).toHaveCount(2);
  await studio.runStep('augment');
  const losses = await studio.readLossRows(8);
  // The finished run's own curves show what was planned.
  await expect(sentence).toHaveCount(0);
  await expect(studio.stage.locator('.chartPair [data-reset="3"]')).toHaveCount(2);

  await expect(page.getByTestId('cycle-average')).toContainText('Average of cycles 1 to 3');
  await page.getByRole('checkbox', { name: 'Average cycle 2' }).uncheck();
  await expect(page.getByTestId('cycle-average')).toContainText('Average of cycles 1 and 3');
  const name = page.getByTestId('model-name');
  await expect(name).toHaveValue('32_lastlayer');
  await page.getByTestId('keep-model').click();
  await page.getByTestId('take-snapshot').first().click();
  await expect(name).toHaveValue('32_lastlayer_cyc_0');

  await page.getByTestId('run-facts').locator('summary').click();
  await studio.setOption('cycles', 1);
  await page.getByTestId('run-exactly').click();
  // Seven epochs again, the table of the same numbers, whatever was taken up in between and the form says now.
  await expect(page.getByTestId('stop-step')).toBeVisible();
  await expect(page.getByTestId('run-step')).toBeVisible({ timeout: 120_000 });
  expect(await studio.readLossRows(8)).toEqual(losses);

  await page.getByTestId('open-kept').click();
  await expect(page.getByTestId('model-opened')).toContainText('Opened “32_lastlayer”');
});
