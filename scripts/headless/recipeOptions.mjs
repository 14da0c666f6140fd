// @ts-check
// The options of `npm run recipe`: reads them and says what is wrong with them. Node built-ins only.

import { statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { joinChromiumFlags } from '../setup/chromiumFlags.mjs';
import { SetupError } from '../setup/setupError.mjs';

export const usage = `npm run recipe -- --data DIR --out result.json [options]

  --data DIR            folder of pictures: train/CLASS and valid/CLASS, CLASS folders alone, or pictures with a table
  --out FILE            where the run report goes, as JSON; it holds the result rows of every step
  --labels CSV          the table that labels the pictures, where the folder has several: a file in the folder, or
                        one from elsewhere, which takes the place of the folder's own
  --test DIR            a folder of pictures without labels, handed in as the data set's test folder
  --recipe ID           eight, five, breeds, satellite or head, as the page's picker has them (default head)
  --stop-after STEP     ends the recipe after this step
  --backbone ID         network, as the page names it (default: the page's)
  --size PX[,PX…]       side of the pictures that the network sees, of each step in turn that sets one
                        (default: the page's)
  --batch N             pictures in one batch, in every step (default: the page's)
  --epochs N            epochs of head training on features (default: the page's)
  --seed N              seed of split and training (default 1)
  --uses-all            learn from every picture, those for validation too: no row has a validation loss
  --tta N               changed looks of the steps that take several; 0 leaves them out (default: the page's)
  --rate R              learning rate of every training instead of those that the finders suggest
  --set STEP.OPTION=VALUE
                        one setting of one step, as often as needed, as the page's form names them:
                        --set fineTune.cycles=2 --set augment.augmentation=topDown
  --backend NAME        auto, webgpu, webgl, wasm or cpu (default auto)
  --chromium-flags "…"  more flags for Chromium, for example those that a GPU needs; without any,
                        --backend webgpu on Linux computes WebGPU in software

A step that waits for something that is not there, such as test pictures, is left out, and the page's reason is told.
Ends with 0 when the run is done, 1 when it failed, 2 when an option is wrong.`;

const backends = ['auto', 'webgpu', 'webgl', 'wasm', 'cpu'];
const usageExitCode = 2;

/** @typedef {Readonly<Record<string, string | number>>} OptionValues values by the id of the setting */

/**
 * @typedef {object} RecipeOptions
 * @property {string} dataFolder
 * @property {string | null} labelsFile
 * @property {string | null} testFolder
 * @property {string} outFile
 * @property {string} recipe
 * @property {string | null} lastStep
 * @property {string} backend
 * @property {number} seed
 * @property {boolean} usesAll
 * @property {readonly string[]} chromiumFlags
 * @property {readonly number[]} sizesPx of the steps that set the picture size, in their order
 * @property {number | null} looks
 * @property {OptionValues} everyStep for every step that has the setting
 * @property {Readonly<Record<string, OptionValues>>} byStep for one step, by its id
 */

/**
 * @param {string} problem
 * @returns {never}
 */
function refuse(problem) {
  throw new SetupError(`${problem}\n\n${usage}`, usageExitCode);
}

/**
 * @param {string} name
 * @param {string} text
 * @param {{ isInteger: boolean, min: number }} limits
 */
function readNumber(name, text, { isInteger, min }) {
  const value = Number(text);
  const isFitting =
    text.trim() !== '' && Number.isFinite(value) && value >= min && (!isInteger || Number.isInteger(value));
  if (!isFitting) refuse(`--${name} ${text}: give ${isInteger ? 'a whole number' : 'a number'} from ${min} up.`);
  return value;
}

/**
 * @param {readonly string[]} texts each STEP.OPTION=VALUE
 * @returns {RecipeOptions['byStep']}
 */
function readStepSettings(texts) {
  /** @type {Record<string, Record<string, string>>} */
  const byStep = {};
  for (const text of texts) {
    const [, stepId, optionId, value] = /^(\w+)\.(\w+)=(.+)$/.exec(text) ?? [];
    if (!stepId || !optionId || !value) return refuse(`--set ${text}: write it as STEP.OPTION=VALUE.`);
    byStep[stepId] = { ...byStep[stepId], [optionId]: value };
  }
  return byStep;
}

/**
 * @param {string} text
 * @returns {readonly number[]}
 */
function readSizes(text) {
  return text.split(',').map((part) => readNumber('size', part, { isInteger: true, min: 1 }));
}

/**
 * @param {string} file
 * @param {string} dataFolder
 * @returns {string} absolute: from here, or from the data folder
 */
function findLabels(file, dataFolder) {
  const found = [path.resolve(file), path.resolve(dataFolder, file)].find((candidate) =>
    statSync(candidate, { throwIfNoEntry: false })?.isFile(),
  );
  return found ?? refuse(`--labels ${file}: there is no such file, neither here nor in ${dataFolder}.`);
}

/** @param {string} folder */
function isFolder(folder) {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** @param {readonly string[]} args */
function parseTexts(args) {
  try {
    const { values } = parseArgs({
      args: joinChromiumFlags(args),
      options: {
        data: { type: 'string' },
        out: { type: 'string' },
        labels: { type: 'string' },
        test: { type: 'string' },
        'stop-after': { type: 'string' },
        tta: { type: 'string' },
        recipe: { type: 'string', default: 'head' },
        backbone: { type: 'string' },
        size: { type: 'string' },
        batch: { type: 'string' },
        epochs: { type: 'string' },
        seed: { type: 'string', default: '1' },
        'uses-all': { type: 'boolean', default: false },
        rate: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        backend: { type: 'string', default: 'auto' },
        'chromium-flags': { type: 'string', default: '' },
      },
    });
    return values;
  } catch (thrown) {
    return refuse(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/**
 * @param {readonly string[]} args as they stand after `npm run recipe --`
 * @returns {RecipeOptions} paths are absolute
 * @throws {SetupError} with exit code 2 and the usage when an option is wrong
 */
export function readRecipeOptions(args) {
  const texts = parseTexts(args);
  if (!texts.data) return refuse('--data is missing: name the folder of pictures.');
  if (!texts.out) return refuse('--out is missing: name the file for the run report.');
  if (!isFolder(texts.data)) return refuse(`--data ${texts.data}: there is no such folder.`);
  if (texts.test !== undefined && !isFolder(texts.test)) {
    return refuse(`--test ${texts.test}: there is no such folder.`);
  }
  if (!backends.includes(texts.backend))
    return refuse(`--backend ${texts.backend}: give one of ${backends.join(', ')}.`);
  const count = { isInteger: true, min: 1 };
  return {
    dataFolder: path.resolve(texts.data),
    labelsFile: texts.labels === undefined ? null : findLabels(texts.labels, texts.data),
    testFolder: texts.test === undefined ? null : path.resolve(texts.test),
    outFile: path.resolve(texts.out),
    recipe: texts.recipe,
    lastStep: texts['stop-after'] ?? null,
    backend: texts.backend,
    seed: readNumber('seed', texts.seed, { isInteger: true, min: 0 }),
    usesAll: texts['uses-all'],
    chromiumFlags: texts['chromium-flags'].split(/\s+/).filter(Boolean),
    sizesPx: texts.size === undefined ? [] : readSizes(texts.size),
    looks: texts.tta === undefined ? null : readNumber('tta', texts.tta, { isInteger: true, min: 0 }),
    everyStep: {
      ...(texts.backbone && { backbone: texts.backbone }),
      ...(texts.batch !== undefined && { batchSize: readNumber('batch', texts.batch, count) }),
      ...(texts.epochs !== undefined && { epochs: readNumber('epochs', texts.epochs, count) }),
      ...(texts.rate !== undefined && { learningRate: readNumber('rate', texts.rate, { isInteger: false, min: 0 }) }),
    },
    byStep: readStepSettings(texts.set),
  };
}
