// The matrix product behind dense convolutions, their input gradients and linear layers: an implicit GEMM over tap geometry.
// A workgroup computes a tile of result rows (pixels) times columns (channels); source and weights pass through workgroup
// memory in slices of `depth`, and the next slice is fetched into registers while the present one is multiplied.

import { assembleKernel, type Kernel, type KernelFamily, repeat, vectors } from './kernel.ts';
import { countTapFlops, isPlainProduct, type TapGeometry, type TapPhase } from './tapGeometry.ts';
import { endTile, epilogueBindings, type ProductEpilogue } from './tileEpilogue.ts';
import { layOutTile, type TileLayout, type TileShape } from './tileLayout.ts';
import { declareCoefficients, seenThrough, type ViewCode, viewBindings } from './view.ts';

export interface TileProductOptions {
  readonly family: KernelFamily;
  readonly geometry: TapGeometry;
  readonly tile: TileShape;
  readonly view: ViewCode;
  readonly epilogue: ProductEpilogue;
}

/**
 * Bindings: source [batch, sourceHeight, sourceWidth, channel], weights [tap, source channel, result channel], result, and
 * what view and epilogue ask for.
 */
export function tileProduct(options: TileProductOptions): Kernel {
  const { geometry, tile, view, epilogue } = options;
  const layout = layOutTile(tile);
  const rowCount = geometry.batch * geometry.gridHeight * geometry.gridWidth;
  const rowTiles = Math.ceil(rowCount / tile.rows);
  const columnTiles = Math.ceil(geometry.resultVectors / layout.columnVectors);
  const sourcePixels = geometry.batch * geometry.sourceHeight * geometry.sourceWidth;
  const resultPixels = geometry.batch * geometry.resultHeight * geometry.resultWidth;
  return assembleKernel({
    family: options.family,
    bindings: [
      vectors('source', 'read'),
      vectors('weights', 'read'),
      vectors('result', 'readWrite'),
      ...viewBindings(view, 'sourceNorm'),
      ...epilogueBindings(epilogue),
    ],
    declarations: `var<workgroup> sourceTile: array<vec4<f32>, ${tile.rows * layout.sourceStride}>;
var<workgroup> weightTile: array<vec4<f32>, ${tile.depth * layout.columnVectors}>;`,
    workgroupSize: layout.laneCount,
    groupCount: rowTiles * columnTiles,
    planeCount: geometry.phases.length,
    body: `
  let columnTile = group % ${columnTiles}u;
  let rowTile = group / ${columnTiles}u;
  let across = lane % ${layout.lanesAcross}u;
  let down = lane / ${layout.lanesAcross}u;
  ${declarePhase(geometry, layout)}
  ${declareSourceSlots(geometry, layout, rowCount)}
  ${declareWeightSlots(layout)}
  ${multiplySlices(options, layout)}
  ${endTile({ epilogue, geometry, layout, rowCount, rowTiles })}`,
    work: {
      flops: countTapFlops(geometry),
      bytes: 16 * (sourcePixels * geometry.sourceVectors + resultPixels * geometry.resultVectors),
    },
  });
}

/** The numbers of this workgroup's phase: constants where there is one phase, else chosen by `plane`. */
function declarePhase(geometry: TapGeometry, layout: TileLayout): string {
  const numbers = (phase: TapPhase) => {
    const depthVectors = phase.tapRows * phase.tapColumns * geometry.sourceVectors;
    return {
      firstRow: `${phase.firstRow}u`,
      firstColumn: `${phase.firstColumn}u`,
      tapColumns: `${Math.max(phase.tapColumns, 1)}u`,
      rowOffset: `${phase.rowOffset}i`,
      columnOffset: `${phase.columnOffset}i`,
      firstTap: `${phase.firstTap}u`,
      sourceDepth: `${depthVectors}u`,
      sliceCount: `${Math.ceil(depthVectors / layout.depthVectors)}u`,
    };
  };
  const [only, ...others] = geometry.phases;
  if (only && others.length === 0) {
    return Object.entries(numbers(only))
      .map(([name, value]) => `const ${name} = ${value};`)
      .join(' ');
  }
  const names = Object.keys(numbers(only as TapPhase));
  const declarations = names.map((name) => `var ${name} = 0${name.endsWith('Offset') ? 'i' : 'u'};`).join(' ');
  const cases = geometry.phases.map((phase, index) => {
    const assignments = Object.entries(numbers(phase)).map(([name, value]) => `${name} = ${value};`);
    return `${index === geometry.phases.length - 1 ? 'default' : `case ${index}u`}: { ${assignments.join(' ')} }`;
  });
  return `${declarations}\n  switch plane { ${cases.join('\n    ')} }`;
}

/** Each lane fetches the same depth of `count` rows; where those rows begin in the source is known before the loop. */
function declareSourceSlots(geometry: TapGeometry, layout: TileLayout, rowCount: number): string {
  const { tile, laneCount, depthVectors } = layout;
  const rowsAtOnce = laneCount / depthVectors;
  const isPlain = isPlainProduct(geometry);
  return `let slotDepth = lane % ${depthVectors}u;
  let slotRow = lane / ${depthVectors}u;
${repeat(
  tile.rows / rowsAtOnce,
  (slot) => `  let row${slot} = rowTile * ${tile.rows}u + slotRow + ${slot * rowsAtOnce}u;
  ${isPlain ? `let isRow${slot} = row${slot} < ${rowCount}u;` : locateRow(geometry, rowCount, slot)}
  var fetched${slot} = vec4<f32>();`,
)}`;
}

function locateRow(geometry: TapGeometry, rowCount: number, slot: number): string {
  const { gridHeight, gridWidth, sourceHeight, sourceWidth, sourceStep } = geometry;
  return `let item${slot} = row${slot} / ${gridHeight * gridWidth}u;
  let place${slot} = row${slot} % ${gridHeight * gridWidth}u;
  let isRow${slot} = row${slot} < ${rowCount}u;
  let top${slot} = i32(place${slot} / ${gridWidth}u * ${sourceStep}u) + rowOffset;
  let left${slot} = i32(place${slot} % ${gridWidth}u * ${sourceStep}u) + columnOffset;
  let start${slot} = i32(item${slot}) * ${sourceHeight * sourceWidth}i;`;
}

function declareWeightSlots(layout: TileLayout): string {
  return repeat(weightSlotCount(layout), (slot) => `  var fetchedWeight${slot} = vec4<f32>();`);
}

function weightSlotCount({ tile, columnVectors, laneCount }: TileLayout): number {
  return (tile.depth * columnVectors) / laneCount;
}

function multiplySlices({ geometry, view }: TileProductOptions, layout: TileLayout): string {
  const { tile, laneCount, depthVectors, columnVectors, threadVectors, sourceStride } = layout;
  const rowsAtOnce = laneCount / depthVectors;
  const fetch = (slice: string) => `${fetchSource(geometry, view, layout, slice)}
    ${fetchWeights(geometry, layout, slice)}`;
  return `${repeat(tile.threadRows, (row) => repeat(threadVectors, (vector) => `  var sum${row}_${vector} = vec4<f32>();`))}
  {
    ${fetch('0u')}
  }
  for (var slice = 0u; slice < sliceCount; slice++) {
${repeat(
  tile.rows / rowsAtOnce,
  (slot) => `    sourceTile[(slotRow + ${slot * rowsAtOnce}u) * ${sourceStride}u + slotDepth] = fetched${slot};`,
)}
${repeat(weightSlotCount(layout), (slot) => `    weightTile[lane + ${slot * laneCount}u] = fetchedWeight${slot};`)}
    workgroupBarrier();
    {
    ${fetch('slice + 1u')}
    }
    for (var depth = 0u; depth < ${depthVectors}u; depth++) {
      let weightAt = depth * ${4 * columnVectors}u + across;
${repeat(4, (part) =>
  repeat(
    threadVectors,
    (vector) =>
      `      let weight${part}_${vector} = weightTile[weightAt + ${part * columnVectors + vector * layout.lanesAcross}u];`,
  ),
)}
${repeat(tile.threadRows, (row) => multiplyRow(row, layout))}
    }
    workgroupBarrier();
  }`;
}

function multiplyRow(row: number, layout: TileLayout): string {
  const { lanesDown, sourceStride, threadVectors } = layout;
  return `      let value${row} = sourceTile[(down + ${row * lanesDown}u) * ${sourceStride}u + depth];
${repeat(threadVectors, (vector) =>
  ['x', 'y', 'z', 'w']
    .map((part, index) => `      sum${row}_${vector} += value${row}.${part} * weight${index}_${vector};`)
    .join('\n'),
)}`;
}

/** Fills fetched0, fetched1, ... with slice `slice`; zeros outside the picture, beyond the last row and the last tap. */
function fetchSource(geometry: TapGeometry, view: ViewCode, layout: TileLayout, slice: string): string {
  const { sourceVectors, sourceWidth, sourceHeight, tapStep } = geometry;
  const { tile, laneCount, depthVectors } = layout;
  const slots = tile.rows / (laneCount / depthVectors);
  const isPlain = isPlainProduct(geometry);
  const shared = `let depthAt = (${slice}) * ${depthVectors}u + slotDepth;
    let hasDepth = depthAt < sourceDepth;
    ${isPlain ? 'let channel = select(0u, depthAt, hasDepth);' : `let tap = depthAt / ${sourceVectors}u; let channel = depthAt % ${sourceVectors}u;`}
    ${declareCoefficients(view, 'sourceNorm', 'channel', sourceVectors)}
    ${isPlain ? '' : `let tapDown = ${tapStep}i * i32(tap / tapColumns); let tapAcross = ${tapStep}i * i32(tap % tapColumns);`}`;
  return `${shared}
${repeat(slots, (slot) => {
  const locate = isPlain
    ? `let isThere = hasDepth && isRow${slot};
      let at = row${slot} * ${sourceVectors}u + channel;`
    : `let y = top${slot} + tapDown; let x = left${slot} + tapAcross;
      let isThere = hasDepth && isRow${slot} && u32(y) < ${sourceHeight}u && u32(x) < ${sourceWidth}u;
      let at = u32((start${slot} + y * ${sourceWidth}i + x) * ${sourceVectors}i) + channel;`;
  return `    { ${locate}
      let stored = source[select(0u, at, isThere)];
      fetched${slot} = select(vec4<f32>(), ${seenThrough(view, 'sourceNorm', 'stored')}, isThere); }`;
})}`;
}

/** Fills fetchedWeight0, ...: rows are depth (tap, source channel), zeros beyond the last row and the last column. */
function fetchWeights(geometry: TapGeometry, layout: TileLayout, slice: string): string {
  const { resultVectors, sourceVectors, tapRowStep, tapColumnStep, phases } = geometry;
  const { tile, columnVectors, laneCount } = layout;
  const isWhole = phases.length === 1;
  return repeat(weightSlotCount(layout), (slot) => {
    const findRow = isWhole
      ? 'let weightRow = depthRow;'
      : `let tap = (depthRow / 4u) / ${sourceVectors}u;
      let kernelTap = firstTap + (tap / tapColumns) * ${tapRowStep}u + (tap % tapColumns) * ${tapColumnStep}u;
      let weightRow = kernelTap * ${4 * sourceVectors}u + depthRow % ${4 * sourceVectors}u;`;
    return `    { let place = lane + ${slot * laneCount}u;
      let depthRow = (${slice}) * ${tile.depth}u + place / ${columnVectors}u;
      let column = columnTile * ${columnVectors}u + place % ${columnVectors}u;
      let isThere = depthRow < 4u * sourceDepth && column < ${resultVectors}u;
      ${findRow}
      fetchedWeight${slot} = select(vec4<f32>(), weights[select(0u, weightRow * ${resultVectors}u + column, isThere)], isThere); }`;
  });
}
