// One file -> pixels, with the browser's decoder and our own resampler. Runs in a decode worker.

import { EngineError } from '../../../protocol/errors.ts';
import type { StoredPicture } from '../../augment/pictureTransform.ts';
import {
  type RgbaPixels,
  resizeSquashed,
  resizeToCentreSquare,
  resizeToGlance,
  resizeWhole,
} from '../../data/areaResize.ts';
import { SNIFFED_BYTES, sniffPicture } from '../../data/sniffPicture.ts';
import type { DecodedPicture, MeasuredPicture, PictureSize } from '../ports.ts';
import { decodeScaledJpeg, type ScaledJpeg } from './scaledJpeg.ts';

/** Upright (EXIF applied), colours as stored, first frame of an animation, alpha kept for our own flattening. */
const BITMAP_OPTIONS: ImageBitmapOptions = {
  imageOrientation: 'from-image',
  colorSpaceConversion: 'none',
  premultiplyAlpha: 'none',
};

/** A picture that the browser has opened, or one that we unpacked ourselves. */
type Opened = ImageBitmap | RgbaPixels;

async function open(file: Blob): Promise<Opened> {
  try {
    return await createImageBitmap(file, BITMAP_OPTIONS);
  } catch {
    return await openOtherwise(file);
  }
}

/** What browsers do not open. Throws EngineError 'pictureUnreadable' or 'pictureUnsupported'. */
async function openOtherwise(file: Blob): Promise<RgbaPixels> {
  const format = sniffPicture(new Uint8Array(await file.slice(0, SNIFFED_BYTES).arrayBuffer()));
  if (format === 'tiff') {
    const { decodeTiff } = await import('./decodeTiff.ts');
    return await decodeTiff(file);
  }
  if (format === 'heic') {
    throw new EngineError(
      'pictureUnsupported',
      'This browser does not open HEIC pictures. Save it as JPEG; an iPhone makes JPEGs from now on when Settings, Camera, Formats says Most Compatible. Or open this page in Safari, which reads HEIC.',
    );
  }
  throw new EngineError('pictureUnreadable', 'The picture is damaged or cut short: this browser cannot open it.');
}

const isBitmap = (opened: Opened): opened is ImageBitmap => 'close' in opened;

/** At most so many pixels of a side are read back to look at a picture: reading all of a photograph takes longer than decoding it. */
const LOOKED_AT_PX = 128;

export async function measurePicture(file: Blob): Promise<MeasuredPicture> {
  const scaled = await decodeScaledJpeg(file, LOOKED_AT_PX);
  if (scaled) return { ...scaled.original, glance: resizeToGlance(scaled.pixels) };
  const opened = await open(file);
  if (!isBitmap(opened)) {
    const { widthPx, heightPx } = opened;
    return { widthPx, heightPx, glance: resizeToGlance(opened) };
  }
  try {
    const { width, height } = opened;
    return { widthPx: width, heightPx: height, glance: glanceAt(opened) };
  } finally {
    opened.close();
  }
}

/** The browser's own scaling will do for the first part of the way: looks are compared, and nothing is learnt from them. */
function glanceAt(bitmap: ImageBitmap): Uint8Array | null {
  const width = Math.min(bitmap.width, LOOKED_AT_PX);
  const height = Math.min(bitmap.height, LOOKED_AT_PX);
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.imageSmoothingQuality = 'medium';
  context.drawImage(bitmap, 0, 0, width, height);
  return resizeToGlance({ widthPx: width, heightPx: height, data: context.getImageData(0, 0, width, height).data });
}

export async function decodeCentreSquare(file: Blob, sizePx: number): Promise<DecodedPicture> {
  return await decodePixels(file, sizePx, (pixels, original) => ({
    widthPx: sizePx,
    heightPx: sizePx,
    rgb: resizeToCentreSquare(pixels, sizePx, original),
  }));
}

export async function decodeWhole(file: Blob, sizePx: number): Promise<DecodedPicture> {
  return await decodePixels(file, sizePx, (pixels, original) => resizeWhole(pixels, sizePx, original));
}

export async function decodeSquashed(file: Blob, sizePx: number): Promise<DecodedPicture> {
  return await decodePixels(file, sizePx, (pixels) => ({
    widthPx: sizePx,
    heightPx: sizePx,
    rgb: resizeSquashed(pixels, sizePx),
  }));
}

/**
 * A JPEG is decoded at no less than so many times the wanted size, so that most of the averaging is ours and what is learnt from is nearly
 * what a browser without scaled decoding sees.
 */
const OVERSAMPLING = 2;

async function decodePixels(
  file: Blob,
  sizePx: number,
  resize: (pixels: RgbaPixels, original: PictureSize) => StoredPicture,
): Promise<DecodedPicture> {
  const { pixels, original } = await readPicture(file, OVERSAMPLING * sizePx);
  return { originalWidthPx: original.widthPx, originalHeightPx: original.heightPx, ...resize(pixels, original) };
}

async function readPicture(file: Blob, leastPx: number): Promise<ScaledJpeg> {
  const scaled = await decodeScaledJpeg(file, leastPx);
  if (scaled) return scaled;
  const opened = await open(file);
  try {
    const pixels = isBitmap(opened) ? readPixels(opened) : opened;
    return { pixels, original: pixels };
  } finally {
    if (isBitmap(opened)) opened.close();
  }
}

/** The smallest limit of a canvas in any browser, iOS' of some years ago: below it none needs to be tried. */
const SURE_CANVAS_PIXELS = 2 ** 24;

function readPixels(bitmap: ImageBitmap): RgbaPixels {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  // Read back at once and never drawn to screen: the CPU canvas is the right one.
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new EngineError('outOfMemory', 'The browser has no memory left to open this picture.');
  if (width * height > SURE_CANVAS_PIXELS) checkCanvas(context);
  context.drawImage(bitmap, 0, 0);
  return { widthPx: width, heightPx: height, data: context.getImageData(0, 0, width, height).data };
}

/** A canvas above the browser's limit draws nothing and says nothing: the picture would be learnt as a white one. */
function checkCanvas(context: OffscreenCanvasRenderingContext2D): void {
  context.fillRect(0, 0, 1, 1);
  const isDrawn = context.getImageData(0, 0, 1, 1).data[3] === 255;
  context.clearRect(0, 0, 1, 1);
  if (isDrawn) return;
  throw new EngineError('pictureUnreadable', 'The picture is larger than this browser can draw. Save it smaller.');
}
