// @ts-check
// Clicks through a recipe on an open studio, step after step as the rail lists them, and tells what happens, line by line. It knows
// no step by name: what a step has is read from its form.

import { StudioFailure } from './studioPage.mjs';

/**
 * @typedef {import('./recipeOptions.mjs').RecipeOptions} RecipeOptions
 * @typedef {import('./studioPage.mjs').StudioPage} StudioPage
 * @typedef {(line: string) => void} Tell
 */

const rowPollMs = 500;
/** The one setting that every training has. */
const rateOptionId = 'learningRate';
/** Only a finder sweeps up to an end. */
const sweepOptionId = 'endRate';

/** @param {number} startedMs */
function secondsSince(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

const columnWidths = [5, 11, 11, 9];

/** @param {readonly string[]} cells of the loss table, its heads or a row */
function alignRow(cells) {
  return cells.map((cell, column) => cell.padStart(columnWidths[column] ?? 0)).join(' ');
}

/**
 * The loss table grows at its end, training after training: a row is told once.
 * @param {StudioPage} studio
 * @param {Tell} tell
 */
function createRowTeller(studio, tell) {
  let toldCount = 0;
  let headedStepId = '';
  /** @param {string} stepId the step whose rows are new */
  return async (stepId) => {
    const rows = await studio.readLossRows();
    for (const row of rows.slice(toldCount)) {
      if (headedStepId !== stepId) tell(alignRow(await studio.readLossHeads()));
      headedStepId = stepId;
      tell(alignRow([row.epoch, row.trainLoss, row.validLoss, row.score]));
    }
    toldCount = Math.max(toldCount, rows.length);
  };
}

/**
 * Gives a step what was asked for: the values for every step, where it has such a setting, then its own.
 * @param {StudioPage} studio
 * @param {string} stepId
 * @param {RecipeOptions} options
 */
async function giveSettings(studio, stepId, { everyStep, byStep }) {
  await studio.select(stepId);
  const own = byStep[stepId] ?? {};
  for (const [optionId, value] of Object.entries(everyStep)) {
    if (!(optionId in own) && (await studio.hasOption(optionId))) await studio.setOption(optionId, value);
  }
  for (const [optionId, value] of Object.entries(own)) await studio.setOption(optionId, value);
}

/**
 * Runs a step and tells its rows as they appear, then what the page says of it.
 * @param {StudioPage} studio
 * @param {string} stepId
 * @param {ReturnType<typeof createRowTeller>} tellNewRows
 * @param {Tell} tell
 */
async function runAndTell(studio, stepId, tellNewRows, tell) {
  const startedMs = performance.now();
  await studio.startStep(stepId);
  let isEnded = false;
  const ended = studio.waitForEnd(stepId).finally(() => {
    isEnded = true;
  });
  // The await below reports a failure; this only keeps it from counting as unhandled while rows are read.
  ended.catch(() => {});
  while (!isEnded) {
    await tellNewRows(stepId);
    await Promise.race([ended.catch(() => {}), studio.page.waitForTimeout(rowPollMs)]);
  }
  await ended;
  const duration = secondsSince(startedMs);
  // The page draws the last rows a moment after the step's end.
  await studio.page.waitForTimeout(rowPollMs);
  await tellNewRows(stepId);
  tell(`${stepId}: ${duration}. ${await studio.readReading()}`);
}

/**
 * @param {StudioPage} studio a page that has just been opened
 * @param {RecipeOptions} options
 * @param {Tell} tell
 * @throws {StudioFailure} with the page's own sentence
 */
export async function runRecipe(studio, options, tell) {
  const { backend, adapter } = await studio.readBadge();
  tell(`backend: ${backend} (${adapter})`);

  const startedMs = performance.now();
  await studio.chooseFolder(options.dataFolder);
  await studio.setSeed(options.seed);
  if (options.usesAll) await studio.learnFromEverything();
  tell(`data: ${secondsSince(startedMs)}`);

  await studio.chooseRecipe(options.recipe);
  const stepIds = await studio.readStepIds();
  const unknown = Object.keys(options.byStep).find((stepId) => !stepIds.includes(stepId));
  if (unknown) throw new StudioFailure(`This recipe has no step named ${unknown}. It has: ${stepIds.join(', ')}.`);
  // All of them before the first step, so that a wrong one is told at once and not after an hour.
  for (const stepId of stepIds) await giveSettings(studio, stepId, options);

  const tellNewRows = createRowTeller(studio, tell);
  for (const stepId of stepIds) {
    // What could only judge or predict has no pictures then.
    if (await studio.lacksPictures(stepId)) {
      tell(`${stepId}: left out. ${await studio.whyNotRunnable(stepId)}`);
      continue;
    }
    // A finder's rate may have taken the place of the step's own since.
    await giveSettings(studio, stepId, options);
    await runAndTell(studio, stepId, tellNewRows, tell);
    const isRateOpen = options.everyStep[rateOptionId] === undefined && (await studio.hasOption(sweepOptionId));
    if (isRateOpen) tell(await studio.applyRecommendedRate(stepId));
  }
}
