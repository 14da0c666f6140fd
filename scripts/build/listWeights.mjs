// A Vite plugin: the page finds the weights that are here in weights/index.json, the ids of the cards in public/weights. The
// list is made when it is asked for, so that there is no file that could be out of date.
// @ts-check

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const LIST = 'weights/index.json';

/**
 * @param {string} folder public/weights
 * @returns {string[]} ids of weights that have both files, sorted
 */
export function listWeightsIds(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter((id) => existsSync(path.join(folder, `${id}.safetensors`)))
    .sort();
}

/** @returns {import('vite').Plugin} */
export function listWeights() {
  let folder = '';
  const list = () => `${JSON.stringify(listWeightsIds(folder))}\n`;
  return {
    name: 'windowbox:list-weights',
    configResolved({ publicDir }) {
      folder = path.join(publicDir, 'weights');
    },
    configureServer({ config, middlewares }) {
      middlewares.use(path.posix.join('/', config.base, LIST), (_request, response) => {
        response.setHeader('Content-Type', 'application/json');
        response.setHeader('Cache-Control', 'no-cache');
        response.end(list());
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: LIST, source: list() });
    },
  };
}
