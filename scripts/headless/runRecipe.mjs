// @ts-check
// Clicks through a recipe on an open studio, step after step as the rail lists them, and tells what happens, line by line. It knows
// no step by name: what a step has is read from its form.

import { StudioFailure } from './studioPage.mjs';

/**
 * @typedef {import('./recipeOptions.mjs').RecipeOptions} RecipeOptions
 * @typedef {import('./stageFolder.mjs').StagedFolder} StagedFolder
 * @typedef {import('./studioPage.mjs').StudioPage} StudioPage
 * @typedef {(line: string) => void} Tell
 */

const rowPollMs = 500;
/** The one setting that every training has. */
const rateOptionId = 'learningRate';
/** Only a finder sweeps up to an end. */
const sweepOptionId = 'endRate';
/** Every step that sets the picture size has it. */
const sizeOptionId = 'imageSizePx';
/** Every step that looks at a picture several times has it. */
const looksOptionId = 'looks';

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
 * Gives the sizes to the steps that set one, in their order.
 * @param {StudioPage} studio
 * @param {readonly string[]} stepIds
 * @param {readonly number[]} sizesPx
 */
async function giveSizes(studio, stepIds, sizesPx) {
  const left = [...sizesPx];
  for (const stepId of stepIds) {
    await studio.select(stepId);
    const hasSize = left.length > 0 && (await studio.hasOption(sizeOptionId));
    if (hasSize) await studio.setOption(sizeOptionId, /** @type {number} */ (left.shift()));
  }
  if (left.length > 0) {
    throw new StudioFailure(
      `This recipe sets the picture size ${sizesPx.length - left.length} times, and --size gives ${sizesPx.length}.`,
    );
  }
}

/**
 * Gives the number of looks to the steps that take several.
 * @param {StudioPage} studio
 * @param {readonly string[]} stepIds
 * @param {number} looks
 * @returns {Promise<readonly string[]>} the steps that stay: without any look, those that can do without
 */
async function giveLooks(studio, stepIds, looks) {
  const staying = [];
  for (const stepId of stepIds) {
    await studio.select(stepId);
    if (!(await studio.hasOption(looksOptionId))) staying.push(stepId);
    else if (await takesLooks(studio, looks)) staying.push(stepId);
  }
  return staying;
}

/**
 * @param {StudioPage} studio
 * @param {number} looks
 */
async function takesLooks(studio, looks) {
  try {
    await studio.setOption(looksOptionId, looks);
    return true;
  } catch (thrown) {
    if (looks === 0 && thrown instanceof StudioFailure) return false;
    throw thrown;
  }
}

/**
 * @param {readonly string[]} stepIds of the recipe
 * @param {RecipeOptions} options
 * @returns {readonly string[]} those up to the last one asked for
 */
function listSteps(stepIds, { byStep, lastStep }) {
  const named = [...Object.keys(byStep), ...(lastStep === null ? [] : [lastStep])];
  const unknown = named.find((stepId) => !stepIds.includes(stepId));
  if (unknown) throw new StudioFailure(`This recipe has no step named ${unknown}. It has: ${stepIds.join(', ')}.`);
  return lastStep === null ? stepIds : stepIds.slice(0, stepIds.indexOf(lastStep) + 1);
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
  const ended = waitForLastEnd(studio, stepId, tell).finally(() => {
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
 * Nobody is there in a headless run, so a step that broke goes on where the page offers to do so by itself.
 * @param {StudioPage} studio
 * @param {string} stepId
 * @param {Tell} tell
 */
async function waitForLastEnd(studio, stepId, tell) {
  for (;;) {
    try {
      return await studio.waitForEnd(stepId);
    } catch (thrown) {
      const sentence = await studio.goOnAlone(stepId);
      if (sentence === null) throw thrown;
      tell(`${stepId}: ${sentence} It goes on.`);
    }
  }
}

/**
 * @param {StudioPage} studio a page that has just been opened
 * @param {StagedFolder} folder
 * @param {RecipeOptions} options
 * @param {Tell} tell
 * @throws {StudioFailure} with the page's own sentence
 */
export async function runRecipe(studio, folder, options, tell) {
  const { backend, adapter } = await studio.readBadge();
  tell(`backend: ${backend} (${adapter})`);

  const startedMs = performance.now();
  await studio.chooseFolder(folder.folder, folder.tablePath);
  await studio.setSeed(options.seed);
  if (options.usesAll) await studio.learnFromEverything();
  tell(`data: ${secondsSince(startedMs)}`);

  await studio.chooseRecipe(options.recipe);
  const asked = listSteps(await studio.readStepIds(), options);
  // All of them before the first step, so that a wrong one is told at once and not after an hour.
  await giveSizes(studio, asked, options.sizesPx);
  const stepIds = options.looks === null ? asked : await giveLooks(studio, asked, options.looks);
  for (const stepId of stepIds) await giveSettings(studio, stepId, options);

  const tellNewRows = createRowTeller(studio, tell);
  for (const stepId of stepIds) {
    // A finder's rate may have taken the place of the step's own since.
    await giveSettings(studio, stepId, options);
    // What judges needs pictures to judge, and what predicts needs test pictures.
    const whyNot = await studio.whyNotRunnable(stepId);
    if (whyNot !== null) {
      tell(`${stepId}: left out. ${whyNot}`);
      continue;
    }
    await runAndTell(studio, stepId, tellNewRows, tell);
    const isRateOpen = options.everyStep[rateOptionId] === undefined && (await studio.hasOption(sweepOptionId));
    if (isRateOpen) tell(await studio.applyRecommendedRate(stepId));
  }
}
