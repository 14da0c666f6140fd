// Large JPEGs, decoded at an eighth to a half of their sides: what the decoder leaves out need not be read back, and reading back is
// what takes long. Only where the browser has ImageDecoder; elsewhere pictures are decoded whole.

import type { RgbaPixels } from '../../data/areaResize.ts';
import { readHeaderSize } from '../../data/pictureHeader.ts';
import { sniffPicture } from '../../data/sniffPicture.ts';
import { uprightPixels } from '../../data/uprightPixels.ts';
import type { PictureSize } from '../ports.ts';

export interface ScaledJpeg {
  readonly pixels: RgbaPixels;
  /** Upright. */
  readonly original: PictureSize;
}

/** Where a JPEG says its size, behind a camera's notes and its small picture; where it says so later, it is decoded whole. */
const HEADER_BYTES = 2 ** 16;

/** For each pixel of the square that is wanted: a JPEG of four times as many has hardly less, so its header need not be read. */
const FEWEST_BYTES = 0.25;

/** JPEG decoders scale by eighths: each block of 8 × 8 pixels becomes one of fewer. */
const EIGHTHS = 8;
/** Beyond half of a side the browser's other way is as fast, and the pixels are those that every browser sees. */
const MOST_EIGHTHS = 4;

/** Chromium's; the types that TypeScript knows leave them out. Rotation is clockwise, in degrees; the flip comes after it. */
interface TurnedFrame {
  readonly rotation?: number;
  readonly flip?: boolean;
}

/** EXIF's orientation by the rotation of a frame; the second where it is flipped too. */
const ORIENTATIONS: Readonly<Record<number, readonly [number, number]>> = {
  0: [1, 2],
  90: [6, 5],
  180: [3, 4],
  270: [8, 7],
};

/**
 * At the smallest size whose shorter side is no shorter than `leastPx`; null where that is more than half of it, where the file is no JPEG, or
 * where this browser cannot.
 */
export async function decodeScaledJpeg(file: Blob, leastPx: number): Promise<ScaledJpeg | null> {
  if (typeof ImageDecoder === 'undefined' || file.size < leastPx ** 2 * FEWEST_BYTES) return null;
  const start = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
  const stored = sniffPicture(start) === 'jpeg' ? readHeaderSize('jpeg', start) : null;
  const wanted = stored && chooseSize(stored, leastPx);
  if (!stored || !wanted) return null;
  const data = file.size <= start.length ? start : await file.arrayBuffer();
  const decoder = new ImageDecoder({
    ...{ type: 'image/jpeg', data, colorSpaceConversion: 'none' },
    ...{ desiredWidth: wanted.widthPx, desiredHeight: wanted.heightPx },
  });
  try {
    const { image } = await decoder.decode();
    try {
      return await readFrame(image, stored, wanted.eighths);
    } finally {
      image.close();
    }
  } catch {
    // Whoever decodes it whole finds the right words.
    return null;
  } finally {
    decoder.close();
  }
}

export interface WantedSize extends PictureSize {
  readonly eighths: number;
}

/** Null where it would be more than half of the picture's. Chromium rounds down to eighths, so that exact ones are asked for. */
export function chooseSize({ widthPx, heightPx }: PictureSize, leastPx: number): WantedSize | null {
  for (let eighths = 1; eighths <= MOST_EIGHTHS; eighths++) {
    const scale = (side: number) => Math.ceil((side * eighths) / EIGHTHS);
    if (scale(Math.min(widthPx, heightPx)) >= leastPx) {
      return { widthPx: scale(widthPx), heightPx: scale(heightPx), eighths };
    }
  }
  return null;
}

/** Null where the frame does not say how it is turned, or is of another size than was asked for. */
async function readFrame(
  frame: VideoFrame & TurnedFrame,
  stored: PictureSize,
  eighths: number,
): Promise<ScaledJpeg | null> {
  const orientation = frame.rotation === undefined ? undefined : ORIENTATIONS[frame.rotation]?.[frame.flip ? 1 : 0];
  if (orientation === undefined) return null;
  const { codedWidth: widthPx, codedHeight: heightPx } = frame;
  // Sides are rounded up: each pixel still stands for eight of so many, and the last ones reach beyond the picture.
  const right = widthPx - (stored.widthPx * eighths) / EIGHTHS;
  const bottom = heightPx - (stored.heightPx * eighths) / EIGHTHS;
  if (right < 0 || right >= 1 || bottom < 0 || bottom >= 1) return null;
  const data = new Uint8ClampedArray(widthPx * heightPx * 4);
  await frame.copyTo(data, { format: 'RGBA' });
  // The fourth byte of a picture without alpha is whatever the decoder left there.
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
  const isTurned = orientation > 4;
  return {
    pixels: uprightPixels({ widthPx, heightPx, data, beyond: { left: 0, top: 0, right, bottom } }, orientation),
    original: isTurned ? { widthPx: stored.heightPx, heightPx: stored.widthPx } : stored,
  };
}
