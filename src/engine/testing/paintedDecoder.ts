// Memory pictures with something on them, for tests in which it matters where a pixel comes from: waves over the file's own colour,
// resized by the resampler that browsers use.

import {
  type RgbaPixels,
  resizeSquashed,
  resizeToCentreSquare,
  resizeToGlance,
  resizeWhole,
} from '../data/areaResize.ts';
import { type MemoryPicture, readPictureFile } from '../platform/memory/memoryPlatform.ts';
import type { PictureDecoder } from '../platform/ports.ts';

export function createPaintedDecoder(): PictureDecoder {
  const open = async (file: Blob) => {
    const pixels = paintWaves(await readPictureFile(file));
    return { pixels, original: { originalWidthPx: pixels.widthPx, originalHeightPx: pixels.heightPx } };
  };
  const asSquare = async (file: Blob, sizePx: number, resize: (source: RgbaPixels, sizePx: number) => Uint8Array) => {
    const { pixels, original } = await open(file);
    return { ...original, widthPx: sizePx, heightPx: sizePx, rgb: resize(pixels, sizePx) };
  };
  return {
    concurrency: 2,
    measure: async (file) => {
      const { pixels } = await open(file);
      return { widthPx: pixels.widthPx, heightPx: pixels.heightPx, glance: resizeToGlance(pixels) };
    },
    decodeCentreSquare: (file, sizePx) => asSquare(file, sizePx, resizeToCentreSquare),
    decodeSquashed: (file, sizePx) => asSquare(file, sizePx, resizeSquashed),
    decodeWhole: async (file, sizePx) => {
      const { pixels, original } = await open(file);
      return { ...original, ...resizeWhole(pixels, sizePx) };
    },
  };
}

/** Brighter to the right, with waves down; no two columns are alike. */
function paintWaves({ widthPx, heightPx, rgb }: MemoryPicture): RgbaPixels {
  const data = Uint8ClampedArray.from({ length: widthPx * heightPx * 4 }, (_, at) => {
    const [channel, pixel] = [at % 4, Math.floor(at / 4)];
    if (channel === 3) return 255;
    const [right, down] = [(pixel % widthPx) / widthPx, Math.floor(pixel / widthPx) / heightPx];
    return 0.6 * (rgb[channel] as number) + 80 * right + 20 * Math.sin(12 * down + channel);
  });
  return { widthPx, heightPx, data };
}
