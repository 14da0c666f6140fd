// Batch norm forward: partial moments of tiles become a scale and a shift per channel, which readers apply as they load.
// Statistics are merged from tile means, never from sums of squares, so a large mean costs no digits (Chan et al. 1983).

import { assembleKernel, type Kernel, STEP_BINDING, vectors } from './kernel.ts';
import {
  barrierAfterSum,
  countChannelTiles,
  declareLanes,
  declareLaneTile,
  type LaneLayout,
  laneCountOf,
  layOutLanes,
  sumOverPixels,
} from './laneSums.ts';
import { pixelsBefore, type ResultLines, runsPerLine } from './pixelEpilogue.ts';

/** Rows (pixels, or items of a feature vector) times channels. */
export interface NormShape {
  readonly batch: number;
  readonly rowsPerItem: number;
  readonly channelVectors: number;
}

/** Which rows the tiles of some partial moments hold: that many in a row, or that many runs of pixels. */
export type TileRows =
  | { readonly kind: 'rows'; readonly count: number }
  | { readonly kind: 'runs'; readonly count: number; readonly lines: ResultLines };

/** Rows of a tile where a kernel of its own makes the partials: at most a few hundred tiles, at least a run for each lane. */
export function standaloneTileRows({ batch, rowsPerItem, channelVectors }: NormShape): number {
  const lanes = layOutLanes(channelVectors).pixelLanes;
  return lanes * Math.max(1, Math.min(16, Math.floor((batch * rowsPerItem) / (lanes * MOST_ROW_TILES))));
}

const MOST_ROW_TILES = 256;

export function countStandaloneTiles(shape: NormShape): number {
  return Math.ceil((shape.batch * shape.rowsPerItem) / standaloneTileRows(shape));
}

/** Bindings: source [row, channel], partials [tile, 2, channel] (mean, sum of squared deviations), step. */
export function columnMoments(shape: NormShape): Kernel {
  const { rowsPerItem, channelVectors } = shape;
  const layout = layOutLanes(channelVectors);
  const tileRows = standaloneTileRows(shape);
  return assembleKernel({
    family: 'batchNorm',
    bindings: [vectors('source', 'read'), vectors('partials', 'readWrite'), STEP_BINDING],
    declarations: declareLaneTile(layout),
    workgroupSize: laneCountOf(layout),
    groupCount: countStandaloneTiles(shape) * countChannelTiles(layout, channelVectors),
    body: `
${declareLanes(layout, channelVectors)}
  let firstRow = pixelTile * ${tileRows}u;
  let endRow = min(firstRow + ${tileRows}u, step.itemCount * ${rowsPerItem}u);
  // Deviations from the tile's own first row: small numbers even where the mean is large.
  let origin = source[firstRow * ${channelVectors}u + channel];
  var total = vec4<f32>(); var squares = vec4<f32>();
  for (var row = firstRow + pixelLane; row < endRow; row += ${layout.pixelLanes}u) {
    let away = source[row * ${channelVectors}u + channel] - origin;
    total += away; squares += away * away;
  }
${sumOverPixels(layout, 'total')}
  let sum = laneTile[lane % ${layout.channelLanes}u];
${barrierAfterSum(layout)}
${sumOverPixels(layout, 'squares')}
  if (pixelLane == 0u && isChannel) {
    let count = max(f32(endRow) - f32(firstRow), 1.0);
    let at = pixelTile * ${2 * channelVectors}u + channel;
    partials[at] = origin + sum / count;
    partials[at + ${channelVectors}u] = laneTile[lane] - sum * sum / count;
  }`,
    work: {
      flops: 16 * shape.batch * rowsPerItem * channelVectors,
      bytes: 16 * shape.batch * rowsPerItem * channelVectors,
    },
  });
}

export interface FinishMomentsOptions {
  readonly shape: NormShape;
  readonly tiles: TileRows;
  readonly tileCount: number;
  readonly epsilon: number;
}

/**
 * Bindings: partials, scale and shift (the learned ones), coefficients [scale, shift, mean, inverse deviation][channel],
 * batchStatistics [mean, unbiased variance][channel], step.
 */
export function finishMoments({ shape, tiles, tileCount, epsilon }: FinishMomentsOptions): Kernel {
  const { rowsPerItem, channelVectors } = shape;
  const layout = layOutFinish(channelVectors, tileCount);
  return assembleKernel({
    family: 'batchNorm',
    bindings: [
      vectors('partials', 'read'),
      vectors('scale', 'read'),
      vectors('shift', 'read'),
      vectors('coefficients', 'readWrite'),
      vectors('batchStatistics', 'readWrite'),
      STEP_BINDING,
    ],
    declarations: `${declareLaneTile(layout)}
fn rowsOf(tile: u32) -> f32 {
${countTileRows(shape, tiles)}
}`,
    workgroupSize: laneCountOf(layout),
    groupCount: countChannelTiles(layout, channelVectors),
    body: `
${declareLanes(layout, channelVectors)}
  let origin = partials[channel];
  var total = vec4<f32>(); var squares = vec4<f32>();
  for (var tile = pixelLane; tile < ${tileCount}u; tile += ${layout.pixelLanes}u) {
    let rows = rowsOf(tile);
    if (rows > 0.0) {
      let away = partials[tile * ${2 * channelVectors}u + channel] - origin;
      total += rows * away;
      squares += partials[tile * ${2 * channelVectors}u + ${channelVectors}u + channel] + rows * away * away;
    }
  }
${sumOverPixels(layout, 'total')}
  let sum = laneTile[lane % ${layout.channelLanes}u];
${barrierAfterSum(layout)}
${sumOverPixels(layout, 'squares')}
  if (pixelLane == 0u && isChannel) {
    let count = f32(step.itemCount) * ${rowsPerItem}.0;
    let away = sum / count;
    let mean = origin + away;
    let variance = max(laneTile[lane] / count - away * away, vec4<f32>());
    let inverse = inverseSqrt(variance + ${epsilon});
    let factor = scale[channel] * inverse;
    coefficients[channel] = factor;
    coefficients[${channelVectors}u + channel] = shift[channel] - mean * factor;
    coefficients[${2 * channelVectors}u + channel] = mean;
    coefficients[${3 * channelVectors}u + channel] = inverse;
    batchStatistics[channel] = mean;
    // PyTorch normalises by the biased variance but keeps the unbiased one.
    batchStatistics[${channelVectors}u + channel] = variance * (count / max(count - 1.0, 1.0));
  }`,
    work: { flops: 0, bytes: 32 * tileCount * channelVectors },
  });
}

/** Tiles that a lane adds up before more lanes are worth it. */
const TILES_PER_LANE = 8;
const FEWEST_LANES = 64;

/**
 * Many tiles are shared out among up to 128 lanes; few are added by one lane each, without a barrier. At least two channel
 * groups (32 bytes) lie side by side.
 */
export function layOutFinish(channelVectors: number, tileCount: number): LaneLayout {
  let pixelLanes = 1;
  while (pixelLanes < Math.min(128, tileCount / TILES_PER_LANE)) pixelLanes *= 2;
  let channelLanes = 1;
  while (channelLanes < Math.min(channelVectors, Math.max(2, FEWEST_LANES / pixelLanes))) channelLanes *= 2;
  return { channelLanes, pixelLanes };
}

function countTileRows({ rowsPerItem }: NormShape, tiles: TileRows): string {
  if (tiles.kind === 'rows') {
    return `  let valid = step.itemCount * ${rowsPerItem}u;
  return f32(min(valid - min(valid, tile * ${tiles.count}u), ${tiles.count}u));`;
  }
  return `  let runEnd = min((tile + 1u) * ${tiles.count}u, step.itemCount * ${tiles.lines.height * runsPerLine(tiles.lines)}u);
  let runStart = min(tile * ${tiles.count}u, runEnd);
  return f32(${pixelsBefore(tiles.lines, 'runEnd')} - ${pixelsBefore(tiles.lines, 'runStart')});`;
}

/** A frozen batch norm. Bindings: running [mean, variance][channel], scale, shift, coefficients (as finishMoments). */
export function frozenCoefficients(channelVectors: number, epsilon: number): Kernel {
  return assembleKernel({
    family: 'batchNorm',
    bindings: [
      vectors('running', 'read'),
      vectors('scale', 'read'),
      vectors('shift', 'read'),
      vectors('coefficients', 'readWrite'),
    ],
    declarations: '',
    workgroupSize: 64,
    groupCount: Math.ceil(channelVectors / 64),
    body: `  let channel = group * 64u + lane;
  if (channel >= ${channelVectors}u) { return; }
  let mean = running[channel];
  let inverse = inverseSqrt(running[${channelVectors}u + channel] + ${epsilon});
  let factor = scale[channel] * inverse;
  coefficients[channel] = factor;
  coefficients[${channelVectors}u + channel] = shift[channel] - mean * factor;
  coefficients[${2 * channelVectors}u + channel] = mean;
  coefficients[${3 * channelVectors}u + channel] = inverse;`,
    work: { flops: 0, bytes: 128 * channelVectors },
  });
}
