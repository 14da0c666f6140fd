// The lesson's eight steps, clicked through on tiny pictures: what a person sees after each, and that another recipe on the rail
// takes nothing of it away.

import type { StudioPage } from '../scripts/headless/studioPage.mjs';
import { expect, runThreeSteps, tabTo, test } from './studioTest.ts';

/** A dozen of the smallest pictures: the whole network then trains on the processor in seconds. */
const fewPictures = { classNames: ['circles', 'squares'], trainPerClass: 4, validPerClass: 2 } as const;
const sizePx = 32;
const batchSize = 4;
const batchesPerEpoch = 2;

const headSteps = ['prepare', 'findRate', 'trainHead'];

/** The rate of every batch, read off the loss chart with the arrow keys. */
async function readRates(studio: StudioPage): Promise<readonly number[]> {
  const chart = studio.stage.getByRole('slider', { name: /^Loss per batch/ });
  await chart.focus();
  const rates: number[] = [];
  let shown: string | null = null;
  for (let key = 'Home'; ; key = 'ArrowRight') {
    await studio.page.keyboard.press(key);
    const text = await chart.getAttribute('aria-valuetext');
    if (text === shown) return rates;
    shown = text;
    rates.push(Number(/rate (\S+)$/.exec(text ?? '')?.[1]));
  }
}

/** The batches at which the rate jumps back up to its largest value. */
function restartsOf(rates: readonly number[]): readonly number[] {
  return rates.flatMap((rate, batch) => (batch > 0 && rate === Math.max(...rates) ? [batch] : []));
}

async function readEpochs(studio: StudioPage, rowCount: number): Promise<readonly string[]> {
  const rows = await studio.readLossRows(rowCount);
  for (const { trainLoss, validLoss } of rows) {
    expect(Number(trainLoss)).toBeGreaterThan(0);
    expect(Number(validLoss)).toBeGreaterThan(0);
  }
  return rows.map(({ epoch }) => epoch);
}

/** The rate on a finder's button: 'Use 1.2e-2 valley', then 'Step 8: 1.2e-2 valley'. */
function rateOn(button: string): string {
  return /\d[\d.]*e-?\d+/.exec(button)?.[0] ?? 'no rate on the button';
}

test('a folder of pictures goes through all eight steps', async ({ page, studio, tinyDataset }) => {
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset(fewPictures));
  const stepIds = (await studio.readStepIds()).slice(0, 8);
  expect(stepIds).toEqual([...headSteps, 'augment', 'unfreeze', 'rates', 'findRateAgain', 'fineTune']);
  await studio.setOptions('prepare', { imageSizePx: sizePx });
  await studio.runStep('prepare');

  await studio.runStep('findRate');
  const firstRate = await studio.applyRecommendedRate('findRate');
  expect(firstRate).toMatch(/^Steps 3 and 4: /);
  await studio.setOptions('trainHead', { epochs: 2, batchSize });
  await studio.runStep('trainHead');
  expect(await readEpochs(studio, 2)).toEqual(['0', '1']);

  // Two cycles of an epoch each: the rate begins anew once.
  await studio.setOptions('augment', { cycles: 2, batchSize });
  await expect(studio.settings.locator('summary')).toContainText(`learning rate ${rateOn(firstRate)}`);
  await studio.runStep('augment');
  expect(await readEpochs(studio, 4)).toEqual(['0', '1', '0', '1']);
  const rates = await readRates(studio);
  expect(rates).toHaveLength(2 * batchesPerEpoch);
  expect(restartsOf(rates)).toEqual([batchesPerEpoch]);

  await studio.runStep('unfreeze');
  const counts = (await studio.readReading()).match(/\d[\d,]+/g)?.map((count) => Number(count.replaceAll(',', '')));
  const [learning, everything, before] = counts ?? [];
  expect(learning).toBeGreaterThan(3_000_000);
  expect(everything).toBe(learning);
  expect(before).toBeLessThan(learning ?? 0);

  await studio.runStep('rates');
  expect(await studio.readReading()).toContain('early layers learn at 1/100 of the rate, the later ones at 1/10');

  await studio.setOptions('findRateAgain', { iterations: 20, batchSize });
  await studio.runStep('findRateAgain');
  await expect(studio.stage.locator('svg path').first()).toBeVisible();
  const secondRate = await studio.applyRecommendedRate('findRateAgain');
  expect(secondRate).toMatch(/^Step 8: /);

  // Two cycles, the second twice as long: three epochs, and the rate begins anew after the first.
  await studio.setOptions('fineTune', { cycles: 2, batchSize });
  await expect(studio.settings.locator('summary')).toContainText(`learning rate ${rateOn(secondRate)}`);
  await studio.runStep('fineTune');
  expect(await readEpochs(studio, 7)).toEqual(['0', '1', '0', '1', '0', '1', '2']);
  const lengtheningRates = await readRates(studio);
  expect(lengtheningRates).toHaveLength(3 * batchesPerEpoch);
  expect(restartsOf(lengtheningRates)).toEqual([batchesPerEpoch]);
  expect(Math.max(...lengtheningRates)).toBe(Number(rateOn(secondRate)));

  await studio.select('results');
  await expect(studio.confusionMatrix.locator('tbody th')).toHaveText(['circles', 'squares']);
  const cells = await studio.confusionMatrix.locator('tbody td').allInnerTexts();
  expect(cells.map(Number).reduce((sum, count) => sum + count, 0)).toBe(4);
  for (const stepId of stepIds) expect(await studio.stateOf(stepId)).toBe('done');
});

test('another recipe on the rail keeps what the steps that both have did', async ({ page, studio, tinyDataset }) => {
  await page.goto('/?backend=wasm');
  await runThreeSteps(studio, tinyDataset(fewPictures), 2);
  const rows = await studio.readLossRows(2);

  await studio.chooseRecipe('head');
  expect((await studio.readStepIds()).slice(0, 3)).toEqual(headSteps);
  for (const stepId of headSteps) expect(await studio.stateOf(stepId)).toBe('done');
  expect(await studio.readLossRows(2)).toEqual(rows);
  await studio.select('trainHead');
  await expect(studio.confusionMatrix).toBeVisible();

  await studio.chooseRecipe('five');
  expect(await studio.stateOf('choose')).toBe('ready');
  expect(await studio.stateOf('augment')).toBe('blocked');

  await studio.chooseRecipe('eight');
  expect(await studio.stateOf('trainHead')).toBe('done');
  expect(await studio.stateOf('augment')).toBe('ready');
});

test('the keyboard alone unfreezes and sets the rates', async ({ page, studio, tinyDataset }) => {
  await page.goto('/?backend=wasm');
  await runThreeSteps(studio, tinyDataset(fewPictures), 1);

  await studio.railItem('trainHead').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(studio.railItem('unfreeze')).toHaveAttribute('aria-current', 'step');
  // The stage follows the rail a moment later, and a person looks before typing on.
  await expect(studio.stage.getByRole('heading', { level: 1 })).toHaveText('Unfreeze the network');
  await tabTo(page, '[data-testid="settings"] summary');
  await page.keyboard.press('Enter');
  await tabTo(page, '[data-option-id="learns"]');
  await page.keyboard.press('ArrowDown');
  await expect(studio.settings.locator('summary')).toContainText('the later layers and the new ones');
  await tabTo(page, '[data-testid="run-step"]');
  await page.keyboard.press('Enter');
  expect(await studio.waitForEnd('unfreeze')).toBe('done');
  expect(await studio.readReading()).toMatch(/^[\d,]+ of [\d,]+ parameters learn from now on/);

  await studio.railItem('unfreeze').focus();
  await page.keyboard.press('ArrowDown');
  await expect(studio.stage.getByRole('heading', { level: 1 })).toHaveText('Give early layers smaller rates');
  await tabTo(page, '[data-testid="settings"] summary');
  await page.keyboard.press('Enter');
  for (const optionId of ['laterDivisor', 'earlyDivisor']) {
    await tabTo(page, `[data-option-id="${optionId}"]`);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type('3');
  }
  await tabTo(page, '[data-testid="run-step"]');
  await page.keyboard.press('Enter');
  expect(await studio.waitForEnd('rates')).toBe('done');
  expect(await studio.readReading()).toContain('early layers learn at 1/9 of the rate, the later ones at 1/3');
});
