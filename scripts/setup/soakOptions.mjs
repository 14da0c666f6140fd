// @ts-check
// The options of `npm run soak`. Node built-ins only.

import { parseArgs } from 'node:util';
import { SetupError } from './setupError.mjs';

export const usage = `npm run soak -- [--rounds N] [--seed S]

  --rounds N   rounds, each of its own seed (default 100)
  --seed S     seed of the first; the others follow it (default 1)

Ends with 0 when the log, the checkpoint and the person's words were whole after every fault, else with 1.`;

const usageExitCode = 2;

/**
 * @param {readonly string[]} args
 * @returns {{ readonly rounds: number, readonly seed: number }}
 * @throws {SetupError} for an option that is none
 */
export function readSoakOptions(args) {
  const values = parse(args);
  return { rounds: readWhole('rounds', values.rounds ?? '100', 1), seed: readWhole('seed', values.seed ?? '1', 0) };
}

/** @param {readonly string[]} args */
function parse(args) {
  try {
    return parseArgs({ args: [...args], options: { rounds: { type: 'string' }, seed: { type: 'string' } } }).values;
  } catch (thrown) {
    throw new SetupError(`${thrown instanceof Error ? thrown.message : thrown}\n\n${usage}`, usageExitCode);
  }
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} least
 */
function readWhole(name, text, least) {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && text.trim() !== '') return value;
  throw new SetupError(`--${name} is a whole number from ${least} up, not “${text}”.\n\n${usage}`, usageExitCode);
}
