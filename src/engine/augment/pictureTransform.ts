// One draw of an augmentation as plain numbers. Executors apply it to a stored picture; nothing in here touches pixels.

import type { PictureSize } from '../platform/ports.ts';

/** A picture as it is kept for training: resized, upright, alpha flattened; squashed to a square or in its own shape. */
export interface StoredPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** [height, width, 3], red green blue, 0..255. */
  readonly rgb: Uint8Array;
}

/** What looks are drawn from. */
export interface PictureOutline extends PictureSize {
  /** The upright size of a stored square that was squashed; missing where the picture kept its shape. */
  readonly squashedFrom?: PictureSize;
}

/**
 * How one output square is seen in a stored picture. Positions are in pixels with the centre of pixel i at i.
 *
 * Output pixel (x, y) samples the picture at
 *   sourceX = matrix[0] * x + matrix[1] * y + matrix[2]
 *   sourceY = matrix[3] * x + matrix[4] * y + matrix[5]
 * by the Catmull-Rom cubic through the sixteen pixels around it, held to black and white (catmullRom.ts). Pixels outside are mirrored with the edge pixel repeated, as OpenCV's
 * BORDER_REFLECT does (... 2 1 0 | 0 1 2 ...). With v the sample in 0..1 and m the mean of the whole stored picture over all
 * pixels and channels, the value is clip((v - m) * contrast + m + brightness, 0, 1) (LESSON section 6.2), and then
 * (value - channel mean) / channel standard deviation.
 *
 * The lesson takes m after zoom and rotation; here it is the stored picture's, so that one pass over the output suffices.
 */
export interface PictureTransform {
  readonly matrix: readonly [number, number, number, number, number, number];
  readonly brightness: number;
  readonly contrast: number;
}

export const NO_LIGHTING = { brightness: 0, contrast: 1 } as const;

/** Mean over all pixels and channels, in 0..1. */
export function meanOfPicture({ rgb }: StoredPicture): number {
  let sum = 0;
  for (const value of rgb) sum += value;
  return sum / (255 * rgb.length);
}
