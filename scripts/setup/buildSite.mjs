// @ts-check
// Builds the page into dist/, and only when something it is made of is newer than the last build. Node built-ins only.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { namedMirrors } from '../build/hubOrigins.mjs';
import { ensureSample } from '../sample/ensureSample.mjs';
import { inProject, setupFolder, siteFolder } from './paths.mjs';
import { runTool } from './runProgram.mjs';
import { SetupError } from './setupError.mjs';

const builtStamp = path.join(setupFolder, 'site-built');
const sources = [
  'src',
  'public',
  'fixtures/runs',
  'scripts/build',
  'index.html',
  'bench.html',
  'vite.config.ts',
  'package-lock.json',
  'tsconfig.base.json',
];

/**
 * @param {string} place a file or a folder
 * @returns {number} newest change in it, in milliseconds; folders count too, since a deleted file changes its folder
 */
function newestChangeMs(place) {
  if (!existsSync(place)) return 0;
  const status = statSync(place);
  if (!status.isDirectory()) return status.mtimeMs;
  return readdirSync(place).reduce(
    (newest, name) => Math.max(newest, newestChangeMs(path.join(place, name))),
    status.mtimeMs,
  );
}

function stampText() {
  return `dist/ was built from sources older than this file. Mirrors: ${namedMirrors()}\n`;
}

function isBuildCurrent() {
  if (!existsSync(builtStamp) || !existsSync(path.join(siteFolder, 'index.html'))) return false;
  const builtMs = statSync(builtStamp).mtimeMs;
  // Another list of mirrors is another content policy.
  if (readFileSync(builtStamp, 'utf8') !== stampText()) return false;
  return sources.every((source) => newestChangeMs(inProject(source)) <= builtMs);
}

/**
 * Makes sure that dist/ is the page as the sources stand now, with the sample in it.
 * @throws {SetupError} when the build fails
 */
export async function buildSite() {
  await ensureSample();
  if (isBuildCurrent()) return;
  console.log('Building the page …');
  rmSync(builtStamp, { force: true });
  const startedAt = new Date();
  const { exitCode } = await runTool('vite', 'vite', ['build', '--logLevel', 'warn']);
  if (exitCode !== 0) {
    throw new SetupError(
      'The page could not be built; the lines above say where. Mend that and run the same command again.',
    );
  }
  mkdirSync(setupFolder, { recursive: true });
  writeFileSync(builtStamp, stampText());
  // What was changed while the build ran may not be in it.
  utimesSync(builtStamp, startedAt, startedAt);
}
