// @ts-check
// Builds the sample set when it is not there, or is not the one that these scripts and packages make.
// Node built-ins only: what draws the pictures runs in a process of its own, after the packages are installed.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inProject } from '../setup/paths.mjs';
import { runProgram } from '../setup/runProgram.mjs';
import { SetupError } from '../setup/setupError.mjs';

export const sampleFolder = inProject('public', 'sample');
const sampleScripts = inProject('scripts', 'sample');

/** @returns {string} changes when a script of this folder or an installed package version changes */
export function sampleVersion() {
  const hash = createHash('sha256');
  const scripts = readdirSync(sampleScripts).filter((name) => name.endsWith('.mjs'));
  for (const name of scripts.sort()) hash.update(readFileSync(path.join(sampleScripts, name)));
  const locked = JSON.parse(readFileSync(inProject('package-lock.json'), 'utf8')).packages;
  for (const place of Object.keys(locked).sort()) {
    if (/@iconify-json|@resvg|@zip\.js/.test(place)) hash.update(`${place} ${locked[place].version}`);
  }
  return hash.digest('hex').slice(0, 16);
}

function isSampleCurrent() {
  const summaryFile = path.join(sampleFolder, 'sample.json');
  if (!existsSync(summaryFile) || !existsSync(path.join(sampleFolder, 'drawings.zip'))) return false;
  return JSON.parse(readFileSync(summaryFile, 'utf8')).version === sampleVersion();
}

/** Makes sure that public/sample/ holds the sample set. */
export async function ensureSample() {
  if (isSampleCurrent()) return;
  console.log('Drawing the sample set …');
  const { exitCode } = await runProgram(process.execPath, [path.join(sampleScripts, 'buildSample.mjs')]);
  if (exitCode !== 0) throw new SetupError('The sample set could not be made; the lines above say why.');
}
