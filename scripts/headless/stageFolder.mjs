// @ts-check
// The folder that the page is handed. Where a table or test pictures lie elsewhere, it is a folder of links to all of them, of the same
// name, laid out as the page reads folders; the person's own folders are never written to. Node built-ins only.

import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SetupError } from '../setup/setupError.mjs';

/**
 * @typedef {object} StagedFolder
 * @property {string} folder
 * @property {string | null} tablePath of the asked-for table inside the folder, as the page writes paths
 * @property {() => void} remove takes the links away again
 */

const splitName = /^(train|val|test)(ing|id|idation)?([-_ \d].*)?$/i;
const isTable = /** @param {string} file */ (file) => /\.csv$/i.test(file);

/**
 * @param {string} folder
 * @returns {string[]} files below it, as paths inside it, without hidden ones
 */
function listFiles(folder) {
  return /** @type {string[]} */ (readdirSync(folder, { recursive: true })).filter(
    (file) => !file.split(path.sep).some((part) => part.startsWith('.')) && statSync(path.join(folder, file)).isFile(),
  );
}

/**
 * A link where the file system has them, else a copy.
 * @param {string} from
 * @param {string} to
 */
function linkFile(from, to) {
  mkdirSync(path.dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** @param {string} folder */
function listSplits(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && splitName.test(entry.name))
    .map(({ name }) => name);
}

/**
 * @param {{ dataFolder: string, labelsFile: string | null, testFolder: string | null }} options absolute paths
 * @returns {StagedFolder}
 * @throws {SetupError} when the folder has test pictures already
 */
export function stageFolder({ dataFolder, labelsFile, testFolder }) {
  const inside = labelsFile === null ? null : path.relative(dataFolder, labelsFile);
  const isInside = inside !== null && !inside.startsWith('..') && !path.isAbsolute(inside);
  const tablePath = inside === null ? null : (isInside ? inside : path.basename(inside)).replaceAll(path.sep, '/');
  if (testFolder === null && (labelsFile === null || isInside)) {
    return { folder: dataFolder, tablePath, remove: () => {} };
  }
  const splits = listSplits(dataFolder);
  const ownTest = splits.find((name) => /^test/i.test(name));
  if (testFolder !== null && ownTest !== undefined) {
    throw new SetupError(`--test: ${dataFolder} holds test pictures already, in ${ownTest}. Leave one of them out.`, 2);
  }
  const place = mkdtempSync(path.join(os.tmpdir(), 'windowbox-'));
  const folder = path.join(place, path.basename(dataFolder));
  const files = listFiles(dataFolder);
  const given = labelsFile !== null && !isInside ? labelsFile : null;
  // Class folders alone are all training pictures; beside a test folder they have to say so, or it would be a class.
  const isClassFolders = labelsFile === null && !files.some(isTable) && splits.length === 0;
  // Tables with the same header are read together: another one stands in the place of the folder's own.
  for (const file of files.filter((file) => given === null || !isTable(file))) {
    linkFile(path.join(dataFolder, file), path.join(folder, isClassFolders ? 'train' : '', file));
  }
  if (given !== null) linkFile(given, path.join(folder, path.basename(given)));
  if (testFolder !== null) {
    for (const file of listFiles(testFolder).filter((file) => !isTable(file))) {
      linkFile(path.join(testFolder, file), path.join(folder, 'test', path.basename(file)));
    }
  }
  return { folder, tablePath, remove: () => rmSync(place, { recursive: true, force: true }) };
}
