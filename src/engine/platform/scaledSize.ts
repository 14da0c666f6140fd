// How large a picture gets when its shorter side is scaled to a size. Transforms are drawn by it and the resampler keeps to it.

import type { PictureSize } from './ports.ts';

/** max(floor(side * size / shorter), size) for both sides (LESSON section 6.1). */
export function scaledSize({ widthPx, heightPx }: PictureSize, sizePx: number): PictureSize {
  const ratio = sizePx / Math.min(widthPx, heightPx);
  // A side that should come out whole can land a hair below it in floating point.
  const scaled = (side: number) => Math.max(Math.floor(side * ratio + 1e-9), sizePx);
  return { widthPx: scaled(widthPx), heightPx: scaled(heightPx) };
}
