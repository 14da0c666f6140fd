// Draws how a picture is seen this time: the lesson's training transforms, and the fixed one for validation (LESSON section
// 6). Pure: numbers from the random stream that is passed in, no pixels. Same stream, same draws.

import { scaledSize } from '../platform/scaledSize.ts';
import type { Random } from '../random.ts';
import type { Augmentation, LookChanges } from './augmentation.ts';
import { crop, type Frame, mirror, pad, quarterTurn, rotate, scale, wholePicture } from './frame.ts';
import { NO_LIGHTING, type PictureOutline, type PictureTransform } from './pictureTransform.ts';

/** Shares of looks that are zoomed, turned and mirrored (LESSON 6.1 and 6.2). */
const ZOOM_SHARE = 0.75;
const TURN_SHARE = 0.75;
const MIRROR_SHARE = 0.5;

/**
 * A look for training. In the lesson's order: zoom, border, turn, flip on the whole scaled picture, then the crop.
 *
 * A squashed picture (the lesson's crop type NO) is a square from the start, so that zoom, border and crop mean for it what they mean for
 * any square; without them it is always seen whole, pixel for pixel what the lesson shows. There the squash comes last: zoom and
 * crop change nothing, and a border stays in view, in validation too. Turned it is as it was before the squash, as there; but what the
 * lesson would then still average along the longer side is averaged already, so a large turn of a long picture is a little
 * coarser or, across it, skips rows.
 *
 * @param picture the stored picture; @param sizePx side of the output square.
 */
export function drawTransform(
  picture: PictureOutline,
  sizePx: number,
  { maxZoom, padding, maxDegrees, lighting, flips, crop: cropRule }: Augmentation,
  random: Random,
): PictureTransform {
  let frame = pad(drawZoom(wholePicture(picture), sizePx, maxZoom, random), paddingPx(padding, sizePx));
  if (maxDegrees > 0 && random.uniform() < TURN_SHARE) {
    frame = turn(frame, between(-maxDegrees, maxDegrees, random), picture);
  }
  const relit = drawLighting(lighting, random);
  frame = drawFlips(frame, flips, random);
  frame = cropRule === 'random' ? drawCrop(frame, sizePx, random) : cropCentre(frame, sizePx);
  return { matrix: frame.matrix, ...relit };
}

/** Shorter side scaled to the output's size, then the centre square: all of a squashed picture. A border would cancel. */
export function validationTransform(picture: PictureOutline, sizePx: number): PictureTransform {
  const scaled = scale(wholePicture(picture), scaledSize(picture, sizePx));
  return { matrix: cropCentre(scaled, sizePx).matrix, ...NO_LIGHTING };
}

/**
 * What contrast multiplies by for a draw of -limit..limit: 1 + draw upwards and 1 / (1 - draw) downwards, so that equal draws
 * either way undo each other (LESSON section 6.2).
 */
export function contrastFactor(draw: number): number {
  return draw >= 0 ? 1 + draw : 1 / (1 - draw);
}

function drawZoom(frame: Frame, sizePx: number, maxZoom: number, random: Random): Frame {
  const zoom = random.uniform() < ZOOM_SHARE ? between(1, maxZoom, random) : 1;
  return scale(frame, scaledSize(frame, Math.floor(zoom * sizePx)));
}

/** A share such as 0.1 times a size can land a hair below the whole number that is meant. */
function paddingPx(padding: number, sizePx: number): number {
  return Math.floor(padding * sizePx + 1e-9);
}

/** A thing in a squashed picture turns as it was before: it is not sheared. */
function turn(frame: Frame, degrees: number, { squashedFrom }: PictureOutline): Frame {
  if (!squashedFrom) return rotate(frame, degrees);
  const asItWas = scale(frame, scaledSize(squashedFrom, frame.heightPx));
  return scale(rotate(asItWas, degrees), frame);
}

function drawLighting(
  { brightness, contrast }: LookChanges['lighting'],
  random: Random,
): { brightness: number; contrast: number } {
  if (brightness === 0 && contrast === 0) return NO_LIGHTING;
  return {
    brightness: between(-brightness, brightness, random),
    contrast: contrastFactor(between(-contrast, contrast, random)),
  };
}

function drawFlips(frame: Frame, flips: LookChanges['flips'], random: Random): Frame {
  if (flips === 'none') return frame;
  let turned = frame;
  if (flips === 'dihedral') {
    for (let turns = random.below(4); turns > 0; turns--) turned = quarterTurn(turned);
  }
  return random.uniform() < MIRROR_SHARE ? mirror(turned) : turned;
}

/** Offsets are floor(u * room), so the last one is never drawn: the lesson's own rule. */
function drawCrop(frame: Frame, sizePx: number, random: Random): Frame {
  const topPx = Math.floor(random.uniform() * (frame.heightPx - sizePx));
  const leftPx = Math.floor(random.uniform() * (frame.widthPx - sizePx));
  return crop(frame, { leftPx, topPx, sizePx });
}

function cropCentre(frame: Frame, sizePx: number): Frame {
  const start = (side: number) => Math.ceil((side - sizePx) / 2);
  return crop(frame, { leftPx: start(frame.widthPx), topPx: start(frame.heightPx), sizePx });
}

function between(low: number, high: number, random: Random): number {
  return low + (high - low) * random.uniform();
}
