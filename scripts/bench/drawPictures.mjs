// @ts-check
// Draws a large folder of pictures to measure with: `node scripts/bench/drawPictures.mjs DIR [COUNT] [SIDE]`. Four classes that any
// network tells apart, one quarter to check with, no two files alike, the same files every time. Node built-ins only.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { runScript, SetupError } from '../setup/setupError.mjs';

/** Whether a point of the unit square, its origin in the middle of the shape, is inside. */
const classes = {
  discs: (/** @type {number} */ x, /** @type {number} */ y) => x * x + y * y < 1,
  frames: (/** @type {number} */ x, /** @type {number} */ y) =>
    Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.abs(x * y) > 0.2,
  stripes: (/** @type {number} */ x, /** @type {number} */ y) =>
    Math.abs(x) < 1 && Math.abs(y) < 1 && Math.sin(9 * x) > 0,
  wedges: (/** @type {number} */ x, /** @type {number} */ y) => y > -1 && y < 1 && Math.abs(x) < (y + 1) / 2,
};

/** @param {number} seed */
function createRandom(seed) {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param {string} type
 * @param {Buffer} content
 */
function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type), content]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(content.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/**
 * @param {Buffer} rows each with a filter byte in front
 * @param {number} sidePx
 */
function encodePng(rows, sidePx) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(sidePx, 0);
  header.writeUInt32BE(sidePx, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = chunk('IDAT', deflateSync(rows, { level: 1 }));
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

/**
 * A shape on a ground that brightens to one side, each in a colour of its own.
 * @param {(x: number, y: number) => boolean} isInside
 * @param {number} seed
 * @param {number} sidePx
 */
function drawPicture(isInside, seed, sidePx) {
  const random = createRandom(seed);
  const [radius, left, top] = [0.15 + 0.2 * random(), 0.35 + 0.3 * random(), 0.35 + 0.3 * random()];
  const ink = [0, 1, 2].map(() => Math.floor(120 * random()));
  const ground = [0, 1, 2].map(() => 150 + Math.floor(70 * random()));
  const slope = 30 * random();
  const rows = Buffer.alloc(sidePx * (1 + 3 * sidePx));
  for (let row = 0, at = 0; row < sidePx; row++) {
    rows[at++] = 0;
    for (let column = 0; column < sidePx; column++) {
      const [x, y] = [column / sidePx, row / sidePx];
      const colour = isInside((x - left) / radius, (y - top) / radius) ? ink : ground;
      const light = Math.floor(slope * x);
      for (const channel of colour) rows[at++] = channel + light;
    }
  }
  return encodePng(rows, sidePx);
}

runScript(async () => {
  const [folder, countText = '20000', sideText = '256'] = process.argv.slice(2);
  const [count, sidePx] = [Number(countText), Number(sideText)];
  if (!folder || !Number.isInteger(count) || !Number.isInteger(sidePx)) {
    throw new SetupError('node scripts/bench/drawPictures.mjs DIR [COUNT] [SIDE]', 2);
  }
  const shapes = Object.entries(classes);
  for (let index = 0; index < count; index++) {
    const [name, isInside] = /** @type {(typeof shapes)[number]} */ (shapes[index % shapes.length]);
    const split = Math.floor(index / shapes.length) % 4 === 3 ? 'valid' : 'train';
    const place = path.join(folder, split, name);
    if (index < 4 * shapes.length) mkdirSync(place, { recursive: true });
    writeFileSync(path.join(place, `${index}.png`), drawPicture(isInside, index, sidePx));
  }
  console.log(`${count} pictures of ${sidePx} × ${sidePx} pixels in ${folder}`);
});
