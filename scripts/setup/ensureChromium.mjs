// @ts-check
// Gives the path of a Chromium: one that is there, else Playwright's download, else Debian's package when we are root.

import { spawnSync } from 'node:child_process';
import { findChromium } from './findChromium.mjs';
import { runProgram, runTool } from './runProgram.mjs';
import { SetupError } from './setupError.mjs';

const downloadLimitMs = 3 * 60_000;

async function downloadWithPlaywright() {
  console.log('No Chromium found: trying Playwright’s download (3 minutes at most) …');
  const { isTimedOut } = await runTool('@playwright/test', 'playwright', ['install', 'chromium'], {
    timeLimitMs: downloadLimitMs,
  });
  if (isTimedOut) console.log('The download did not end in 3 minutes and was given up.');
}

function canInstallDebianPackage() {
  return process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
}

async function installDebianPackage() {
  console.log('Trying Debian’s package chromium …');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runProgram('apt-get', ['update', '-q'], { env });
  await runProgram('apt-get', ['install', '-y', '-q', 'chromium'], { env });
}

/**
 * @returns {Promise<string>} path of a Chromium that starts
 * @throws {SetupError} when none can be had; says what to do
 */
export async function ensureChromium() {
  const present = findChromium();
  if (present) return present;
  await downloadWithPlaywright();
  const downloaded = findChromium();
  if (downloaded) return downloaded;
  if (canInstallDebianPackage()) {
    await installDebianPackage();
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new SetupError(
    'A Chromium is needed and none could be found or installed. Install Google Chrome or Chromium in the usual way, ' +
      'or set CHROMIUM_PATH to its program file, and run the same command again.',
  );
}
