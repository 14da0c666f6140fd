// @ts-check
// Installs the packages of package-lock.json when they are missing or other versions are there. Node built-ins only.

import { existsSync, readFileSync } from 'node:fs';
import { inProject } from './paths.mjs';
import { runNpm } from './runProgram.mjs';
import { SetupError } from './setupError.mjs';

const oldestNode = [20, 19];

/**
 * What a package-lock.json says of one package.
 * @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage
 */

/**
 * @param {string} file
 * @returns {Record<string, LockedPackage>}
 */
function readLockedPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

/**
 * Compares the lock file with the one npm leaves in node_modules as the last act of an install.
 * Optional packages are for other systems and may be absent.
 * @param {Record<string, LockedPackage>} wanted
 * @param {Record<string, LockedPackage>} installed
 */
export function isInstallCurrent(wanted, installed) {
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === '') return true;
    const found = installed[place];
    if (!found) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function arePackagesInstalled() {
  const installedFile = inProject('node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  return isInstallCurrent(readLockedPackages(inProject('package-lock.json')), readLockedPackages(installedFile));
}

function checkNodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldestNode;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(
    `This is Node ${process.versions.node}; Windowbox needs ${oldestNode.join('.')} or newer. ` +
      'Install a current Node from https://nodejs.org and run this again.',
  );
}

/** Makes sure that the packages are there. Throws a SetupError that says what to do. */
export async function installPackages() {
  checkNodeVersion();
  if (arePackagesInstalled()) return;
  console.log('Installing packages (once, a minute or so) …');
  const { exitCode } = await runNpm(['ci', '--no-audit', '--no-fund']);
  if (exitCode !== 0) {
    throw new SetupError(
      'The packages could not be installed; the lines above say why. ' +
        'Check that this computer reaches the npm registry ("npm ping"), then run the same command again.',
    );
  }
}
