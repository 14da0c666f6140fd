// What kernels that give each lane one channel group of a few neighbouring pixels do with their results: the same options
// as a product's tile, and the same partial sums for batch norm.

import type { Binding } from './kernel.ts';
import { type LaneLayout, numberedValues, storeMoments, storeSums } from './laneSums.ts';
import { epilogueBindings, type ProductEpilogue } from './tileEpilogue.ts';
import { activate, declareCoefficients, maskGradient, seenThrough, type ViewCode } from './view.ts';

/** Neighbouring result pixels of one line that a lane computes. */
export const PIXELS_PER_LANE = 4;

export interface ResultLines {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channelVectors: number;
}

/** Runs of PIXELS_PER_LANE pixels in one line; the last may be short. */
export function runsPerLine({ width }: ResultLines): number {
  return Math.ceil(width / PIXELS_PER_LANE);
}

export function countRuns(lines: ResultLines): number {
  return lines.batch * lines.height * runsPerLine(lines);
}

/** Declares item, row and first column of run number `run`. */
export function locateRun(lines: ResultLines): string {
  const perLine = runsPerLine(lines);
  return `let isRun = run < ${countRuns(lines)}u;
  let line = run / ${perLine}u;
  let item = line / ${lines.height}u;
  let row = line % ${lines.height}u;
  let firstColumn = run % ${perLine}u * ${PIXELS_PER_LANE}u;`;
}

export interface LineRead {
  readonly width: number;
  readonly channelVectors: number;
  /** Name of the channel group to read. */
  readonly channel: string;
  readonly view: ViewCode;
}

/**
 * Declares pixelN: the source at `column` of the line, seen through the view; 0 outside. Knows isLine and lineStart, the number
 * of the line's first pixel.
 */
export function loadPixel(number: number, column: string, { width, channelVectors, channel, view }: LineRead): string {
  return `    let x${number} = ${column};
    let isPixel${number} = isLine && u32(x${number}) < ${width}u;
    let stored${number} = source[select(0u, u32(lineStart + x${number}) * ${channelVectors}u + ${channel}, isPixel${number})];
    let pixel${number} = select(vec4<f32>(), ${seenThrough(view, 'sourceNorm', `stored${number}`)}, isPixel${number});`;
}

export function pixelEpilogueBindings(epilogue: ProductEpilogue): Binding[] {
  return epilogueBindings(epilogue);
}

/**
 * Knows sum0 .. sum3, channel, isChannel, run and what locateRun declares. Stores the results and the partials of tile
 * `pixelTile`.
 */
export function endRun(epilogue: ProductEpilogue, lines: ResultLines, layout: LaneLayout): string {
  const { channelVectors, width } = lines;
  const values = numberedValues(PIXELS_PER_LANE);
  return `  let resultStart = (line * ${width}u + firstColumn) * ${channelVectors}u + channel;
  ${epilogue.mask ? declareCoefficients(epilogue.mask, 'baseNorm', 'channel', channelVectors) : ''}
  ${epilogue.hasGradientSums ? 'var gradientSum = vec4<f32>(); var productSum = vec4<f32>();' : ''}
${values.map(({ value, isValid }, pixel) => endPixel(epilogue, lines, value, isValid, pixel)).join('\n')}
${
  epilogue.hasMoments
    ? `${countValidPixels(lines, layout)}
${storeMoments({ layout, channelVectors, values, validCount: 'validPixels', tile: 'pixelTile' })}`
    : ''
}
${epilogue.hasGradientSums ? storeSums(layout, channelVectors, 'pixelTile', 'gradientSum', 'productSum') : ''}`;
}

function endPixel(
  epilogue: ProductEpilogue,
  lines: ResultLines,
  value: string,
  isValid: string,
  pixel: number,
): string {
  const { hasBias, hasFold, addend, activation, hasMoments, mask, hasGradientSums } = epilogue;
  const { channelVectors, width } = lines;
  return `  var ${value} = sum${pixel};
  let isInside${pixel} = isRun && isChannel && firstColumn + ${pixel}u < ${width}u;
  ${hasMoments ? `let ${isValid} = isInside${pixel} && item < step.itemCount;` : ''}
  if (isInside${pixel}) {
    let at = resultStart + ${pixel * channelVectors}u;
    ${hasBias ? `${value} += bias[channel];` : ''}
    ${hasFold ? `${value} = ${value} * fold[channel] + fold[${channelVectors}u + channel];` : ''}
    ${addend === 'none' ? '' : `${value} += ${addend === 'result' ? 'result' : 'addend'}[at];`}
    ${activation ? `${value} = ${activate(activation, value)};` : ''}
    ${mask ? `let stored = base[at]; ${value} = ${maskGradient(mask, 'baseNorm', 'stored', value)};` : ''}
    ${
      hasGradientSums
        ? `gradientSum += ${value};
    productSum += ${value} * (stored - baseNorm[${2 * channelVectors}u + channel]) * baseNorm[${3 * channelVectors}u + channel];`
        : ''
    }
    result[at] = ${value};
  }`;
}

/** Valid pixels before run r are whole lines and runs; runs of items that are only padding count for nothing. */
function countValidPixels(lines: ResultLines, layout: LaneLayout): string {
  return `  let runEnd = min((pixelTile + 1u) * ${layout.pixelLanes}u, step.itemCount * ${lines.height * runsPerLine(lines)}u);
  let runStart = min(pixelTile * ${layout.pixelLanes}u, runEnd);
  let validPixels = ${pixelsBefore(lines, 'runEnd')} - ${pixelsBefore(lines, 'runStart')};`;
}

/** Pixels in the runs before `run`. */
export function pixelsBefore(lines: ResultLines, run: string): string {
  const perLine = runsPerLine(lines);
  return `(${run} / ${perLine}u * ${lines.width}u + min(${run} % ${perLine}u * ${PIXELS_PER_LANE}u, ${lines.width}u))`;
}
