// @ts-check
// The options of `npm run recipe`: reads them and says what is wrong with them. Node built-ins only.

import { statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SetupError } from '../setup/setupError.mjs';

export const usage = `npm run recipe -- --data DIR --out result.json [options]

  --data DIR            folder of pictures: train/CLASS and valid/CLASS, or CLASS folders alone
  --out FILE            where the run report goes, as JSON
  --recipe head         prepare, find a rate, train the new layers (the only one so far)
  --backbone ID         network, as the page names it (default: the page's)
  --size PX             side of the pictures that the network sees (default: the page's)
  --batch N             pictures in one batch (default: the page's)
  --epochs N            epochs of head training (default: the page's)
  --seed N              seed of split and training (default 1)
  --rate R              learning rate instead of the one that the finder suggests
  --backend NAME        auto, webgpu, webgl, wasm or cpu (default auto)
  --chromium-flags "…"  more flags for Chromium, for example those that a GPU needs; without any,
                        --backend webgpu on Linux computes WebGPU in software

Ends with 0 when the run is done, 1 when it failed, 2 when an option is wrong.`;

const backends = ['auto', 'webgpu', 'webgl', 'wasm', 'cpu'];
const usageExitCode = 2;

/**
 * @typedef {object} RecipeOptions
 * @property {string} dataFolder
 * @property {string} outFile
 * @property {string} backend
 * @property {number} seed
 * @property {readonly string[]} chromiumFlags
 * @property {string} [backbone]
 * @property {number} [imageSizePx]
 * @property {number} [batchSize]
 * @property {number} [epochs]
 * @property {number} [learningRate]
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

/** @param {string} folder */
function isFolder(folder) {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Flags for Chromium begin with dashes, which the parser takes for an option unless they are joined with `=`.
 * @param {readonly string[]} args
 */
function joinChromiumFlags(args) {
  const place = args.indexOf('--chromium-flags');
  if (place < 0 || place === args.length - 1) return [...args];
  return [...args.slice(0, place), `--chromium-flags=${args[place + 1]}`, ...args.slice(place + 2)];
}

/** @param {readonly string[]} args */
function parseTexts(args) {
  try {
    const { values } = parseArgs({
      args: joinChromiumFlags(args),
      options: {
        data: { type: 'string' },
        out: { type: 'string' },
        recipe: { type: 'string', default: 'head' },
        backbone: { type: 'string' },
        size: { type: 'string' },
        batch: { type: 'string' },
        epochs: { type: 'string' },
        seed: { type: 'string', default: '1' },
        rate: { type: 'string' },
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
  if (texts.recipe !== 'head') return refuse(`--recipe ${texts.recipe}: only "head" can run so far.`);
  if (!backends.includes(texts.backend))
    return refuse(`--backend ${texts.backend}: give one of ${backends.join(', ')}.`);
  const count = { isInteger: true, min: 1 };
  return {
    dataFolder: path.resolve(texts.data),
    outFile: path.resolve(texts.out),
    backend: texts.backend,
    seed: readNumber('seed', texts.seed, { isInteger: true, min: 0 }),
    chromiumFlags: texts['chromium-flags'].split(/\s+/).filter(Boolean),
    ...(texts.backbone && { backbone: texts.backbone }),
    ...(texts.size !== undefined && { imageSizePx: readNumber('size', texts.size, count) }),
    ...(texts.batch !== undefined && { batchSize: readNumber('batch', texts.batch, count) }),
    ...(texts.epochs !== undefined && { epochs: readNumber('epochs', texts.epochs, count) }),
    ...(texts.rate !== undefined && { learningRate: readNumber('rate', texts.rate, { isInteger: false, min: 0 }) }),
  };
}
