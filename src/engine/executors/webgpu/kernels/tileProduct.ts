// The matrix product behind dense convolutions, their input gradients and linear layers: an implicit GEMM over tap geometry.
// A workgroup computes a tile of result rows (pixels) times columns (channels); source and weights pass through workgroup
// memory in slices of `depth`.

import { assembleKernel, type Kernel, type KernelFamily, repeat, vectors } from './kernel.ts';
import { countTapFlops, type TapGeometry, type TapPhase } from './tapGeometry.ts';
import { endTile, epilogueBindings, type ProductEpilogue } from './tileEpilogue.ts';
import { declareFetched, fetchIntoRegisters, fetchIntoTiles, storeFetched, type TileSource } from './tileFetch.ts';
import { layOutTile, type TileLayout, type TileShape } from './tileLayout.ts';
import { type ViewCode, viewBindings } from './view.ts';

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
  ${multiplySlices(options, layout, rowCount)}
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

function multiplySlices(options: TileProductOptions, layout: TileLayout, rowCount: number): string {
  const { tile, threadVectors } = layout;
  const source: TileSource = { ...options, layout, rowCount };
  const sums = repeat(tile.threadRows, (row) =>
    repeat(threadVectors, (vector) => `  var sum${row}_${vector} = vec4<f32>();`),
  );
  if (!tile.isPrefetched) {
    return `${sums}
  for (var slice = 0u; slice < sliceCount; slice++) {
    ${fetchIntoTiles(source)}
    workgroupBarrier();
    ${multiplySlice(layout)}
    workgroupBarrier();
  }`;
  }
  return `${declareFetched(source)}
${sums}
  {
    ${fetchIntoRegisters(source, '0u')}
  }
  for (var slice = 0u; slice < sliceCount; slice++) {
    ${storeFetched(source)}
    workgroupBarrier();
    {
    ${fetchIntoRegisters(source, 'slice + 1u')}
    }
    ${multiplySlice(layout)}
    workgroupBarrier();
  }`;
}

function multiplySlice(layout: TileLayout): string {
  const { tile, depthVectors, columnVectors, threadVectors } = layout;
  return `for (var depth = 0u; depth < ${depthVectors}u; depth++) {
      let weightAt = depth * ${4 * columnVectors}u + across;
${repeat(4, (part) =>
  repeat(
    threadVectors,
    (vector) =>
      `      let weight${part}_${vector} = weightTile[weightAt + ${part * columnVectors + vector * layout.lanesAcross}u];`,
  ),
)}
${repeat(tile.threadRows, (row) => multiplyRow(row, layout))}
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
