// @ts-check
// Makes public/sample/: drawings.zip (train/CLASS, valid/CLASS), SOURCES.md and sample.json. The same bytes every time.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { planDrawings } from './drawingPlan.mjs';
import { drawThing, readDrawingSet } from './drawingSets.mjs';
import { sampleFolder, sampleVersion } from './ensureSample.mjs';
import { writeSourcesText } from './sourcesText.mjs';

const pictureSizePx = 160;
const marginShare = 0.08;
/** A zip entry holds local time, so a date made of local parts gives the same bytes everywhere. */
const fixedDate = new Date(2026, 0, 1);

/**
 * @param {readonly import('./drawingPlan.mjs').PlannedPicture[]} plan
 * @param {ReadonlyMap<string, import('./drawingSets.mjs').DrawingSet>} sets
 * @param {string} sourcesText
 * @returns {Promise<Uint8Array>} the zip
 */
async function zipDrawings(plan, sets, sourcesText) {
  const zip = new ZipWriter(new Uint8ArrayWriter(), {
    lastModDate: fixedDate,
    extendedTimestamp: false,
    dataDescriptor: false,
    useWebWorkers: false,
  });
  await zip.add('SOURCES.md', new TextReader(sourcesText), { level: 0 });
  for (const { split, className, setId, thing } of plan) {
    const set = sets.get(setId);
    if (!set) throw new Error(`The plan names the set ${setId}, which was not read.`);
    const png = drawThing(set, thing, pictureSizePx, marginShare);
    // PNG is compressed already.
    await zip.add(`${split}/${className}/${thing}.${setId}.png`, new Uint8ArrayReader(png), { level: 0 });
  }
  return zip.close();
}

const plan = planDrawings();
const setIds = [...new Set(plan.map((picture) => picture.setId))].sort();
const sets = new Map(setIds.map((id) => [id, readDrawingSet(id)]));
const sourcesText = writeSourcesText([...sets.values()], plan);
const zip = await zipDrawings(plan, sets, sourcesText);

mkdirSync(sampleFolder, { recursive: true });
writeFileSync(path.join(sampleFolder, 'SOURCES.md'), sourcesText);
writeFileSync(path.join(sampleFolder, 'drawings.zip'), zip);
const classes = [...new Set(plan.map((picture) => picture.className))].sort();
const trainCount = plan.filter((picture) => picture.split === 'train').length;
const validCount = plan.length - trainCount;
const summary = {
  name: 'Everyday drawings',
  sentence:
    `The sample is ${plan.length} drawings in ${classes.length} kinds (${classes.join(', ')}): ` +
    'three hands drew those to learn from, a fourth drew those to check with.',
  file: 'drawings.zip',
  sizeBytes: zip.length,
  pictureSizePx,
  classes,
  trainCount,
  validCount,
  sets: [...sets.values()].map(({ name, licence }) => ({ name, licence: licence.spdx })),
  version: sampleVersion(),
};
// Written last: its version says that the set is whole.
writeFileSync(path.join(sampleFolder, 'sample.json'), `${JSON.stringify(summary, null, 2)}\n`);
console.log(
  `Made ${trainCount} + ${validCount} drawings in ${classes.length} kinds, ${(zip.length / 1e6).toFixed(1)} MB.`,
);
