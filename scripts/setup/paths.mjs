// @ts-check
// Where things are: every script takes its places from here. Node built-ins only.

import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @param {...string} parts path parts below the project's root */
export function inProject(...parts) {
  return path.join(projectRoot, ...parts);
}

/** Notes that scripts leave for one another: build stamp, test reports. Ignored by git, safe to delete. */
export const setupFolder = inProject('.setup');
export const siteFolder = inProject('dist');
