// Pictures and names that were made to harm, in a real browser: set aside with a reason, and the rest opens.

import path from 'node:path';
import { expect, test } from './studioTest.ts';
import { drawShape, writePicture } from './tinyDataset.ts';

/** A whole PNG whose header claims another size; a decoder would ask for 17 GB before it found out. */
function claimSize(png: Uint8Array, sidePx: number): Uint8Array {
  const claiming = Uint8Array.from(png);
  const view = new DataView(claiming.buffer);
  view.setUint32(16, sidePx);
  view.setUint32(20, sidePx);
  return claiming;
}

test('a picture that claims 4 gigapixels is set aside unread, and a turned name is shown as it is written', async ({
  page,
  studio,
  tinyDataset,
}) => {
  const folder = tinyDataset();
  writePicture(path.join(folder, 'train', 'circles', 'huge.png'), claimSize(drawShape('circles', 1, 72), 65_535));
  writePicture(path.join(folder, 'train', 'circles', 'photo\u202egnp.exe'), 'MZ');
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(folder);
  const list = page.getByTestId('set-aside');
  await expect(list).toContainText('train/circles/huge.png');
  await expect(list).toContainText('65535 × 65535 pixels, which is 4,295 megapixels; up to 268 can be opened.');
  await expect(list).toContainText('photo\ufffdgnp.exe');
  await expect(studio.stage).toContainText(/36 pictures in 3 classes/);
});
