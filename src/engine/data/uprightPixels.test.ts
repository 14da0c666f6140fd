import { expect, test } from 'vitest';
import type { RgbaPixels } from './areaResize.ts';
import { uprightPixels } from './uprightPixels.ts';

/** Three columns, two rows: a b c above d e f. */
const SHOWN = ['abc', 'def'];

function paint(rows: readonly string[]): RgbaPixels {
  const data = new Uint8ClampedArray(rows.join('').length * 4);
  [...rows.join('')].forEach((letter, index) => {
    data.fill(letter.charCodeAt(0), index * 4, index * 4 + 4);
  });
  return { widthPx: (rows[0] as string).length, heightPx: rows.length, data };
}

function read({ widthPx, heightPx, data }: RgbaPixels): readonly string[] {
  const letterAt = (x: number, y: number) => String.fromCharCode(data[(y * widthPx + x) * 4] as number);
  return Array.from({ length: heightPx }, (_, y) =>
    Array.from({ length: widthPx }, (__, x) => letterAt(x, y)).join(''),
  );
}

/** What a file holds whose picture is SHOWN: EXIF 2.32 names, for each orientation, the sides that the 0th row and column are. */
const STORED: readonly (readonly [number, string, readonly string[]])[] = [
  [1, 'top, left', ['abc', 'def']],
  [2, 'top, right', ['cba', 'fed']],
  [3, 'bottom, right', ['fed', 'cba']],
  [4, 'bottom, left', ['def', 'abc']],
  [5, 'left, top', ['ad', 'be', 'cf']],
  [6, 'right, top', ['cf', 'be', 'ad']],
  [7, 'right, bottom', ['fc', 'eb', 'da']],
  [8, 'left, bottom', ['da', 'eb', 'fc']],
];

for (const [orientation, sides, stored] of STORED) {
  test(`a picture stored in orientation ${orientation} (${sides}) is shown upright`, () => {
    expect(read(uprightPixels(paint(stored), orientation))).toEqual(SHOWN);
  });
}

test('what lies beyond the edges turns with the picture', () => {
  // Stored lying on its side: its last column is shown as the bottom row, its last row as the first column.
  const stored = { ...paint(['cf', 'be', 'ad']), beyond: { left: 0, top: 0, right: 0.25, bottom: 0.5 } };
  expect(uprightPixels(stored, 6).beyond).toEqual({ left: 0.5, top: 0, right: 0, bottom: 0.25 });
  expect(uprightPixels(stored, 3).beyond).toEqual({ left: 0.25, top: 0.5, right: 0, bottom: 0 });
});

test('an orientation that there is none of leaves a picture as it is stored', () => {
  for (const orientation of [0, 9, 65_535, Number.NaN]) {
    expect(read(uprightPixels(paint(SHOWN), orientation))).toEqual(SHOWN);
  }
});
