// The built decode worker on awkward pictures: what it hands to the network is what a person sees.

import { readdirSync, readFileSync } from 'node:fs';
import { inProject, siteFolder } from '../scripts/setup/paths.mjs';
import { expect, test } from './studioTest.ts';

interface ExpectedPicture {
  readonly isReadable: boolean;
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** Colours of the quarters: top left, top right, bottom left, bottom right; the fourth number is alpha. */
  readonly quarters?: readonly (readonly number[])[] | null;
}

interface Decoded {
  readonly size: { readonly widthPx: number; readonly heightPx: number } | { readonly sentence: string };
  readonly quarters: readonly (readonly number[])[];
}

const pictures: Record<string, ExpectedPicture> = JSON.parse(
  readFileSync(inProject('fixtures', 'images', 'expected.json'), 'utf8'),
);
/** JPEG is lossy and mixes colours near edges; the quarters are read in their middle. */
const tolerance = 12;

/** What is refused for its bytes alone never comes to a decoder. */
const openedPictures = Object.entries(pictures).filter(([name]) => name !== 'truncated.jpg');

const kinds = {
  'what browsers open is decoded as it is seen, and what is no picture is refused': openedPictures.filter(
    ([name]) => !name.endsWith('.tif'),
  ),
  'a TIFF is decoded as it is meant, or refused with the reason': openedPictures.filter(([name]) =>
    name.endsWith('.tif'),
  ),
};

for (const [title, group] of Object.entries(kinds)) {
  test(title, async ({ page }) => {
    await page.goto('/?replay=smallRun');
    const worker = readdirSync(`${siteFolder}/assets`).find((file) => file.startsWith('decode.worker'));
    expect(group.length).toBeGreaterThan(4);
    for (const [name, expected] of group) {
      const bytes = [...readFileSync(inProject('fixtures', 'images', name))];
      const decoded = await page.evaluate(decodeInWorker, { worker: `assets/${worker}`, bytes });
      checkDecoded(name, expected, decoded);
    }
  });
}

function checkDecoded(name: string, expected: ExpectedPicture, decoded: Decoded): void {
  if (!expected.isReadable) {
    const why = name.endsWith('.tif') ? /^The TIFF .* Save/ : /cannot open it/;
    expect.soft(decoded.size, name).toEqual({ sentence: expect.stringMatching(why) });
    return;
  }
  expect.soft(decoded.size, name).toMatchObject({ widthPx: expected.widthPx, heightPx: expected.heightPx });
  for (const [index, quarter] of (expected.quarters ?? []).entries()) {
    const alpha = (quarter[3] ?? 255) / 255;
    for (const channel of [0, 1, 2]) {
      const onWhite = (quarter[channel] ?? 0) * alpha + 255 * (1 - alpha);
      const value = decoded.quarters[index]?.[channel] ?? Number.NaN;
      expect
        .soft(Math.abs(value - onWhite), `${name}: quarter ${index}, channel ${channel}`)
        .toBeLessThanOrEqual(tolerance);
    }
  }
}

/** Runs in the page: asks the worker for the size and for the centre square at 16 px, and reads its four quarters. */
async function decodeInWorker({ worker, bytes }: { worker: string; bytes: number[] }): Promise<Decoded> {
  const decoder = new Worker(worker, { type: 'module' });
  const file = new Blob([new Uint8Array(bytes)]);
  const ask = (request: object) =>
    new Promise<{ ok: boolean; value: { rgb: Uint8Array }; error: { sentence: string } }>((resolve, reject) => {
      decoder.onmessage = ({ data }) => resolve(data);
      decoder.onerror = () => reject(new Error('The decode worker did not start.'));
      decoder.postMessage({ id: 1, file, ...request });
    });
  const size = await ask({ kind: 'measure' });
  if (!size.ok) return { size: { sentence: size.error.sentence }, quarters: [] };
  const square = await ask({ kind: 'centreSquare', sizePx: 16 });
  const at = (x: number, y: number) => [...square.value.rgb.subarray((y * 16 + x) * 3, (y * 16 + x) * 3 + 3)];
  return {
    // The worker answers `measure` with a size.
    size: size.value as unknown as { widthPx: number; heightPx: number },
    quarters: [at(4, 4), at(11, 4), at(4, 11), at(11, 11)],
  };
}

test('a large JPEG gives nearly the same pixels whether this browser can decode it smaller or not', async ({
  page,
}) => {
  await page.goto('/?replay=smallRun');
  const worker = readdirSync(`${siteFolder}/assets`).find((file) => file.startsWith('decode.worker'));
  // The same worker in a browser that has no such decoder.
  await page.route('**/decode.worker*?whole', async (route) => {
    const response = await route.fetch({ url: route.request().url().replace('?whole', '') });
    await route.fulfill({ response, body: `self.ImageDecoder = undefined;\n${await response.text()}` });
  });
  const found = await page.evaluate(compareDecoders, `assets/${worker}`);
  for (const { kind, sizes, meanDifference, largestDifference } of found) {
    expect.soft(sizes[0], kind).toEqual(sizes[1]);
    // Not the very same: else the smaller decoding would never have been used.
    expect.soft(meanDifference, kind).toBeGreaterThan(0);
    expect.soft(meanDifference, kind).toBeLessThan(2);
    expect.soft(largestDifference, kind).toBeLessThan(24);
  }
  expect(found.map(({ kind }) => kind)).toEqual(['centreSquare', 'whole', 'squashed', 'measure']);
});

/** Runs in the page: draws rings, and lets both workers decode them in every way. */
async function compareDecoders(worker: string) {
  const canvas = new OffscreenCanvas(901, 600);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  const picture = context.createImageData(901, 600);
  for (let pixel = 0; pixel < 901 * 600; pixel++) {
    const distance = Math.hypot((pixel % 901) - 500, Math.floor(pixel / 901) - 280);
    const ring = 127.5 + 100 * Math.sin(distance ** 1.4 / 60);
    picture.data.set([ring, 255 - ring, 0.4 * ring + 60, 255], pixel * 4);
  }
  context.putImageData(picture, 0, 0);
  const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  const workers = [worker, `${worker}?whole`].map((address) => new Worker(address, { type: 'module' }));
  interface Reply {
    readonly value: {
      readonly widthPx: number;
      readonly heightPx: number;
      readonly originalWidthPx?: number;
      readonly rgb?: Uint8Array;
      readonly glance?: Uint8Array;
    };
  }
  const ask = (decoder: Worker, request: object) =>
    new Promise<Reply['value']>((resolve, reject) => {
      decoder.onmessage = ({ data }: MessageEvent<Reply>) => resolve(data.value);
      decoder.onerror = () => reject(new Error('The decode worker did not start.'));
      decoder.postMessage({ id: 1, file, ...request });
    });
  const results = [];
  for (const kind of ['centreSquare', 'whole', 'squashed', 'measure']) {
    const answers = [];
    for (const decoder of workers) answers.push(await ask(decoder, { kind, sizePx: 96 }));
    const sizes = answers.map(({ widthPx, heightPx, originalWidthPx }) => [widthPx, heightPx, originalWidthPx]);
    const [scaled, whole] = answers.map(({ rgb, glance }) => rgb ?? glance ?? new Uint8Array());
    const differences = Array.from(scaled ?? [], (value, index) => Math.abs(value - (whole?.[index] ?? Number.NaN)));
    const meanDifference = differences.reduce((sum, each) => sum + each, 0) / differences.length;
    results.push({ kind, sizes, meanDifference, largestDifference: Math.max(...differences) });
  }
  return results;
}
