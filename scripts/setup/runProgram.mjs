// @ts-check
// Starts other programs the same way on Linux, macOS and Windows: tools that npm installed run as scripts of this Node,
// so no shell and no `.cmd` file is needed.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inProject, projectRoot } from './paths.mjs';
import { SetupError } from './setupError.mjs';

/**
 * @typedef {object} RunOptions
 * @property {boolean} [isCaptured] keep the output instead of showing it
 * @property {Record<string, string>} [env] added to this process's environment
 * @property {number} [timeLimitMs] the program and what it started are ended after this time
 * @property {boolean} [usesShell]
 */

/**
 * @typedef {object} RunResult
 * @property {number} exitCode 1 when a signal or the time limit ended it
 * @property {string} output stdout and stderr together when captured, otherwise empty
 * @property {boolean} isTimedOut
 */

/**
 * Runs a program to its end.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function runProgram(program, args, options = {}) {
  const { isCaptured = false, env = {}, timeLimitMs, usesShell = false } = options;
  // A group of its own lets the time limit end everything that the program started.
  const hasOwnGroup = timeLimitMs !== undefined && process.platform !== 'win32';
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: projectRoot,
      env: { ...process.env, ...env },
      stdio: isCaptured ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      shell: usesShell,
      detached: hasOwnGroup,
    });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));

    let isTimedOut = false;
    const endAll = () => endProcess(child.pid, hasOwnGroup);
    const timer = timeLimitMs === undefined ? undefined : setTimeout(() => endOnTimeout(), timeLimitMs);
    function endOnTimeout() {
      isTimedOut = true;
      endAll();
    }
    if (hasOwnGroup) process.once('SIGINT', endAll);

    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      process.removeListener('SIGINT', endAll);
      resolve({ exitCode: code ?? 1, output: Buffer.concat(chunks).toString('utf8'), isTimedOut });
    });
  });
}

/**
 * @param {number | undefined} processId
 * @param {boolean} isGroup
 */
function endProcess(processId, isGroup) {
  if (processId === undefined) return;
  try {
    if (process.platform === 'win32') spawn('taskkill', ['/pid', String(processId), '/t', '/f']);
    else process.kill(isGroup ? -processId : processId, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

/**
 * Runs a tool that `npm ci` installed, such as `tsc`, by the script its package names.
 * @param {string} packageName
 * @param {string} toolName key of the package's `bin`
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runTool(packageName, toolName, args, options = {}) {
  return runProgram(process.execPath, [toolScript(packageName, toolName), ...args], options);
}

/**
 * @param {string} packageName
 * @param {string} toolName
 * @returns {string} path of the tool's script
 */
function toolScript(packageName, toolName) {
  const folder = inProject('node_modules', packageName);
  const packageFile = path.join(folder, 'package.json');
  if (!existsSync(packageFile)) {
    throw new SetupError(`The package ${packageName} is not installed. Run "npm ci", then run this again.`);
  }
  const { bin } = JSON.parse(readFileSync(packageFile, 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[toolName]);
}

/**
 * Runs npm itself: as a script of this Node where npm started us, else by its name.
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function runNpm(args, options = {}) {
  const npmScript = process.env.npm_execpath;
  if (npmScript && path.basename(npmScript) === 'npm-cli.js') {
    return runProgram(process.execPath, [npmScript, ...args], options);
  }
  // On Windows npm is a `.cmd` file, which only a shell starts; the arguments here are our own fixed words.
  return runProgram('npm', args, { ...options, usesShell: process.platform === 'win32' });
}
