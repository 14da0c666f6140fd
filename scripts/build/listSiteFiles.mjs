// @ts-check
// A Vite plugin: writes the list of the built site's files, with their hashes, into its service worker. A change of any file
// changes the worker's text, which is how browsers notice a new version.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { siteHeaders } from './siteHeaders.mjs';

const WORKER = 'serviceWorker.js';
const PLACE = 'WINDOWBOX_SITE_FILES';

/** @typedef {'page' | 'ahead' | 'onUse'} KeptWhen */

/**
 * @param {readonly string[]} paths of all files of the site
 * @param {readonly string[]} pageFiles what the studio's page may ever load of the bundle
 * @param {readonly string[]} firstWeights ids of the networks that a first run uses
 * @returns {Map<string, KeptWhen>}
 */
export function sortSiteFiles(paths, pageFiles, firstWeights) {
  const ofPage = new Set(pageFiles);
  const firstFiles = new Set(firstWeights.map((id) => `weights/${id}.safetensors`));
  /** @param {string} file @returns {KeptWhen | null} */
  const whenKept = (file) => {
    if (file === 'index.html' || ofPage.has(file)) return 'page';
    // Networks are chosen from their cards, all of which are read for it.
    if (file.startsWith('sample/') || /^weights\/.*\.json$/.test(file) || firstFiles.has(file)) return 'ahead';
    if (file.startsWith('weights/')) return 'onUse';
    // The bench and its files are for whoever measures, at home.
    return null;
  };
  /** @type {Map<string, KeptWhen>} */
  const sorted = new Map();
  for (const file of [...paths].sort()) {
    const when = whenKept(file);
    if (when) sorted.set(file, when);
  }
  return sorted;
}

/**
 * @param {{ firstWeights: readonly string[] }} options `firstWeights`: networks whose weights are kept from the first visit on. All of
 *   them would make a look at the page cost a hundred megabytes, so the others are kept when they are first used
 * @returns {import('vite').Plugin}
 */
export function listSiteFiles({ firstWeights }) {
  return {
    name: 'windowbox:list-site-files',
    apply: 'build',
    writeBundle: {
      order: 'post',
      sequential: true,
      handler({ dir }) {
        const folder = dir ?? 'dist';
        const paths = listFiles(folder);
        const assets = paths.filter((file) => file.startsWith('assets/'));
        const sorted = sortSiteFiles(paths, findPageFiles(folder, assets), firstWeights);
        /** @type {Record<KeptWhen, { path: string, sha256: string }[]>} */
        const lists = { page: [], ahead: [], onUse: [] };
        for (const [file, when] of sorted) {
          lists[when].push({ path: file, sha256: hash(readFileSync(path.join(folder, file))) });
        }
        const version = hash(JSON.stringify([lists, siteHeaders])).slice(0, 16);
        const workerFile = path.join(folder, WORKER);
        const text = readFileSync(workerFile, 'utf8');
        const files = JSON.stringify({ version, ...lists, headers: siteHeaders });
        if (text.split(PLACE).length !== 2) throw new Error(`${WORKER} does not name ${PLACE} once.`);
        writeFileSync(
          workerFile,
          text.replace(PLACE, () => files),
        );
      },
    },
  };
}

/**
 * What the studio's page may ever load: files named in its text, in theirs, and so on. Workers and their files are not tied to
 * a page in the bundle's own books, and names of built files are like no other word.
 * @param {string} folder
 * @param {readonly string[]} assets their paths
 * @returns {string[]}
 */
function findPageFiles(folder, assets) {
  const names = new Map(assets.map((file) => [path.basename(file), file]));
  /** @type {Set<string>} */
  const found = new Set();
  const unread = ['index.html'];
  for (let file = unread.pop(); file !== undefined; file = unread.pop()) {
    if (!/\.(html|js|css)$/.test(file)) continue;
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [name, place] of names) {
      if (found.has(place) || !text.includes(name)) continue;
      found.add(place);
      unread.push(place);
    }
  }
  return [...found];
}

/**
 * @param {string} folder
 * @returns {string[]} paths with `/`, inside the folder
 */
function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}

/** @param {string | Uint8Array} content */
function hash(content) {
  return createHash('sha256').update(content).digest('hex');
}
