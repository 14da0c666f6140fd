// Larger pictures: by one button in the results, with the keyboard alone, and by a recipe whose pictures grow.

import { expect, runThreeSteps, smallPictureSizePx, tabTo, test } from './studioTest.ts';

const fewPictures = { classNames: ['circles', 'squares'], trainPerClass: 4, validPerClass: 2 } as const;

test('one button goes on at the next larger size with what is trained, and shows what comes next', async ({
  page,
  studio,
  tinyDataset,
}) => {
  await page.goto('/?backend=wasm');
  await runThreeSteps(studio, tinyDataset(fewPictures), 2);
  await studio.select('trainHead');
  await expect(studio.stage.getByTestId('step-memory')).toContainText(/^Needs roughly \d+ MB in WebAssembly/);

  await studio.select('results');
  const button = page.getByTestId('go-on-larger');
  await expect(button).toHaveText(`Go on at ${smallPictureSizePx} → 96 px`);
  await page.getByLabel('Picture size (px)').fill('32');
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await page.getByLabel('Picture size (px)').fill('80');
  await tabTo(page, '[data-testid="go-on-larger"]');
  await page.keyboard.press('Enter');
  await expect(studio.railItem('findRate')).toHaveAttribute('aria-current', 'step');
  await expect(studio.stage.getByRole('status')).toContainText('The pictures are 80 px now');
  expect(await studio.stateOf('prepare')).toBe('done');
  expect(await studio.stateOf('trainHead')).toBe('ready');

  await studio.select('trainHead');
  await studio.openSettings();
  await expect(studio.stage.locator('[data-option-id="startFrom"]')).toHaveValue('trainedLayers');
  await studio.runStep('trainHead');
  await studio.select('results');
  await expect(button).toHaveText('Go on at 80 → 96 px');
});

test('a recipe whose pictures grow keeps what is trained, and says what leads back', async ({
  page,
  studio,
  tinyDataset,
}) => {
  await page.goto('/?backend=wasm&recipe=breeds&size=32&batch=4');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset(fewPictures));
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs: 1 });
  await studio.runStep('trainHead');
  await studio.setOptions('augment', { cycles: 1 });
  await studio.runStep('augment');
  await studio.setOptions('grow', { imageSizePx: 48 });
  await studio.runStep('grow');
  expect(await studio.readReading()).toMatch(/^The pictures go from 32 px to 48 px\. .* as they are trained\./);

  expect(await studio.stateOf('augment')).toBe('done');
  expect(await studio.whyNotRunnable('augment')).toContain('Run step 1 (Prepare pictures and features) again');
  await studio.setOptions('augmentLarger', { cycles: 1 });
  await studio.runStep('augmentLarger');
  await studio.select('results');
  await expect(page.getByTestId('go-on-larger')).toHaveCount(0);
});
