// A test folder and a competition's sample: predicted by what was trained, and handed over as the file that the sample asks for.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findSeriousFaults, measureOverflowPx } from './axeFaults.ts';
import { expect, runThreeSteps, tabTo, test } from './studioTest.ts';
import { drawShape, writePicture } from './tinyDataset.ts';

const classNames = ['circles', 'squares'] as const;
/** What each picture of the test folder shows, in the order of the sample and not in that of the folder. */
const truth = { t4: 'squares', t1: 'circles', t3: 'circles', t2: 'squares' } as const;

function addTestFolder(folder: string): string {
  Object.entries(truth).forEach(([name, shape], index) => {
    writePicture(path.join(folder, 'test', `${name}.png`), drawShape(shape, 5 + index, 72));
  });
  const rows = Object.keys(truth).map((name) => `${name},0.5,0.5`);
  writePicture(path.join(folder, 'sample_submission.csv'), `id,squares,circles\n${rows.join('\n')}\n`);
  return folder;
}

test('a test folder is predicted and saved as its sample asks, by keyboard', async ({
  page,
  studio,
  tinyDataset,
}, testInfo) => {
  await page.goto('/?backend=wasm&recipe=head');
  await runThreeSteps(studio, addTestFolder(tinyDataset({ classNames })), 4);
  await studio.setOptions('predictTest', { looks: 1, batchSize: 4 });
  await studio.railItem('predictTest').focus();
  await tabTo(page, '[data-testid="run-step"]');
  await page.keyboard.press('Enter');
  expect(await studio.waitForEnd('predictTest')).toBe('done');
  expect(await studio.readReading()).toContain('Each of the 4 test pictures has its prediction');

  const panel = page.getByTestId('test-predictions');
  await expect(panel).toContainText('4 pictures, judged: Plain and 1 changed look, mean.');
  await expect(panel.getByRole('button', { name: /^circles ?2 test/ })).toBeVisible();
  await panel.getByRole('button', { name: 'least sure first' }).click();
  await expect(panel.getByRole('list', { name: 'Test pictures' }).getByRole('button')).toHaveCount(4);
  await expect(page.getByTestId('sample-followed')).toContainText('sample_submission.csv');

  const download = page.waitForEvent('download');
  await tabTo(page, '[data-testid="save-predictions"]');
  await page.keyboard.press('Enter');
  const file = testInfo.outputPath('submission.csv');
  await (await download).saveAs(file);
  await expect(page.getByTestId('submission-saved')).toContainText('was checked and saved');
  const [header, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  expect(header).toBe('id,squares,circles');
  expect(rows.map((row) => row.split(',')[0])).toEqual(Object.keys(truth));
  for (const [row, shape] of Object.values(truth).entries()) {
    const [, squares, circles] = (rows[row] ?? '').split(',').map(Number) as [number, number, number];
    expect(squares + circles).toBeCloseTo(1, 5);
    expect(squares > circles ? 'squares' : 'circles').toBe(shape);
  }

  // A file of another shape goes through the same check.
  await panel.locator('[data-option-id="shape"]').selectOption('label');
  const again = page.waitForEvent('download');
  await page.getByTestId('save-predictions').click();
  const labels = testInfo.outputPath('labels.csv');
  await (await again).saveAs(labels);
  expect(readFileSync(labels, 'utf8')).toBe('id,label\nt1,circles\nt2,squares\nt3,circles\nt4,squares\n');

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      await page.waitForTimeout(400);
      expect(await findSeriousFaults(page)).toEqual([]);
      expect(await measureOverflowPx(page)).toBeLessThanOrEqual(0);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await studio.select('results');
  await expect(panel).toBeVisible();
});

test('without a test folder its step says what to drop, and is passed over', async ({ page, studio, tinyDataset }) => {
  await page.goto('/?backend=wasm&recipe=head');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset({ classNames }));
  expect(await studio.lacksPictures('predictTest')).toBe(true);
  await studio.select('predictTest');
  await expect(studio.runButton).toHaveAttribute('aria-disabled', 'true');
  await expect(studio.stage).toContainText('There is no test folder in these pictures');
});
