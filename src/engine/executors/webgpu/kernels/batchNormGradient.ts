// Batch norm backward (Ioffe & Szegedy 2015, section 3): with g the gradient of the normalised output, x^ the normalised
// value and n the number of rows, dx = scale * (g - mean(g) - x^ * mean(g * x^)), d scale = sum(g * x^), d shift = sum(g).

import { countStandaloneTiles, layOutFinish, type NormShape, standaloneTileRows } from './batchNorm.ts';
import { assembleKernel, type Kernel, STEP_BINDING, vectors } from './kernel.ts';
import {
  barrierAfterSum,
  countChannelTiles,
  declareLanes,
  declareLaneTile,
  laneCountOf,
  layOutLanes,
  storeSums,
  sumOverPixels,
} from './laneSums.ts';

/** Factors of the gradient's last pass: rows of g's factor, the centred value's factor, and a constant. */
export const GRADIENT_FACTOR_ROWS = 3;

/**
 * Where no producer summed along the way. Rows that are only padding have zero gradients.
 * Bindings: gradient [row, channel], base (what the batch norm read), coefficients, partials [tile, 2, channel].
 */
export function columnGradientSums(shape: NormShape): Kernel {
  const { batch, rowsPerItem, channelVectors } = shape;
  const layout = layOutLanes(channelVectors);
  const tileRows = standaloneTileRows(shape);
  return assembleKernel({
    family: 'batchNorm',
    bindings: [
      vectors('gradient', 'read'),
      vectors('base', 'read'),
      vectors('coefficients', 'read'),
      vectors('partials', 'readWrite'),
    ],
    declarations: declareLaneTile(layout),
    workgroupSize: laneCountOf(layout),
    groupCount: countStandaloneTiles(shape) * countChannelTiles(layout, channelVectors),
    body: `
${declareLanes(layout, channelVectors)}
  let firstRow = pixelTile * ${tileRows}u;
  let endRow = min(firstRow + ${tileRows}u, ${batch * rowsPerItem}u);
  let mean = coefficients[${2 * channelVectors}u + channel];
  let inverse = coefficients[${3 * channelVectors}u + channel];
  var gradientSum = vec4<f32>(); var productSum = vec4<f32>();
  for (var row = firstRow + pixelLane; row < endRow; row += ${layout.pixelLanes}u) {
    let at = row * ${channelVectors}u + channel;
    let value = gradient[at];
    gradientSum += value;
    productSum += value * (base[at] - mean) * inverse;
  }
${storeSums(layout, channelVectors, 'pixelTile', 'gradientSum', 'productSum')}`,
    work: { flops: 20 * batch * rowsPerItem * channelVectors, bytes: 32 * batch * rowsPerItem * channelVectors },
  });
}

/**
 * Bindings: partials, coefficients, scaleGradient, shiftGradient, factors [3][channel], step.
 * dx = factors[0] * g + factors[1] * (x - mean) + factors[2].
 */
export function finishGradientSums({ rowsPerItem, channelVectors }: NormShape, tileCount: number): Kernel {
  const layout = layOutFinish(channelVectors, tileCount);
  return assembleKernel({
    family: 'batchNorm',
    bindings: [
      vectors('partials', 'read'),
      vectors('coefficients', 'read'),
      vectors('scaleGradient', 'readWrite'),
      vectors('shiftGradient', 'readWrite'),
      vectors('factors', 'readWrite'),
      STEP_BINDING,
    ],
    declarations: declareLaneTile(layout),
    workgroupSize: laneCountOf(layout),
    groupCount: countChannelTiles(layout, channelVectors),
    body: `
${declareLanes(layout, channelVectors)}
  var gradients = vec4<f32>(); var products = vec4<f32>();
  for (var tile = pixelLane; tile < ${tileCount}u; tile += ${layout.pixelLanes}u) {
    gradients += partials[tile * ${2 * channelVectors}u + channel];
    products += partials[tile * ${2 * channelVectors}u + ${channelVectors}u + channel];
  }
${sumOverPixels(layout, 'gradients')}
  let gradientSum = laneTile[lane % ${layout.channelLanes}u];
${barrierAfterSum(layout)}
${sumOverPixels(layout, 'products')}
  if (pixelLane == 0u && isChannel) {
    let productSum = laneTile[lane];
    let count = f32(step.itemCount) * ${rowsPerItem}.0;
    let factor = coefficients[channel];
    let inverse = coefficients[${3 * channelVectors}u + channel];
    scaleGradient[channel] = productSum;
    shiftGradient[channel] = gradientSum;
    factors[channel] = factor;
    factors[${channelVectors}u + channel] = -factor * inverse * productSum / count;
    factors[${2 * channelVectors}u + channel] = -factor * gradientSum / count;
  }`,
    work: { flops: 0, bytes: 32 * tileCount * channelVectors },
  });
}

const VECTORS_PER_LANE = 4;
const LANES = 256;

/**
 * The last pass; rows that are only padding become 0. Bindings: gradient (overwritten when in place), base, coefficients,
 * factors, step, and result when not in place.
 */
export function applyNormGradient({ batch, rowsPerItem, channelVectors }: NormShape, isInPlace: boolean): Kernel {
  const count = batch * rowsPerItem * channelVectors;
  const perGroup = LANES * VECTORS_PER_LANE;
  return assembleKernel({
    family: 'batchNorm',
    bindings: [
      vectors('gradient', isInPlace ? 'readWrite' : 'read'),
      vectors('base', 'read'),
      vectors('coefficients', 'read'),
      vectors('factors', 'read'),
      STEP_BINDING,
      ...(isInPlace ? [] : [vectors('result', 'readWrite')]),
    ],
    declarations: '',
    workgroupSize: LANES,
    groupCount: Math.ceil(count / perGroup),
    body: `
  let validCount = step.itemCount * ${rowsPerItem * channelVectors}u;
  for (var turn = 0u; turn < ${VECTORS_PER_LANE}u; turn++) {
    let at = group * ${perGroup}u + turn * ${LANES}u + lane;
    if (at < ${count}u) {
      let channel = at % ${channelVectors}u;
      let centred = base[at] - coefficients[${2 * channelVectors}u + channel];
      let value = factors[channel] * gradient[at] + factors[${channelVectors}u + channel] * centred + factors[${2 * channelVectors}u + channel];
      ${isInPlace ? 'gradient' : 'result'}[at] = select(vec4<f32>(), value, at < validCount);
    }
  }`,
    work: { flops: 20 * count, bytes: 48 * count },
  });
}
