// How large a picture says it is, read off its first bytes: a file of a few kilobytes can claim gigapixels, and a decoder believes it.

import type { PictureSize } from '../platform/ports.ts';
import type { PictureFormat } from './sniffPicture.ts';

/** The size that the file claims, or null where the header does not say it in the place where it must. */
export function readHeaderSize(format: PictureFormat, bytes: Uint8Array): PictureSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return READERS[format](view);
  } catch (thrown) {
    // The header ends before its size.
    if (thrown instanceof RangeError) return null;
    throw thrown;
  }
}

const READERS: Readonly<Record<PictureFormat, (view: DataView) => PictureSize | null>> = {
  png: readPng,
  gif: readGif,
  bmp: readBmp,
  webp: readWebp,
  jpeg: readJpeg,
  avif: readIspe,
  heic: readIspe,
  tiff: readTiff,
};

/** IHDR is the first chunk of every PNG. */
function readPng(view: DataView): PictureSize | null {
  if (readText(view, 12) !== 'IHDR') return null;
  return { widthPx: view.getUint32(16), heightPx: view.getUint32(20) };
}

/** The screen; frames lie inside it. */
function readGif(view: DataView): PictureSize {
  return { widthPx: view.getUint16(6, true), heightPx: view.getUint16(8, true) };
}

/** The old header has 16 bits for a side, all later ones 32 with a sign: rows from the top down have a negative height. */
function readBmp(view: DataView): PictureSize {
  const isOld = view.getUint32(14, true) === 12;
  if (isOld) return { widthPx: view.getUint16(18, true), heightPx: view.getUint16(20, true) };
  return { widthPx: Math.abs(view.getInt32(18, true)), heightPx: Math.abs(view.getInt32(22, true)) };
}

function readWebp(view: DataView): PictureSize | null {
  const kind = readText(view, 12);
  if (kind === 'VP8X') return { widthPx: 1 + readUint24(view, 24), heightPx: 1 + readUint24(view, 27) };
  if (kind === 'VP8 ') {
    return { widthPx: view.getUint16(26, true) & 0x3fff, heightPx: view.getUint16(28, true) & 0x3fff };
  }
  if (kind !== 'VP8L') return null;
  const bits = view.getUint32(21, true);
  return { widthPx: 1 + (bits & 0x3fff), heightPx: 1 + ((bits >>> 14) & 0x3fff) };
}

const JPEG_START_OF_SCAN = 0xda;

/** The largest of the frame headers before the first scan: a second one would be another claim. */
function readJpeg(view: DataView): PictureSize | null {
  let found: PictureSize | null = null;
  for (let at = 2; at + 3 < view.byteLength; ) {
    const marker = view.getUint8(at + 1);
    if (view.getUint8(at) !== 0xff || marker === 0xff || marker === 0) {
      at += 1;
      continue;
    }
    if (marker === JPEG_START_OF_SCAN) break;
    if (isFrameHeader(marker)) {
      found = largerOf(found, { widthPx: view.getUint16(at + 7), heightPx: view.getUint16(at + 5) });
    }
    at += 2 + view.getUint16(at + 2);
  }
  return found;
}

/** SOF0 to SOF15, without the three of that range that are tables. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** As far as boxes of properties may reach; the picture's own data come after them. */
const ISPE_SEARCHED_BYTES = 65_536;

/** The largest `ispe` box: a grid's, or that of its largest tile. */
function readIspe(view: DataView): PictureSize | null {
  let found: PictureSize | null = null;
  const end = Math.min(view.byteLength - 16, ISPE_SEARCHED_BYTES);
  for (let at = 4; at <= end; at++) {
    if (view.getUint32(at) !== 0x69737065) continue;
    found = largerOf(found, { widthPx: view.getUint32(at + 8), heightPx: view.getUint32(at + 12) });
  }
  return found;
}

const TIFF_WIDTH = 256;
const TIFF_HEIGHT = 257;
/** Bytes of an entry of a directory: tag, type, count, value. */
const TIFF_ENTRY_BYTES = 12;

/** The first directory's; a picture of sides that fit 16 bits may have them as such. */
function readTiff(view: DataView): PictureSize | null {
  const isLittle = view.getUint8(0) === 0x49;
  const directory = view.getUint32(4, isLittle);
  const entryCount = view.getUint16(directory, isLittle);
  const sides = new Map<number, number>();
  for (let entry = 0; entry < entryCount; entry++) {
    const at = directory + 2 + entry * TIFF_ENTRY_BYTES;
    const isShort = view.getUint16(at + 2, isLittle) === 3;
    const value = isShort ? view.getUint16(at + 8, isLittle) : view.getUint32(at + 8, isLittle);
    sides.set(view.getUint16(at, isLittle), value);
  }
  const widthPx = sides.get(TIFF_WIDTH);
  const heightPx = sides.get(TIFF_HEIGHT);
  return widthPx === undefined || heightPx === undefined ? null : { widthPx, heightPx };
}

function largerOf(a: PictureSize | null, b: PictureSize): PictureSize {
  return a !== null && a.widthPx * a.heightPx >= b.widthPx * b.heightPx ? a : b;
}

function readUint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
}

function readText(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((step) => view.getUint8(at + step)));
}
