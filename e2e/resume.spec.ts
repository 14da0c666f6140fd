// Work outlives the page: a training that a reload cuts off goes on as if nothing had been, and earlier runs are there to look at.

import path from 'node:path';
import { StudioPage } from '../scripts/headless/studioPage.mjs';
import { expect, openSample, prepareSmall, runThreeSteps, test } from './studioTest.ts';
import { writeTinyDataset } from './tinyDataset.ts';

const epochs = 40;

test('a training on the sample that is cut off by a reload goes on by itself, to the very same table', async ({
  page,
  studio,
}) => {
  test.setTimeout(600_000);
  await openSample(page, studio);
  await prepareSmall(studio);
  await studio.runStep('findRate');
  await studio.setOptions('trainHead', { epochs });
  await studio.runStep('trainHead');
  const whole = await studio.readLossRows(epochs);

  await studio.startStep('trainHead');
  await page.getByTestId('kept-so-far').waitFor();
  await page.getByTestId('pause-step').click();
  await expect(studio.stage).toContainText('Paused between two batches; nothing is lost.');
  await page.reload();
  await expect(studio.stage.getByRole('status').first()).toContainText(/Restored run 1 at epoch \d+, batch \d+\./);
  expect(await studio.waitForEnd('trainHead')).toBe('done');
  await studio.select('trainHead');
  expect(await studio.readLossRows(epochs)).toEqual(whole);
  await studio.throwFailure();

  // What was trained, and the settings, are those of before.
  await expect(studio.settings.locator('summary')).toContainText(`${epochs}`);
  expect(await studio.stateOf('prepare')).toBe('done');
  expect(await studio.stateOf('findRate')).toBe('done');
});

test('a training on one’s own pictures asks for the same folder, and takes no other', async ({
  page,
  studio,
  tinyDataset,
}, testInfo) => {
  test.setTimeout(600_000);
  const folder = tinyDataset();
  await page.goto('/');
  await runThreeSteps(studio, folder, 1);
  await studio.setOptions('augment', { cycles: 30 });
  await studio.startStep('augment');
  await page.getByTestId('kept-so-far').waitFor();
  const rowsBefore = await studio.readLossRows(1);
  await page.reload();

  const kept = page.getByTestId('kept-work');
  await expect(kept).toContainText(/Run 1 on “shapes” was cut off at epoch \d+, batch \d+/);
  await expect(page.getByTestId('kept-runs').locator('li')).toHaveCount(1);
  const input = page.getByTestId('same-folder-input');
  const other = testInfo.outputPath('other');
  writeTinyDataset(other, { trainPerClass: 5 });
  await input.setInputFiles(other);
  await expect(studio.error).toContainText('These are not the 36 pictures');
  await page
    .getByRole('button', { name: 'Open the settings' })
    .or(page.getByRole('button', { name: 'Dismiss' }))
    .first()
    .click();
  await input.setInputFiles(folder);
  expect(await studio.waitForEnd('augment')).toBe('done');
  await studio.select('augment');
  const rows = await studio.readLossRows(30);
  expect(rows.slice(0, rowsBefore.length - 1)).toEqual(rowsBefore.slice(0, -1));
});

test('an earlier run is looked at with its charts, named, and deleted with a way back', async ({
  page,
  studio,
  tinyDataset,
}) => {
  test.setTimeout(300_000);
  await page.goto('/?recipe=head');
  await runThreeSteps(studio, tinyDataset());
  const rows = await studio.readLossRows(3);

  // Nothing was cut off, so the page opens as always, with the run below.
  await page.waitForTimeout(1000);
  await page.reload();
  const runs = page.getByTestId('kept-runs');
  await expect(runs).toContainText('Run 1');
  await expect(runs).toContainText('3 steps, best');
  await page.getByTestId('open-run').click();
  await expect(page.getByTestId('shown-run')).toContainText('Run 1 as it was told');
  expect(await studio.readLossRows(3)).toEqual(rows);
  await expect(studio.confusionMatrix.locator('tbody th')).toHaveCount(3);
  await page.getByTestId('close-run').click();

  await runs.getByRole('button', { name: 'Name and note' }).click();
  await runs.getByLabel('Name').fill('shapes at last');
  await runs.getByRole('button', { name: 'Keep' }).click();
  await expect(runs).toContainText('shapes at last');
  await runs.getByRole('button', { name: 'Delete shapes at last' }).click();
  await page.getByTestId('undo-delete').click();
  await expect(runs).toContainText('shapes at last');

  // And it goes on with all that was trained, without its pictures, until they are opened again.
  await page.getByTestId('go-on-without').click();
  await expect(page.getByTestId('pictures-missing')).toBeVisible();
  expect(await studio.stateOf('trainHead')).toBe('done');
  await studio.setOptions('trainHead', { epochs: 2 });
  expect(await studio.runStep('trainHead')).toBe('done');

  // A training that is discarded leaves nothing.
  await studio.setOptions('trainHead', { epochs: 100 });
  await studio.startStep('trainHead');
  await page.getByTestId('discard-step').click();
  expect(await studio.waitForEnd('trainHead')).toBe('stopped');
  expect(await studio.readReading()).toContain('Discarded');
});

test('a project is one file, which another computer opens: its run at once, its model with the pictures', async ({
  page,
  studio,
  tinyDataset,
  browser,
  baseURL,
}, testInfo) => {
  test.setTimeout(300_000);
  const folder = tinyDataset();
  await page.goto('/?recipe=head');
  await runThreeSteps(studio, folder);
  const rows = await studio.readLossRows(3);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-project').click()]);
  const file = testInfo.outputPath('shapes.zip');
  await download.saveAs(file);
  expect(download.suggestedFilename()).toBe('shapes.windowbox.zip');

  const elsewhere = await browser.newContext({ baseURL: baseURL as string });
  const other = new StudioPage(await elsewhere.newPage());
  await other.page.goto('/');
  await other.readBadge();
  await other.page.getByTestId('project-input').setInputFiles(file);
  await expect(other.page.getByTestId('shown-run')).toContainText('its model', { timeout: 20_000 });
  expect(await other.readLossRows(3)).toEqual(rows);
  await other.page.getByTestId('close-run').click();
  await expect(other.page.getByTestId('kept-runs')).toContainText('shapes');
  await other.chooseFolder(folder);
  await expect(other.page.getByTestId('save-model')).not.toHaveAttribute('aria-disabled', 'true');
  await other.throwFailure();

  // What is no project is refused, and nothing is taken.
  await other.page.reload();
  await other.readBadge();
  await other.page.getByTestId('project-input').setInputFiles(path.join(folder, 'train/circles/0.png'));
  await expect(other.error).toContainText('This project file cannot be opened');
  await elsewhere.close();
});

test('a second tab says that it keeps nothing', async ({ page, studio, context }) => {
  await page.goto('/');
  await studio.readBadge();
  await expect(page.getByTestId('kept-notice')).toHaveCount(0);
  const second = await context.newPage();
  await second.goto('/');
  await expect(second.getByTestId('kept-notice')).toContainText('open in another tab');
});
