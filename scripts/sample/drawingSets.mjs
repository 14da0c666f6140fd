// @ts-check
// The drawing sets that the sample is made of, as installed from npm, and how one drawing becomes a picture.
// Only sets whose licence allows passing on derived pictures; the licence is read from the package and checked.

import { readFileSync } from 'node:fs';
import { Resvg } from '@resvg/resvg-js';
import { inProject } from '../setup/paths.mjs';

/** Licences that allow derived pictures to be passed on, with the source named. */
const acceptedLicences = ['Apache-2.0', 'MIT', 'CC-BY-4.0', 'CC-BY-SA-4.0'];

/**
 * @typedef {object} DrawingSet
 * @property {string} id
 * @property {string} name
 * @property {string} author
 * @property {string} projectUrl
 * @property {string} packageName
 * @property {string} packageVersion
 * @property {{ title: string, spdx: string, url: string }} licence
 * @property {{ icons: Record<string, Icon>, aliases?: Record<string, { parent: string }>, width: number, height: number }} data
 *
 * @typedef {{ body: string, width?: number, height?: number, left?: number, top?: number }} Icon
 */

/**
 * @param {string} id the set's name in iconify
 * @returns {DrawingSet}
 */
export function readDrawingSet(id) {
  const packageName = `@iconify-json/${id}`;
  /** @param {string} file */
  const readJson = (file) => JSON.parse(readFileSync(inProject('node_modules', packageName, file), 'utf8'));
  const info = readJson('info.json');
  if (!acceptedLicences.includes(info.license.spdx)) {
    throw new Error(`${packageName} has the licence ${info.license.spdx}, which is not one the sample may use.`);
  }
  return {
    id,
    name: info.name,
    author: info.author.name,
    projectUrl: info.author.url,
    packageName,
    packageVersion: readJson('package.json').version,
    licence: info.license,
    data: readJson('icons.json'),
  };
}

/**
 * Draws one thing on a white square.
 * @param {DrawingSet} set
 * @param {string} thing
 * @param {number} sizePx side of the picture
 * @param {number} marginShare empty border on each side, as a share of the drawing's side
 * @returns {Uint8Array} a PNG
 */
export function drawThing(set, thing, sizePx, marginShare) {
  const { icons, aliases, width: setWidth, height: setHeight } = set.data;
  const icon = icons[thing] ?? icons[aliases?.[thing]?.parent ?? ''];
  if (!icon) throw new Error(`${set.packageName} has no drawing named ${thing}.`);
  const width = icon.width ?? setWidth;
  const height = icon.height ?? setHeight;
  const side = Math.max(width, height) * (1 + 2 * marginShare);
  const left = (icon.left ?? 0) - (side - width) / 2;
  const top = (icon.top ?? 0) - (side - height) / 2;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${left} ${top} ${side} ${side}">${icon.body}</svg>`;
  const picture = new Resvg(svg, {
    fitTo: { mode: 'width', value: sizePx },
    background: '#ffffff',
    font: { loadSystemFonts: false },
  });
  return picture.render().asPng();
}
