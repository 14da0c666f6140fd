// Pictures and a table instead of class folders: what the table means is seen before it is opened, and the counts are right.

import path from 'node:path';
import { expect, test } from './studioTest.ts';
import { drawShape, shapeNames, writePicture } from './tinyDataset.ts';

const perClass = 10;

/** Pictures in train/ and one in test/, and a table without header and suffix whose last row has a typing mistake. */
function writeLabelledFolder(folder: string): string {
  const rows = shapeNames.flatMap((shape) =>
    Array.from({ length: perClass }, (_, variant) => {
      writePicture(path.join(folder, 'train', `${shape}${variant}.png`), drawShape(shape, variant, 24));
      return `${shape}${variant},${shape}`;
    }),
  );
  writePicture(path.join(folder, 'test', 'x1.png'), drawShape('circles', 0, 24));
  writePicture(path.join(folder, 'train', 'extra12.png'), drawShape('squares', 3, 24));
  writePicture(path.join(folder, 'labels.csv'), [...rows, 'extra21,squares'].join('\n'));
  return folder;
}

test('a table without suffix and header labels its pictures, once a person has seen what it gives', async ({
  page,
  studio,
}, testInfo) => {
  await page.goto('/');
  await studio.readBadge();
  await page
    .getByTestId('folder-input')
    .first()
    .setInputFiles(writeLabelledFolder(testInfo.outputPath('shapes')));

  const panel = page.getByTestId('label-panel');
  await expect(panel.getByRole('heading', { level: 1 })).toBeFocused();
  const match = page.getByTestId('label-match');
  await expect(match).toContainText('30 of 31 rows name a picture');
  await expect(match).toContainText('3 classes: circles, squares, triangles. 1 of 31 pictures will be set aside');
  await expect(match).toContainText('The test folder holds 1 picture without labels');
  await expect(page.getByTestId('unmatched-rows')).toContainText('Nearest names: train/extra12.png');

  const suffix = page.getByLabel('Suffix of the files');
  await suffix.fill('.jpg');
  await expect(match).toContainText('0 of 31 rows');
  await expect(page.getByTestId('open-labels')).toHaveAttribute('aria-disabled', 'true');
  await suffix.fill('.png');
  await expect(match).toContainText('30 of 31 rows');
  await studio.openLabels();
  await expect(studio.stage).toContainText(
    '31 pictures in 3 classes: 24 to learn from, 6 to check with, 1 in the test folder',
  );
  for (const shape of shapeNames) {
    await expect(studio.stage.getByRole('button', { name: new RegExp(`^${shape} ?8 train ?2 valid`) })).toBeVisible();
  }
  await expect(page.getByTestId('set-aside').locator('li')).toHaveCount(2);

  await page.getByLabel('Pictures to check with').selectOption('1');
  await expect(studio.stage).toContainText('fold 2 of those that the seed draws');
});

test('the keyboard alone opens a table, after its choices', async ({ page, studio }, testInfo) => {
  await page.goto('/');
  await studio.readBadge();
  await page
    .getByTestId('folder-input')
    .first()
    .setInputFiles(writeLabelledFolder(testInfo.outputPath('shapes')));
  await expect(page.getByTestId('label-panel').getByRole('heading', { level: 1 })).toBeFocused();
  for (const label of ['The first rows of the table', 'Picture’s name', 'Label', 'First row', 'Suffix of the files']) {
    await page.keyboard.press('Tab');
    await expect(page.getByLabel(label, { exact: true })).toBeFocused();
  }
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await studio.waitForDataset();
  await expect(studio.stage).toContainText('31 pictures in 3 classes');
});

test('a folder with a table opens headless as the page guesses it', async ({ page, studio }, testInfo) => {
  await page.goto('/');
  await studio.readBadge();
  await studio.chooseFolder(writeLabelledFolder(testInfo.outputPath('shapes')));
  await expect(studio.stage).toContainText('31 pictures in 3 classes');
});

test('Escape puts a table away without a trace', async ({ page, studio }, testInfo) => {
  await page.goto('/');
  await studio.readBadge();
  await page
    .getByTestId('folder-input')
    .first()
    .setInputFiles(writeLabelledFolder(testInfo.outputPath('shapes')));
  await expect(page.getByTestId('label-panel')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: 'Drop a folder of pictures here' })).toBeVisible();
});
