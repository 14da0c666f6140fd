// Turns pixels as a file stores them into the picture that a person sees, by the orientation that the file names (EXIF 2.32, tag 274).

import type { BeyondEdges, RgbaPixels } from './areaResize.ts';

/** Where the row and the column of the stored pixel come from, in the orientations 1 to 8: [is transposed, x mirrored, y mirrored]. */
const TURNS: readonly (readonly [boolean, boolean, boolean])[] = [
  [false, false, false],
  [false, true, false],
  [false, true, true],
  [false, false, true],
  [true, false, false],
  [true, false, true],
  [true, true, true],
  [true, true, false],
];

/** @param orientation 1 to 8; anything else is taken as 1, as viewers do. */
export function uprightPixels(stored: RgbaPixels, orientation: number): RgbaPixels {
  const turn = TURNS[orientation - 1];
  if (!turn || orientation === 1) return stored;
  const [isTransposed, isMirroredX, isMirroredY] = turn;
  const { widthPx, heightPx } = stored;
  const shownWidth = isTransposed ? heightPx : widthPx;
  const shownHeight = isTransposed ? widthPx : heightPx;
  const from = asWords(stored.data);
  const data = new Uint8ClampedArray(stored.data.length);
  const into = asWords(data);
  for (let y = 0; y < shownHeight; y++) {
    for (let x = 0; x < shownWidth; x++) {
      const column = isTransposed ? y : x;
      const row = isTransposed ? x : y;
      const storedX = isMirroredX ? widthPx - 1 - column : column;
      const storedY = isMirroredY ? heightPx - 1 - row : row;
      into[y * shownWidth + x] = from[storedY * widthPx + storedX] as number;
    }
  }
  const shown = { widthPx: shownWidth, heightPx: shownHeight, data };
  return stored.beyond ? { ...shown, beyond: turnEdges(stored.beyond, turn) } : shown;
}

function turnEdges(
  { left, top, right, bottom }: BeyondEdges,
  [isTransposed, isMirroredX, isMirroredY]: readonly [boolean, boolean, boolean],
): BeyondEdges {
  const [first, last] = isMirroredX ? [right, left] : [left, right];
  const [upper, lower] = isMirroredY ? [bottom, top] : [top, bottom];
  return isTransposed
    ? { left: upper, right: lower, top: first, bottom: last }
    : { left: first, right: last, top: upper, bottom: lower };
}

/** One number for each pixel. */
function asWords({ buffer, byteOffset, length }: Uint8ClampedArray): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / 4);
}
