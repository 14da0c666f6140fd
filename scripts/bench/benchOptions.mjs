// @ts-check
// The options of `npm run bench`: reads them and says what is wrong with them. Node built-ins only.

import path from 'node:path';
import { parseArgs } from 'node:util';
import { joinChromiumFlags } from '../setup/chromiumFlags.mjs';
import { SetupError } from '../setup/setupError.mjs';

export const usage = `npm run bench [-- options]

  --network LIST        resnet18, resnet34, resnet50, resnext50, mobilenet-v2, efficientnet-lite0, or head: the
                        lesson's head alone (default resnet34,resnet50,mobilenet-v2,efficientnet-lite0)
  --batch LIST          pictures in one batch (default 32)
  --size LIST           side of the pictures in pixels (default 224)
  --mode LIST           train: everything learns; frozen: the head learns on a frozen body; features: inference
                        (default train); flat: --steps steps with looks at memory on the way
  --executor LIST       windowbox, stock (default both: stock tfjs-webgpu in the same run)
  --steps N             steps to time at least (default 30); fewer where they do not fit into the budget, but 3
  --budget SECONDS      time for the timed steps of one case (default 60, with --smallest 30)
  --json FILE           writes the report as JSON
  --smallest            the smallest network at its smallest size, both executors; ends with 1 when stock is faster
  --chromium-flags "…"  more flags for Chromium, for example those that a GPU needs; without any, WebGPU is computed
                        in software on Linux: choose small sizes then, a step at 224 px takes minutes

Ends with 0 when everything of windowbox was measured, 1 when not, 2 when an option is wrong.`;

const modes = ['train', 'frozen', 'features', 'flat'];
const executors = ['windowbox', 'stock'];
const usageExitCode = 2;

/**
 * The smallest that says something in software WebGPU too: with fewer pictures the work that depends on weights alone outweighs
 * the convolutions.
 */
const smallest = { network: ['resnet18'], batch: [8], size: [32], mode: ['train'], executor: executors };

/**
 * @typedef {object} BenchRun fields of the bench page's address
 * @property {readonly string[]} network
 * @property {readonly number[]} batch
 * @property {readonly number[]} size
 * @property {readonly string[]} mode
 * @property {readonly string[]} executor
 * @property {number} steps
 * @property {number} budget
 */

/**
 * @typedef {object} BenchOptions
 * @property {BenchRun} run
 * @property {boolean} isSmallest
 * @property {readonly string[]} chromiumFlags
 * @property {string} [jsonFile]
 */

/**
 * @param {string} problem
 * @returns {never}
 */
function refuse(problem) {
  throw new SetupError(`${problem}\n\n${usage}`, usageExitCode);
}

/** @param {string} text */
function readList(text) {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

/**
 * @param {string} name
 * @param {string} text
 */
function readNumbers(name, text) {
  const numbers = readList(text).map(Number);
  const isFitting = numbers.length > 0 && numbers.every((number) => Number.isInteger(number) && number >= 1);
  if (!isFitting) refuse(`--${name} ${text}: give whole numbers from 1 up.`);
  return numbers;
}

/**
 * @param {string} name
 * @param {string} text
 */
function readNumber(name, text) {
  const [number, ...more] = readNumbers(name, text);
  if (number === undefined || more.length > 0) return refuse(`--${name} ${text}: give one number.`);
  return number;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {readonly string[]} choices
 */
function readChoices(name, text, choices) {
  const chosen = readList(text);
  const unknown = chosen.find((choice) => !choices.includes(choice));
  if (unknown || chosen.length === 0) refuse(`--${name} ${text}: give some of ${choices.join(', ')}.`);
  return chosen;
}

/** @param {readonly string[]} args */
function parseTexts(args) {
  try {
    const { values } = parseArgs({
      args: joinChromiumFlags(args),
      options: {
        network: { type: 'string' },
        batch: { type: 'string' },
        size: { type: 'string' },
        mode: { type: 'string' },
        executor: { type: 'string' },
        steps: { type: 'string', default: '30' },
        budget: { type: 'string' },
        json: { type: 'string' },
        smallest: { type: 'boolean', default: false },
        'chromium-flags': { type: 'string', default: '' },
      },
    });
    return values;
  } catch (thrown) {
    return refuse(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/**
 * @param {readonly string[]} args as they stand after `npm run bench --`
 * @returns {BenchOptions} paths are absolute
 * @throws {SetupError} with exit code 2 and the usage when an option is wrong
 */
export function readBenchOptions(args) {
  const { network, batch, size, mode, executor, ...texts } = parseTexts(args);
  const isChosen = [network, batch, size, mode, executor].some((text) => text !== undefined);
  if (texts.smallest && isChosen) return refuse('--smallest chooses network, batch, size, mode and executors itself.');
  const networks = readList(network ?? 'resnet34,resnet50,mobilenet-v2,efficientnet-lite0');
  if (networks.length === 0) return refuse('--network is empty: name at least one.');
  const chosen = texts.smallest
    ? smallest
    : {
        network: networks,
        batch: readNumbers('batch', batch ?? '32'),
        size: readNumbers('size', size ?? '224'),
        mode: readChoices('mode', mode ?? 'train', modes),
        executor: readChoices('executor', executor ?? executors.join(), executors),
      };
  const budget = texts.budget ?? (texts.smallest ? '30' : '60');
  return {
    run: { ...chosen, steps: readNumber('steps', texts.steps), budget: readNumber('budget', budget) },
    isSmallest: texts.smallest,
    chromiumFlags: texts['chromium-flags'].split(/\s+/).filter(Boolean),
    ...(texts.json && { jsonFile: path.resolve(texts.json) }),
  };
}

/**
 * @param {BenchRun} run
 * @returns {string} the query of the bench page that runs it
 */
export function toQuery(run) {
  return `?${new URLSearchParams(Object.entries(run).map(([field, value]) => [field, String(value)]))}`;
}
