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
