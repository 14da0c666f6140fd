// Looks at a stored picture through a transform, pixel by pixel on the processor, by the rule in pictureTransform.ts. The
// reference executor uses it; a fast executor does the same on its device and is compared with this.

import { catmullRomWeights } from './catmullRom.ts';
import { meanOfPicture, type PictureTransform, type StoredPicture } from './pictureTransform.ts';

export interface OutputFormat {
  readonly widthPx: number;
  readonly heightPx: number;
  /** In units of 0..1, red green blue. */
  readonly statistics: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** `meanOfPicture` where it is known already. */
  readonly pictureMean?: number;
}

/**
 * @param into [height, width, 3] of the output; a new array unless given.
 * @returns `into`: samples between pixels (catmullRom.ts), relit, clipped to 0..1, normalised.
 */
export function applyTransform(
  picture: StoredPicture,
  transform: PictureTransform,
  format: OutputFormat,
  into: Float32Array = new Float32Array(format.heightPx * format.widthPx * 3),
): Float32Array {
  const [xByX, xByY, xStart, yByX, yByY, yStart] = transform.matrix;
  const finish = createFinish(picture, transform, format);
  if (isWholeShift(picture, transform, format)) return copyWindow(picture, xStart, yStart, finish, format, into);
  let at = 0;
  for (let y = 0; y < format.heightPx; y++) {
    for (let x = 0; x < format.widthPx; x++) {
      samplePixel(picture, xByX * x + xByY * y + xStart, yByX * x + yByY * y + yStart, into, at);
      for (let channel = 0; channel < 3; channel++) into[at + channel] = finish(into[at + channel] as number, channel);
      at += 3;
    }
  }
  return into;
}

/** Validation and feature pictures are a window of the stored one, pixel for pixel: several times faster without sampling. */
function isWholeShift(
  { widthPx, heightPx }: StoredPicture,
  { matrix: [xByX, xByY, xStart, yByX, yByY, yStart] }: PictureTransform,
  output: OutputFormat,
): boolean {
  const isShift = xByX === 1 && xByY === 0 && yByX === 0 && yByY === 1;
  const isWhole = Number.isInteger(xStart) && Number.isInteger(yStart) && xStart >= 0 && yStart >= 0;
  return isShift && isWhole && xStart + output.widthPx <= widthPx && yStart + output.heightPx <= heightPx;
}

function copyWindow(
  { widthPx, rgb }: StoredPicture,
  left: number,
  top: number,
  finish: (value: number, channel: number) => number,
  format: OutputFormat,
  into: Float32Array,
): Float32Array {
  // Of 256 values for each channel, so they are finished once each.
  const finished = Float32Array.from({ length: 3 * 256 }, (_, place) => finish(place % 256, Math.floor(place / 256)));
  const rowLength = 3 * format.widthPx;
  for (let y = 0; y < format.heightPx; y++) {
    const from = 3 * ((top + y) * widthPx + left);
    for (let at = 0; at < rowLength; at++) {
      into[y * rowLength + at] = finished[256 * (at % 3) + (rgb[from + at] as number)] as number;
    }
  }
  return into;
}

/** Where a position outside lies inside: ... 2 1 0 | 0 1 2 ... size-1 | size-1 size-2 ..., over and over. */
export function mirrorIndex(index: number, size: number): number {
  if (index >= 0 && index < size) return index;
  const place = ((index % (2 * size)) + 2 * size) % (2 * size);
  return place < size ? place : 2 * size - 1 - place;
}

/** Writes the three channels at (sourceX, sourceY), in 0..255, into `into` at `at`. */
function samplePixel(
  { widthPx, heightPx, rgb }: StoredPicture,
  sourceX: number,
  sourceY: number,
  into: Float32Array,
  at: number,
): void {
  const left = Math.floor(sourceX);
  const top = Math.floor(sourceY);
  const columnWeights = catmullRomWeights(sourceX - left);
  const rowWeights = catmullRomWeights(sourceY - top);
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let row = 0; row < 4; row++) {
    const rowAt = 3 * widthPx * mirrorIndex(top - 1 + row, heightPx);
    for (let column = 0; column < 4; column++) {
      const weight = (rowWeights[row] as number) * (columnWeights[column] as number);
      const pixelAt = rowAt + 3 * mirrorIndex(left - 1 + column, widthPx);
      red += weight * (rgb[pixelAt] as number);
      green += weight * (rgb[pixelAt + 1] as number);
      blue += weight * (rgb[pixelAt + 2] as number);
    }
  }
  // Beside a sharp edge the cubic goes a little beyond black and white.
  into[at] = clampByte(red);
  into[at + 1] = clampByte(green);
  into[at + 2] = clampByte(blue);
}

const clampByte = (value: number) => Math.min(255, Math.max(0, value));

/** Lighting, clip and normalisation of one value of 0..255. */
function createFinish(
  picture: StoredPicture,
  { brightness, contrast }: PictureTransform,
  { statistics, pictureMean }: OutputFormat,
): (value: number, channel: number) => number {
  const { mean, std } = statistics;
  // (v - m) * contrast + m + brightness, the parts without v taken together; without contrast m plays no part.
  const shift = contrast === 1 ? brightness : (pictureMean ?? meanOfPicture(picture)) * (1 - contrast) + brightness;
  return (value, channel) => {
    const lit = Math.min(1, Math.max(0, (value / 255) * contrast + shift));
    return (lit - (mean[channel] as number)) / (std[channel] as number);
  };
}
