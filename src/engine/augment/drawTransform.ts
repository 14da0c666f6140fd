// Draws how a picture is seen this time: the lesson's training transforms, and the fixed one for validation (LESSON section
// 6). Pure: numbers from the random stream that is passed in, no pixels. Same stream, same draws.

import type { PictureSize } from '../platform/ports.ts';
import { scaledSize } from '../platform/scaledSize.ts';
import type { Random } from '../random.ts';
import { crop, type Frame, mirror, quarterTurn, rotate, scale, wholePicture } from './frame.ts';
import { NO_LIGHTING, type PictureTransform } from './pictureTransform.ts';
import { type AugmentationOptions, PRESETS, type PresetParts } from './presets.ts';

/** Shares of looks that are zoomed, turned and mirrored (LESSON 6.1 and 6.2). */
const ZOOM_SHARE = 0.75;
const TURN_SHARE = 0.75;
const MIRROR_SHARE = 0.5;

/**
 * A look for training. In the lesson's order: zoom, turn, flip on the whole scaled picture, then the crop.
 * @param picture the stored picture; @param sizePx side of the output square.
 */
export function drawTransform(
  picture: PictureSize,
  sizePx: number,
  options: AugmentationOptions,
  random: Random,
): PictureTransform {
  const { maxDegrees, lighting, flips } = PRESETS[options.preset];
  let frame = drawZoom(wholePicture(picture), sizePx, options.maxZoom, random);
  if (maxDegrees > 0 && random.uniform() < TURN_SHARE) {
    frame = rotate(frame, between(-maxDegrees, maxDegrees, random));
  }
  const relit = drawLighting(lighting, random);
  frame = drawFlips(frame, flips, random);
  frame = options.crop === 'random' ? drawCrop(frame, sizePx, random) : cropCentre(frame, sizePx);
  return { matrix: frame.matrix, ...relit };
}

/** Shorter side scaled to the output's size, then the centre square. */
export function validationTransform(picture: PictureSize, sizePx: number): PictureTransform {
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

function drawLighting(
  { brightness, contrast }: PresetParts['lighting'],
  random: Random,
): { brightness: number; contrast: number } {
  if (brightness === 0 && contrast === 0) return NO_LIGHTING;
  return {
    brightness: between(-brightness, brightness, random),
    contrast: contrastFactor(between(-contrast, contrast, random)),
  };
}

function drawFlips(frame: Frame, flips: PresetParts['flips'], random: Random): Frame {
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
