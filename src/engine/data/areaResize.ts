// Our own resampler, so that every browser and every export sees the same pixels. Smaller: exact box averages, which is what OpenCV
// calls INTER_AREA and what the lesson's Scale uses. Larger: the cubic by which looks are sampled in training (augment/catmullRom.ts);
// an average of boxes smaller than a pixel would paint blocks, which a network that learnt on sampled looks has never seen. Version 4.

import { mirrorIndex } from '../augment/applyTransform.ts';
import { catmullRomWeights } from '../augment/catmullRom.ts';
import type { StoredPicture } from '../augment/pictureTransform.ts';
import { GLANCE, type PictureSize } from '../platform/ports.ts';
import { scaledSize } from '../platform/scaledSize.ts';

/** Belongs into every cache key: change it when a pixel changes. */
export const RESAMPLER_VERSION = 4;

export interface RgbaPixels {
  readonly widthPx: number;
  readonly heightPx: number;
  /** [height, width, 4] */
  readonly data: Uint8ClampedArray;
  /** What of its outermost pixels lies beyond the picture's edges; nothing where it is left out. */
  readonly beyond?: BeyondEdges;
}

/** Parts of a pixel, 0 to less than 1: a JPEG decoded at some eighths of its size ends within its last pixels. */
export interface BeyondEdges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const WHOLE_PIXELS: BeyondEdges = { left: 0, top: 0, right: 0, bottom: 0 };

/** A window of a scaled picture: the whole is scaled, but only the window's pixels are computed. */
export interface ScaledWindow {
  readonly scaledWidthPx: number;
  readonly scaledHeightPx: number;
  readonly leftPx: number;
  readonly topPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * Scales the shorter side to `sizePx` and cuts the centre square, offset ceil((side - size) / 2) as the lesson does.
 * @param original size of the picture where `source` is a smaller one of it already
 * @returns [sizePx, sizePx, 3], alpha flattened on white.
 */
export function resizeToCentreSquare(source: RgbaPixels, sizePx: number, original: PictureSize = source): Uint8Array {
  const scaled = scaledSize(original, sizePx);
  return resizeWindow(source, {
    scaledWidthPx: scaled.widthPx,
    scaledHeightPx: scaled.heightPx,
    leftPx: Math.ceil((scaled.widthPx - sizePx) / 2),
    topPx: Math.ceil((scaled.heightPx - sizePx) / 2),
    widthPx: sizePx,
    heightPx: sizePx,
  });
}

/**
 * Scales the shorter side to `sizePx`, the whole picture.
 * @param original as above
 * @returns [scaled height, scaled width, 3], alpha flattened on white.
 */
export function resizeWhole(source: RgbaPixels, sizePx: number, original: PictureSize = source): StoredPicture {
  const { widthPx, heightPx } = scaledSize(original, sizePx);
  const window = { scaledWidthPx: widthPx, scaledHeightPx: heightPx, leftPx: 0, topPx: 0, widthPx, heightPx };
  return { widthPx, heightPx, rgb: resizeWindow(source, window) };
}

/** The whole picture as a square, each side scaled on its own (the lesson's crop type NO). @returns [sizePx, sizePx, 3] */
export function resizeSquashed(source: RgbaPixels, sizePx: number): Uint8Array {
  const window = { leftPx: 0, topPx: 0, widthPx: sizePx, heightPx: sizePx };
  return resizeWindow(source, { scaledWidthPx: sizePx, scaledHeightPx: sizePx, ...window });
}

/** The whole picture as a few spots. @returns [8, 9, 3], alpha flattened on white. */
export function resizeToGlance(source: RgbaPixels): Uint8Array {
  const { widthPx, heightPx } = GLANCE;
  const window = { leftPx: 0, topPx: 0, widthPx, heightPx };
  return resizeWindow(source, { scaledWidthPx: widthPx, scaledHeightPx: heightPx, ...window });
}

/** @returns [window height, window width, 3], alpha flattened on white. */
export function resizeWindow(source: RgbaPixels, window: ScaledWindow): Uint8Array {
  const { left, top, right, bottom } = source.beyond ?? WHOLE_PIXELS;
  const across = { from: left, to: source.widthPx - right, pixelCount: source.widthPx };
  const down = { from: top, to: source.heightPx - bottom, pixelCount: source.heightPx };
  const columns = weighSide(across, window.scaledWidthPx, window.leftPx, window.widthPx);
  const rows = weighSide(down, window.scaledHeightPx, window.topPx, window.heightPx);
  return averageRows(averageColumns(source, columns, rows), rows, window.widthPx);
}

/** For each output position, the first source position and the weights from there on, which sum to 1. */
interface Box {
  readonly start: number;
  readonly weights: Float32Array;
}

/** A side of the source: the picture lies on it from one place to another, of as many pixels. */
interface Side {
  readonly from: number;
  readonly to: number;
  readonly pixelCount: number;
}

/** Each side by its own ratio: one may shrink where the other grows. */
function weighSide(side: Side, scaledSize: number, offset: number, count: number): Box[] {
  const ratio = (side.to - side.from) / scaledSize;
  const weigh = ratio < 1 ? weighNeighbours : weighBox;
  return Array.from({ length: count }, (_, index) => weigh(side.from + (index + offset) * ratio, ratio, side));
}

/** The share that each source pixel has in the box of `ratio` pixels from `from` on. */
function weighBox(from: number, ratio: number, side: Side): Box {
  const to = Math.min(from + ratio, side.to);
  const start = Math.min(Math.floor(from + 1e-6), side.pixelCount - 1);
  const end = Math.max(Math.ceil(to - 1e-6), start + 1);
  const weights = Float32Array.from({ length: end - start }, (_, step) => {
    const position = start + step;
    return Math.max(0, Math.min(to, position + 1) - Math.max(from, position));
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return { start, weights: weights.map((weight) => weight / total) };
}

/** Of the four source pixels around the box's centre; beyond the edge the picture is mirrored with its edge pixel repeated. */
function weighNeighbours(from: number, ratio: number, { pixelCount }: Side): Box {
  const position = from + ratio / 2 - 0.5;
  const before = Math.floor(position) - 1;
  const places = [0, 1, 2, 3].map((step) => mirrorIndex(before + step, pixelCount));
  const start = Math.min(...places);
  const weights = new Float32Array(Math.max(...places) - start + 1);
  catmullRomWeights(position - before - 1).forEach((weight, step) => {
    const place = (places[step] as number) - start;
    weights[place] = (weights[place] as number) + weight;
  });
  return { start, weights };
}

/** [source height, window width, 3]; rows that no box reads stay empty. */
function averageColumns(source: RgbaPixels, columns: readonly Box[], rows: readonly Box[]): Float32Array {
  const { data, widthPx, heightPx } = source;
  const narrow = new Float32Array(heightPx * columns.length * 3);
  const firstRow = rows[0]?.start ?? 0;
  const lastBox = rows.at(-1) as Box;
  const lastRow = lastBox.start + lastBox.weights.length - 1;
  const isOpaque = findIsOpaque(data);
  for (let y = firstRow; y <= lastRow; y++) {
    for (let x = 0; x < columns.length; x++) {
      const { start, weights } = columns[x] as Box;
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let step = 0; step < weights.length; step++) {
        const weight = weights[step] as number;
        const at = (y * widthPx + start + step) * 4;
        const alpha = isOpaque ? 1 : (data[at + 3] as number) / 255;
        const white = isOpaque ? 0 : 255 * (1 - alpha);
        red += weight * ((data[at] as number) * alpha + white);
        green += weight * ((data[at + 1] as number) * alpha + white);
        blue += weight * ((data[at + 2] as number) * alpha + white);
      }
      const into = (y * columns.length + x) * 3;
      narrow[into] = red;
      narrow[into + 1] = green;
      narrow[into + 2] = blue;
    }
  }
  return narrow;
}

function averageRows(narrow: Float32Array, rows: readonly Box[], widthPx: number): Uint8Array {
  const rowLength = widthPx * 3;
  const result = new Uint8Array(rows.length * rowLength);
  const sums = new Float32Array(rowLength);
  rows.forEach(({ start, weights }, y) => {
    sums.fill(0);
    for (let step = 0; step < weights.length; step++) {
      const weight = weights[step] as number;
      const from = (start + step) * rowLength;
      for (let i = 0; i < rowLength; i++) sums[i] = (sums[i] as number) + weight * (narrow[from + i] as number);
    }
    for (let i = 0; i < rowLength; i++) {
      // Beside a sharp edge the cubic goes a little beyond black and white.
      result[y * rowLength + i] = Math.min(255, Math.max(0, Math.round(sums[i] as number)));
    }
  });
  return result;
}

function findIsOpaque(data: Uint8ClampedArray): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i] !== 255) return false;
  return true;
}
