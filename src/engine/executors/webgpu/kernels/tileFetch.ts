// How slices of source and weights come into workgroup memory: a lane always fetches the same depth of a few rows, and the same
// columns of a few weight rows. Either the next slice waits in registers while the present one is multiplied, or slices are
// fetched when they are needed, in a loop: less code, and less to overlap.

import { repeat } from './kernel.ts';
import { isPlainProduct, type TapGeometry } from './tapGeometry.ts';
import type { TileLayout } from './tileLayout.ts';
import { declareCoefficients, seenThrough, type ViewCode } from './view.ts';

export interface TileSource {
  readonly geometry: TapGeometry;
  readonly view: ViewCode;
  readonly layout: TileLayout;
  /** Result rows of one phase. */
  readonly rowCount: number;
}

/** One of the rows (or weight rows) that a lane fetches: its number, and what its names end in. */
interface Slot {
  readonly number: string;
  readonly suffix: string;
}

const numbered = (slot: number): Slot => ({ number: `${slot}u`, suffix: `${slot}` });
const LOOPED: Slot = { number: 'slot', suffix: '' };

function rowsAtOnce({ laneCount, depthVectors }: TileLayout): number {
  return laneCount / depthVectors;
}

function countSourceSlots(layout: TileLayout): number {
  return layout.tile.rows / rowsAtOnce(layout);
}

function countWeightSlots({ tile, columnVectors, laneCount }: TileLayout): number {
  return (tile.depth * columnVectors) / laneCount;
}

function declarePlace({ depthVectors }: TileLayout): string {
  return `let slotDepth = lane % ${depthVectors}u;
  let slotRow = lane / ${depthVectors}u;`;
}

/** Declares the registers that a slice waits in, and where their rows begin in the source. */
export function declareFetched(source: TileSource): string {
  const { layout } = source;
  return `${declarePlace(layout)}
${repeat(
  countSourceSlots(layout),
  (slot) => `  ${locateRow(source, numbered(slot))}
  var fetched${slot} = vec4<f32>();`,
)}
${repeat(countWeightSlots(layout), (slot) => `  var fetchedWeight${slot} = vec4<f32>();`)}`;
}

export function fetchIntoRegisters(source: TileSource, slice: string): string {
  return `${locateDepth(source, slice)}
${repeat(
  countSourceSlots(source.layout),
  (slot) => `    { ${fetchRow(source, numbered(slot))}
      fetched${slot} = value; }`,
)}
${repeat(
  countWeightSlots(source.layout),
  (slot) => `    { ${fetchWeight(source, slice, numbered(slot))}
      fetchedWeight${slot} = weight; }`,
)}`;
}

export function storeFetched({ layout }: TileSource): string {
  const { laneCount, sourceStride } = layout;
  return `${repeat(
    countSourceSlots(layout),
    (slot) =>
      `    sourceTile[(slotRow + ${slot * rowsAtOnce(layout)}u) * ${sourceStride}u + slotDepth] = fetched${slot};`,
  )}
${repeat(countWeightSlots(layout), (slot) => `    weightTile[lane + ${slot * laneCount}u] = fetchedWeight${slot};`)}`;
}

/** Fetches slice `slice` straight into workgroup memory. */
export function fetchIntoTiles(source: TileSource): string {
  const { layout } = source;
  return `{
    ${declarePlace(layout)}
    ${locateDepth(source, 'slice')}
    for (var slot = 0u; slot < ${countSourceSlots(layout)}u; slot++) {
      ${locateRow(source, LOOPED)}
      ${fetchRow(source, LOOPED)}
      sourceTile[(slotRow + slot * ${rowsAtOnce(layout)}u) * ${layout.sourceStride}u + slotDepth] = value;
    }
    for (var slot = 0u; slot < ${countWeightSlots(layout)}u; slot++) {
      ${fetchWeight(source, 'slice', LOOPED)}
      weightTile[lane + slot * ${layout.laneCount}u] = weight;
    }
    }`;
}

function locateRow({ geometry, layout, rowCount }: TileSource, { number, suffix }: Slot): string {
  const { gridHeight, gridWidth, sourceHeight, sourceWidth, sourceStep } = geometry;
  const row = `let row${suffix} = rowTile * ${layout.tile.rows}u + slotRow + ${number} * ${rowsAtOnce(layout)}u;
  let isRow${suffix} = row${suffix} < ${rowCount}u;`;
  if (isPlainProduct(geometry)) return row;
  return `${row}
  let place${suffix} = row${suffix} % ${gridHeight * gridWidth}u;
  let top${suffix} = i32(place${suffix} / ${gridWidth}u * ${sourceStep}u) + rowOffset;
  let left${suffix} = i32(place${suffix} % ${gridWidth}u * ${sourceStep}u) + columnOffset;
  let start${suffix} = i32(row${suffix} / ${gridHeight * gridWidth}u) * ${sourceHeight * sourceWidth}i;`;
}

/** Tap and channel of the depth that this lane fetches. */
function locateDepth({ geometry, view, layout }: TileSource, slice: string): string {
  const { sourceVectors, tapStep } = geometry;
  const isPlain = isPlainProduct(geometry);
  return `let depthAt = (${slice}) * ${layout.depthVectors}u + slotDepth;
    let hasDepth = depthAt < sourceDepth;
    ${isPlain ? 'let channel = select(0u, depthAt, hasDepth);' : `let tap = depthAt / ${sourceVectors}u; let channel = depthAt % ${sourceVectors}u;`}
    ${declareCoefficients(view, 'sourceNorm', 'channel', sourceVectors)}
    ${isPlain ? '' : `let tapDown = ${tapStep}i * i32(tap / tapColumns); let tapAcross = ${tapStep}i * i32(tap % tapColumns);`}`;
}

/** Declares `value`: 0 outside the picture, beyond the last row and the last tap. */
function fetchRow({ geometry, view }: TileSource, { suffix }: Slot): string {
  const { sourceVectors, sourceWidth, sourceHeight } = geometry;
  const locate = isPlainProduct(geometry)
    ? `let isThere = hasDepth && isRow${suffix};
      let at = row${suffix} * ${sourceVectors}u + channel;`
    : `let y = top${suffix} + tapDown; let x = left${suffix} + tapAcross;
      let isThere = hasDepth && isRow${suffix} && u32(y) < ${sourceHeight}u && u32(x) < ${sourceWidth}u;
      let at = u32((start${suffix} + y * ${sourceWidth}i + x) * ${sourceVectors}i) + channel;`;
  return `${locate}
      let stored = source[select(0u, at, isThere)];
      let value = select(vec4<f32>(), ${seenThrough(view, 'sourceNorm', 'stored')}, isThere);`;
}

/** Declares `weight`: rows are depth (tap, source channel); 0 beyond the last row and the last column. */
function fetchWeight({ geometry, layout }: TileSource, slice: string, { number }: Slot): string {
  const { resultVectors, sourceVectors, tapRowStep, tapColumnStep, phases } = geometry;
  const { tile, columnVectors, laneCount } = layout;
  const findRow =
    phases.length === 1
      ? 'let weightRow = depthRow;'
      : `let weightTap = (depthRow / 4u) / ${sourceVectors}u;
      let kernelTap = firstTap + (weightTap / tapColumns) * ${tapRowStep}u + (weightTap % tapColumns) * ${tapColumnStep}u;
      let weightRow = kernelTap * ${4 * sourceVectors}u + depthRow % ${4 * sourceVectors}u;`;
  return `let place = lane + ${number} * ${laneCount}u;
      let depthRow = (${slice}) * ${tile.depth}u + place / ${columnVectors}u;
      let column = columnTile * ${columnVectors}u + place % ${columnVectors}u;
      let hasWeight = depthRow < 4u * sourceDepth && column < ${resultVectors}u;
      ${findRow}
      let weight = select(vec4<f32>(), weights[select(0u, weightRow * ${resultVectors}u + column, hasWeight)], hasWeight);`;
}
