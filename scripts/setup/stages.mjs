// @ts-check
// The stages of checking: lint, types, unit tests, build, browser tests. Each prints what it does and how long it took;
// the first that fails ends the run with what to do. Node built-ins only, as long as the packages are not installed.

import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureChromium } from './ensureChromium.mjs';
import { setupFolder } from './paths.mjs';
import { runTool } from './runProgram.mjs';
import { SetupError } from './setupError.mjs';
import { readPlaywrightCounts, readVitestCounts } from './testCounts.mjs';

/** @typedef {import('./testCounts.mjs').TestCounts} TestCounts */

const typeProjects = ['tsconfig.engine.json', 'tsconfig.workers.json', 'tsconfig.app.json', 'tsconfig.tests.json'];
export const unitReport = path.join(setupFolder, 'unit-tests.json');
export const gpuReport = path.join(setupFolder, 'gpu-tests.json');
export const browserReport = path.join(setupFolder, 'browser-tests.json');

/**
 * Runs one stage and prints its name, its end and its seconds.
 * @template Result
 * @param {string} name
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function runStage(name, work) {
  console.log(`\n── ${name}`);
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(1);
  try {
    const result = await work();
    console.log(`── ${name}: done in ${seconds()} s`);
    return result;
  } catch (thrown) {
    console.log(`── ${name}: failed after ${seconds()} s`);
    throw thrown;
  }
}

/** @throws {SetupError} when Biome finds something */
export async function lint() {
  const { exitCode } = await runTool('@biomejs/biome', 'biome', ['check']);
  if (exitCode === 0) return;
  throw new SetupError(
    'Lint failed; the lines above say where. "npm run format" mends layout and simple findings; ' +
      'a forbidden import says its reason.',
  );
}

/** @throws {SetupError} when one of the TypeScript projects has a type error */
export async function checkTypes() {
  const results = await Promise.all(
    typeProjects.map((project) => runTool('typescript', 'tsc', ['-p', project], { isCaptured: true })),
  );
  const failed = typeProjects.filter((project, index) => {
    const result = results[index];
    if (!result || result.exitCode === 0) return false;
    console.log(`${project}\n${result.output}`);
    return true;
  });
  if (failed.length > 0) {
    throw new SetupError(`Types do not fit in ${failed.join(', ')}; the lines above say where.`);
  }
}

/** @returns {Promise<TestCounts>} */
export async function runUnitTests() {
  mkdirSync(setupFolder, { recursive: true });
  rmSync(unitReport, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`];
  const { exitCode } = await runTool('vitest', 'vitest', ['run', ...reporters]);
  return countsOrFailure(readVitestCounts(unitReport), exitCode, 'unit tests', 'npx vitest run PART-OF-THE-FILE-NAME');
}

/** Without every network's gradients and most whole networks' training, which take half an hour on two processor cores. */
export const withoutLongGpuTests = ['Gradients', 'Training'].flatMap((name) => [
  '--exclude',
  `**/network${name}.gpu.test.ts`,
]);

/**
 * The WebGPU executor's tests, in real Chromium.
 * @param {readonly string[]} [options] passed on to Vitest
 * @returns {Promise<TestCounts>}
 */
export async function runGpuTests(options = []) {
  mkdirSync(setupFolder, { recursive: true });
  rmSync(gpuReport, { force: true });
  const env = { CHROMIUM_PATH: await ensureChromium() };
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${gpuReport}`];
  const runner = ['run', '--config', 'vitest.gpu.config.ts', ...reporters, ...options];
  const { exitCode } = await runTool('vitest', 'vitest', runner, { env });
  return countsOrFailure(
    readVitestCounts(gpuReport),
    exitCode,
    'WebGPU tests',
    'npm run gpu-tests -- PART-OF-THE-FILE-NAME',
  );
}

/**
 * @param {readonly string[]} [options] passed on to Playwright
 * @returns {Promise<TestCounts>}
 */
export async function runBrowserTests(options = []) {
  mkdirSync(setupFolder, { recursive: true });
  rmSync(browserReport, { force: true });
  const env = { CHROMIUM_PATH: await ensureChromium() };
  const { exitCode } = await runTool('@playwright/test', 'playwright', ['test', ...options], { env });
  return countsOrFailure(
    readPlaywrightCounts(browserReport),
    exitCode,
    'browser tests',
    'npm run e2e -- PART-OF-THE-FILE-NAME',
  );
}

/** Test counts travel with the error, so that the summary is told in either case. */
export class TestsFailed extends SetupError {
  /**
   * @param {string} message
   * @param {TestCounts} counts
   */
  constructor(message, counts) {
    super(message);
    this.counts = counts;
  }
}

/**
 * @param {TestCounts | null} counts
 * @param {number} exitCode
 * @param {string} name
 * @param {string} commandForOne
 * @returns {TestCounts}
 */
function countsOrFailure(counts, exitCode, name, commandForOne) {
  if (counts && exitCode === 0) return counts;
  const found = counts ?? { passed: 0, failed: 0, skipped: 0 };
  // A runner that fails without a failed test (a file that does not load, a server that does not start) still failed.
  const failed = Math.max(found.failed, 1);
  throw new TestsFailed(`The ${name} failed; the lines above say where. One file alone: ${commandForOne}`, {
    ...found,
    failed,
  });
}
