// @ts-check
// `npm run recipe`: runs a recipe in headless Chromium through the page's own folder input and buttons, and keeps the
// page's run report. It is how the studio is measured.

import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describePeak, describeStoragePeak, HeapMeter } from './headless/heapMeter.mjs';
import { readRecipeOptions } from './headless/recipeOptions.mjs';
import { runRecipe } from './headless/runRecipe.mjs';
import { stageFolder } from './headless/stageFolder.mjs';
import { StudioFailure, StudioPage } from './headless/studioPage.mjs';
import { chromiumFlags } from './setup/chromiumFlags.mjs';
import { ensureChromium } from './setup/ensureChromium.mjs';
import { runScript, SetupError } from './setup/setupError.mjs';
import { withSite } from './setup/withSite.mjs';

/** @typedef {import('./headless/recipeOptions.mjs').RecipeOptions} RecipeOptions */

/** @param {RecipeOptions} options */
async function openBrowser(options) {
  const { chromium } = await import('@playwright/test');
  const hasSoftwareWebgpu =
    options.backend === 'webgpu' && options.chromiumFlags.length === 0 && process.platform === 'linux';
  return chromium.launch({
    executablePath: await ensureChromium(),
    args: chromiumFlags({ hasSoftwareWebgpu, extraFlags: options.chromiumFlags }),
  });
}

/**
 * @param {import('@playwright/test').Page} page
 * @returns {Promise<never>} fails when the page's process dies, which leaves every other wait hanging
 */
function failOnCrash(page) {
  return new Promise((_, reject) => {
    page.once('crash', () =>
      reject(new StudioFailure('The browser’s page crashed, probably out of memory. Try a smaller --batch.')),
    );
  });
}

/**
 * @param {RecipeOptions} options
 * @param {import('./headless/stageFolder.mjs').StagedFolder} folder
 * @param {string} address where the page is served
 */
async function runAndReport(options, folder, address) {
  const browser = await openBrowser(options);
  try {
    const page = await browser.newPage({ acceptDownloads: true });
    page.on('pageerror', (error) => console.error(`[page] ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`[page] ${message.text()}`);
    });
    await page.goto(`${address}/${options.backend === 'auto' ? '' : `?backend=${options.backend}`}`);
    const meter = await HeapMeter.start(page);
    const studio = new StudioPage(page);
    await Promise.race([runRecipe(studio, folder, options, console.log), failOnCrash(page)]);
    const { heaps, storage } = meter.stop();
    for (const peak of heaps) console.log(describePeak(peak));
    console.log(describeStoragePeak(storage));
    mkdirSync(path.dirname(options.outFile), { recursive: true });
    await studio.saveReport(options.outFile);
  } finally {
    await browser.close();
  }
}

/**
 * A row of the result table on a line.
 * @param {import('../src/protocol/report.ts').RunReport['results'][number]} row
 */
function describeRow({ stepId, label, score, logLoss }) {
  const value = score.kind === 'f2' ? `F2 ${score.f2.toFixed(4)}` : `accuracy ${score.accuracy.accuracy.toFixed(4)}`;
  return `${stepId}, ${label}: ${value}, log loss ${logLoss.toFixed(5)}`;
}

/** @param {RecipeOptions} options */
function tellResult(options) {
  /** @type {import('../src/protocol/report.ts').RunReport} */
  const report = JSON.parse(readFileSync(options.outFile, 'utf8'));
  for (const row of report.results) console.log(describeRow(row));
  const last = report.epochs.at(-1);
  const result =
    last === undefined
      ? 'nothing was trained'
      : last.score === null
        ? 'no validation'
        : `score ${last.score.toFixed(4)}`;
  console.log(`${result} after ${report.seconds.toFixed(1)} s; report in ${options.outFile}`);
}

runScript(async () => {
  const options = readRecipeOptions(process.argv.slice(2));
  const folder = stageFolder(options);
  try {
    await withSite(async (address) => {
      await runAndReport(options, folder, address);
      tellResult(options);
    });
  } catch (thrown) {
    // The page's own sentence is told as it is.
    throw thrown instanceof StudioFailure ? new SetupError(thrown.message) : thrown;
  } finally {
    folder.remove();
  }
});
