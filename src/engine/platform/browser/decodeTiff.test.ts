import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { decodeTiff } from './decodeTiff.ts';

interface ExpectedPicture {
  readonly isReadable: boolean;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly quarters: readonly (readonly number[])[];
  readonly note: string;
}

const fixtures: Record<string, ExpectedPicture> = JSON.parse(readFileSync('fixtures/images/expected.json', 'utf8'));
const tiffs = Object.entries(fixtures).filter(([name]) => name.endsWith('.tif'));
const open = (name: string) => new Uint8Array(readFileSync(`fixtures/images/${name}`));

/** JPEG rounds, and so does a TIFF's division by alpha. */
const TOLERANCE = 4;

describe('a TIFF', () => {
  test.each(tiffs.filter(([, { isReadable }]) => isReadable))('%s is opened as it is meant', async (name, expected) => {
    const { widthPx, heightPx, data } = await decodeTiff(new Blob([open(name)]));
    expect({ widthPx, heightPx }).toEqual({ widthPx: expected.widthPx, heightPx: expected.heightPx });
    expected.quarters.forEach((quarter, index) => {
      const x = Math.floor(((index % 2) * 0.5 + 0.25) * widthPx);
      const y = Math.floor((Math.floor(index / 2) * 0.5 + 0.25) * heightPx);
      const found = data.subarray((y * widthPx + x) * 4, (y * widthPx + x) * 4 + 4);
      [...quarter, 255].slice(0, 4).forEach((value, channel) => {
        expect(
          Math.abs((found[channel] as number) - value),
          `quarter ${index}, channel ${channel}`,
        ).toBeLessThanOrEqual(TOLERANCE);
      });
    });
  });

  test.each([
    ['bands.tif', '5 bands'],
    ['fractions.tif', '32-bit'],
    ['short.tif', 'cut short'],
    ['jpeg.tif', 'number 7'],
  ])('%s is refused with a sentence that says why', async (name, why) => {
    const opened = decodeTiff(new Blob([open(name)]));
    await expect(opened).rejects.toThrow(EngineError);
    await expect(opened).rejects.toThrow(why);
  });

  test('with any bytes of it changed or lost opens as a picture of its size or is refused in a sentence', async () => {
    const names = tiffs.map(([name]) => name);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        fc.option(fc.nat(), { freq: 4 }),
        fc.boolean(),
        async (name, changes, cut, isInHeader) => {
          const whole = open(name);
          for (const [place, value] of changes)
            whole[place % (isInHeader ? Math.min(300, whole.length) : whole.length)] = value;
          const bytes = cut === null ? whole : whole.subarray(0, cut % whole.length);
          try {
            const { widthPx, heightPx, data } = await decodeTiff(new Blob([bytes]));
            expect(data.length).toBe(widthPx * heightPx * 4);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(EngineError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
