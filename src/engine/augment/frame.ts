// A picture that is only thought of: its size, and where its pixels lie in the stored picture. Every step of an augmentation
// makes a new frame of the last one, so that a whole chain ends as one matrix and each pixel is sampled once.

import type { PictureSize } from '../platform/ports.ts';
import type { PictureTransform } from './pictureTransform.ts';

type Matrix = PictureTransform['matrix'];

export interface Frame extends PictureSize {
  /** Takes a position in this frame to a position in the stored picture, as in `PictureTransform`. */
  readonly matrix: Matrix;
}

/** The stored picture itself. */
export function wholePicture({ widthPx, heightPx }: PictureSize): Frame {
  return { widthPx, heightPx, matrix: [1, 0, 0, 0, 1, 0] };
}

/** Corners stay on corners: pixel x of the scaled frame has its centre at (x + 0.5) / factor - 0.5 of the one before. */
export function scale(frame: Frame, { widthPx, heightPx }: PictureSize): Frame {
  const [perColumn, perRow] = [frame.widthPx / widthPx, frame.heightPx / heightPx];
  return step(frame, { widthPx, heightPx }, [perColumn, 0, 0.5 * perColumn - 0.5, 0, perRow, 0.5 * perRow - 0.5]);
}

/**
 * Turns about (floor(width / 2), floor(height / 2)); the size stays and what turns in from outside is mirrored (LESSON 6.2).
 * @param degrees counter-clockwise as one looks at it, as OpenCV's getRotationMatrix2D.
 */
export function rotate(frame: Frame, degrees: number): Frame {
  const [centreX, centreY] = [Math.floor(frame.widthPx / 2), Math.floor(frame.heightPx / 2)];
  const [cosine, sine] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return step(frame, frame, [
    cosine,
    -sine,
    centreX - cosine * centreX + sine * centreY,
    sine,
    cosine,
    centreY - sine * centreX - cosine * centreY,
  ]);
}

/** Left becomes right. */
export function mirror(frame: Frame): Frame {
  return step(frame, frame, [-1, 0, frame.widthPx - 1, 0, 1, 0]);
}

/** 90 degrees counter-clockwise, as NumPy's rot90: width and height change places. */
export function quarterTurn(frame: Frame): Frame {
  const turned = { widthPx: frame.heightPx, heightPx: frame.widthPx };
  return step(frame, turned, [0, -1, frame.widthPx - 1, 1, 0, 0]);
}

/**
 * A border of so many pixels on all four sides; what lies in it is mirrored with the edge pixel repeated, because positions outside
 * the stored picture are (LESSON 6.1: BORDER_REFLECT). The lesson mirrors the bordered picture once more where a turn looks beyond
 * the border; here the picture's own mirror image goes on.
 */
export function pad(frame: Frame, borderPx: number): Frame {
  const { widthPx, heightPx } = frame;
  const padded = { widthPx: widthPx + 2 * borderPx, heightPx: heightPx + 2 * borderPx };
  return step(frame, padded, [1, 0, -borderPx, 0, 1, -borderPx]);
}

/** The square of `sizePx` whose first pixel is at (left, top). */
export function crop(
  frame: Frame,
  { leftPx, topPx, sizePx }: { leftPx: number; topPx: number; sizePx: number },
): Frame {
  return step(frame, { widthPx: sizePx, heightPx: sizePx }, [1, 0, leftPx, 0, 1, topPx]);
}

/** @param toFrame takes a position of the new frame to one of the frame before. */
function step(frame: Frame, { widthPx, heightPx }: PictureSize, toFrame: Matrix): Frame {
  const [a, b, c, d, e, f] = frame.matrix;
  const [g, h, i, j, k, l] = toFrame;
  const matrix: Matrix = [
    a * g + b * j,
    a * h + b * k,
    a * i + b * l + c,
    d * g + e * j,
    d * h + e * k,
    d * i + e * l + f,
  ];
  return { widthPx, heightPx, matrix };
}
