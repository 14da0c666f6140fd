// A graphics card that goes away in the middle of a training, for real: the page says so, and one press goes on to the very same table.
// The trainer's script is given a second part by this test alone, which remembers the device that it asks for.

import { chromiumFlags } from '../scripts/setup/chromiumFlags.mjs';
import { findChromium } from '../scripts/setup/findChromium.mjs';
import { addToTrainer, expect, findTrainer, test } from './studioTest.ts';

const executablePath = findChromium();
const epochs = 15;

test.use({
  serviceWorkers: 'block',
  launchOptions: {
    args: chromiumFlags({ hasSoftwareWebgpu: true }),
    ...(executablePath && { executablePath }),
  },
});

const rememberDevice = `
const requestDevice = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...wanted) {
  self.newestDevice = await requestDevice.apply(this, wanted);
  return self.newestDevice;
};
`;

test('a training goes on after its card was lost, to the very same table', async ({ page, studio, tinyDataset }) => {
  test.setTimeout(900_000);
  await addToTrainer(page, rememberDevice);
  await page.goto('/?backend=webgpu&recipe=head');
  expect((await studio.readBadge()).backend).toBe('webgpu');
  await studio.chooseFolder(tinyDataset({ classNames: ['circles', 'squares'], trainPerClass: 6, validPerClass: 3 }));
  await studio.setOptions('prepare', { imageSizePx: 32, batchSize: 6 });
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs, batchSize: 4 });
  await studio.runStep('trainHead');
  const whole = await studio.readLossRows(epochs);

  await studio.startStep('trainHead');
  await page.getByTestId('pause-step').click();
  await expect(studio.stage).toContainText('Paused between two batches');
  await page.getByTestId('kept-so-far').waitFor();
  const trainer = findTrainer(page);
  await trainer?.evaluate('newestDevice.destroy()');
  await page.getByTestId('pause-step').click();

  await expect(studio.error).toContainText('The graphics card was lost', { timeout: 120_000 });
  await expect(studio.error).toContainText(/Everything up to epoch \d+, batch \d+ is kept\./);
  // Who leaves it for now finds the same offer with the step.
  await studio.error.getByRole('button', { name: 'Not now' }).click();
  const goOn = page.getByTestId('resume-step');
  await expect(goOn).toContainText(/Go on from epoch \d+, batch \d+/);
  await goOn.click();
  expect(await studio.waitForEnd('trainHead')).toBe('done');
  expect(await studio.readLossRows(epochs)).toEqual(whole);
  expect((await studio.readBadge()).backend).toBe('webgpu');
  await studio.throwFailure();
});
