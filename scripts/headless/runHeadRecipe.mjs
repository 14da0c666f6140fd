// @ts-check
// Clicks through the recipe `head` on an open studio and tells what happens, line by line.

/**
 * @typedef {import('./recipeOptions.mjs').RecipeOptions} RecipeOptions
 * @typedef {import('./studioPage.mjs').StudioPage} StudioPage
 * @typedef {(line: string) => void} Tell
 */

const rowPollMs = 500;

/** @param {number} startedMs */
function secondsSince(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

/**
 * Keeps only the settings that were given.
 * @param {Record<string, string | number | undefined>} values
 * @returns {Record<string, string | number>}
 */
function given(values) {
  /** @type {Record<string, string | number>} */
  const kept = {};
  for (const [id, value] of Object.entries(values)) if (value !== undefined) kept[id] = value;
  return kept;
}

/**
 * Tells the rows of the loss table as they appear, until the work has ended.
 * @param {StudioPage} studio
 * @param {Promise<unknown>} work
 * @param {Tell} tell
 */
async function tellRowsUntil(studio, work, tell) {
  let isEnded = false;
  let toldCount = 0;
  const tellNewRows = async () => {
    const rows = await studio.readLossRows();
    for (const { epoch, trainLoss, validLoss, accuracy } of rows.slice(toldCount)) {
      tell([epoch.padStart(5), trainLoss.padStart(11), validLoss.padStart(11), accuracy.padStart(9)].join(' '));
    }
    toldCount = Math.max(toldCount, rows.length);
  };
  const watched = work.finally(() => {
    isEnded = true;
  });
  // The caller's await reports a failure; this only keeps it from counting as unhandled while rows are read.
  watched.catch(() => {});
  tell('epoch  train loss  valid loss  accuracy');
  while (!isEnded) {
    await tellNewRows();
    await Promise.race([watched.catch(() => {}), studio.page.waitForTimeout(rowPollMs)]);
  }
  await watched;
  // The page draws the last rows a moment after the step's end.
  await studio.page.waitForTimeout(rowPollMs);
  await tellNewRows();
}

/**
 * @param {StudioPage} studio a page that has just been opened
 * @param {RecipeOptions} options
 * @param {Tell} tell
 * @throws {import('./studioPage.mjs').StudioFailure} with the page's own sentence
 */
export async function runHeadRecipe(studio, options, tell) {
  const { backend, adapter } = await studio.readBadge();
  tell(`backend: ${backend} (${adapter})`);

  let startedMs = performance.now();
  await studio.chooseFolder(options.dataFolder);
  await studio.setSeed(options.seed);
  tell(`data: ${secondsSince(startedMs)}`);

  const { backbone, imageSizePx, batchSize, epochs, learningRate } = options;
  startedMs = performance.now();
  await studio.setOptions('prepare', given({ backbone, imageSizePx, batchSize }));
  await studio.runStep('prepare');
  tell(`prepare: ${secondsSince(startedMs)}`);

  startedMs = performance.now();
  await studio.setOptions('findRate', given({ batchSize }));
  await studio.runStep('findRate');
  tell(`findRate: ${secondsSince(startedMs)}`);
  if (learningRate === undefined) await studio.applyRecommendedRate();

  startedMs = performance.now();
  await studio.setOptions('trainHead', given({ batchSize, epochs, learningRate }));
  await studio.startStep('trainHead');
  await tellRowsUntil(studio, studio.waitForEnd('trainHead'), tell);
  tell(`trainHead: ${secondsSince(startedMs)}`);
}
