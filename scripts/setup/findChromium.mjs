// @ts-check
// Finds a Chromium that is already on this computer: the one named by CHROMIUM_PATH, one on PATH or in a usual place,
// or Playwright's own. Never downloads anything. Node built-ins only, as long as the packages are not installed.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { inProject } from './paths.mjs';
import { SetupError } from './setupError.mjs';

const namesOnPath = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'google-chrome-beta',
  'microsoft-edge-stable',
  'microsoft-edge',
];

/** @returns {string[]} */
function namedOnPath() {
  if (process.platform === 'win32') return [];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return namesOnPath.flatMap((name) => folders.map((folder) => path.join(folder, name)));
}

/** @returns {string[]} */
function usualPlaces() {
  if (process.platform === 'darwin') {
    const apps = ['Chromium', 'Google Chrome', 'Google Chrome Beta', 'Microsoft Edge'];
    const folders = ['/Applications', path.join(os.homedir(), 'Applications')];
    return apps.flatMap((app) => folders.map((folder) => path.join(folder, `${app}.app`, 'Contents', 'MacOS', app)));
  }
  if (process.platform === 'win32') {
    const { ProgramFiles, LOCALAPPDATA } = process.env;
    const folders = [ProgramFiles, process.env['ProgramFiles(x86)'], LOCALAPPDATA].filter(
      (folder) => folder !== undefined,
    );
    const programs = [
      ['Google', 'Chrome', 'Application', 'chrome.exe'],
      ['Chromium', 'Application', 'chrome.exe'],
      ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
    ];
    return programs.flatMap((program) => folders.map((folder) => path.join(folder, ...program)));
  }
  return [
    '/opt/google/chrome/chrome',
    '/opt/microsoft/msedge/msedge',
    '/usr/lib/chromium/chromium',
    '/snap/bin/chromium',
  ];
}

/** @returns {string[]} where Playwright keeps the Chromium of its own version, once the packages are installed */
function playwrightDownload() {
  if (!existsSync(inProject('node_modules', '@playwright', 'test', 'package.json'))) return [];
  const { chromium } = createRequire(inProject('package.json'))('@playwright/test');
  return [chromium.executablePath()];
}

/**
 * A file of the right name may still be a stand-in or lack libraries, so it is asked for its version.
 * On Windows that would open a window; there a file that exists is taken.
 * @param {string} file
 */
function isWorking(file) {
  if (!existsSync(file)) return false;
  if (process.platform === 'win32') return true;
  const answer = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return answer.status === 0 && /\d+\.\d+/.test(answer.stdout);
}

/**
 * @returns {string | null} path of a Chromium that starts, or null
 * @throws {SetupError} when CHROMIUM_PATH names a file that is not there
 */
export function findChromium() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new SetupError(`CHROMIUM_PATH is set to ${chosen}, but there is no such file. Correct it or unset it.`);
  }
  for (const listPlaces of [namedOnPath, usualPlaces, playwrightDownload]) {
    const found = listPlaces().find(isWorking);
    if (found) return found;
  }
  return null;
}
