// A real drop of a folder: browsers hand over at most 100 entries at a time, so reading must go on until none are left.

import path from 'node:path';
import { dragOver, expect, test } from './studioTest.ts';
import { drawShape, shapeNames, writePicture } from './tinyDataset.ts';

const pictureCount = 1001;

test('dropping a folder of 1,001 pictures gives 1,001 pictures', async ({ page, studio }, testInfo) => {
  const folder = testInfo.outputPath('many');
  for (let index = 0; index < pictureCount; index++) {
    const shape = shapeNames[index % 2] ?? 'circles';
    writePicture(path.join(folder, shape, `${index}.png`), drawShape(shape, index, 16));
  }
  await page.goto('/');
  await studio.readBadge();

  const letGo = await dragOver(page, folder);
  await expect(page.getByText('Drop to open this')).toBeVisible();
  await letGo();

  await studio.waitForDataset();
  await expect(studio.stage).toContainText(/1,001 pictures in 2 classes/);
  await expect(page.getByText('Drop to open this')).toBeHidden();
});
