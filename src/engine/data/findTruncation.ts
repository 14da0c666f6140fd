// Browsers show the first half of a picture that was cut short, and training on it would go unnoticed. Each format says
// where it ends; a file that stops before is truncated.

import type { PictureFormat } from './sniffPicture.ts';

const JPEG_START_OF_SCAN = 0xda;
const JPEG_END = 0xd9;

/** True when the bytes stop before the format's own end. Formats without a sure sign are believed. */
export function isTruncated(format: PictureFormat, bytes: Uint8Array): boolean {
  switch (format) {
    case 'jpeg':
      return !hasJpegEnd(bytes);
    case 'png':
      return !endsWithPngEnd(bytes);
    case 'webp':
      return bytes.length < 8 + readUint32(bytes, 4);
    case 'gif':
    case 'bmp':
    case 'avif':
    case 'heic':
    case 'tiff':
      return false;
  }
}

/** Looks for the end marker after the first scan: an embedded thumbnail has an end marker of its own, before it. */
function hasJpegEnd(bytes: Uint8Array): boolean {
  let at = 2;
  while (at + 3 < bytes.length && bytes[at + 1] !== JPEG_START_OF_SCAN) {
    const isMarker = bytes[at] === 0xff && bytes[at + 1] !== 0xff && bytes[at + 1] !== 0;
    at += isMarker ? 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) : 1;
  }
  // Inside a scan every 0xff that is data is followed by 0, so this pair can only be the end.
  for (let i = at; i + 1 < bytes.length; i++) {
    if (bytes[i] === 0xff && bytes[i + 1] === JPEG_END) return true;
  }
  return false;
}

/** Some writers add bytes after the last chunk, so it is looked for near the end, not at it. */
function endsWithPngEnd(bytes: Uint8Array): boolean {
  const tail = bytes.subarray(-1024);
  return String.fromCharCode(...tail).includes('IEND');
}

/** Little-endian. */
function readUint32(bytes: Uint8Array, at: number): number {
  return [0, 1, 2, 3].reduce((sum, step) => sum + (bytes[at + step] ?? 0) * 256 ** step, 0);
}
