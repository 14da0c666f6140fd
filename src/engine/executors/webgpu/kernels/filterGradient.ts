// The gradient of a dense convolution's kernel, or of a linear layer's weight: (input under each tap)^T times the output's
// gradient, summed over all pixels. The pixels are shared out among `splits` workgroups for each tile; each writes its own
// partial sum, and a second kernel adds them in a fixed order, so that the result is the same every time.

import { assembleKernel, type Kernel, repeat, vectors } from './kernel.ts';
import { countTapFlops, isPlainProduct, type TapGeometry, type TapPhase } from './tapGeometry.ts';
import type { TileShape } from './tileLayout.ts';
import { declareCoefficients, seenThrough, type ViewCode, viewBindings } from './view.ts';

export interface FilterGradientOptions {
  /** Of the convolution itself: one phase. */
  readonly geometry: TapGeometry;
  /** Rows are (tap, input channel), columns output channels, depth pixels. */
  readonly tile: TileShape;
  readonly view: ViewCode;
  readonly splits: number;
}

interface Layout {
  readonly tile: TileShape;
  readonly lanesAcross: number;
  readonly lanesDown: number;
  readonly laneCount: number;
  readonly rowVectors: number;
  readonly columnVectors: number;
  readonly threadRowVectors: number;
  readonly threadVectors: number;
}

interface FilterSource {
  readonly geometry: TapGeometry;
  readonly layout: Layout;
  readonly view: ViewCode;
  readonly pixelsPerSplit: number;
}

function layOut(tile: TileShape): Layout {
  const lanesAcross = tile.columns / tile.threadColumns;
  const lanesDown = tile.rows / tile.threadRows;
  return {
    tile,
    lanesAcross,
    lanesDown,
    laneCount: lanesAcross * lanesDown,
    rowVectors: tile.rows / 4,
    columnVectors: tile.columns / 4,
    threadRowVectors: tile.threadRows / 4,
    threadVectors: tile.threadColumns / 4,
  };
}

/** Tiles of the gradient, before the pixels are shared out. */
export function countFilterTiles(geometry: TapGeometry, tile: TileShape): number {
  const { rows, columns } = gradientSize(geometry);
  return Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
}

/** Rows (tap, input channel) and columns (output channel) of the gradient, padded channels included. */
export function gradientSize(geometry: TapGeometry): { rows: number; columns: number } {
  const phase = geometry.phases[0] as TapPhase;
  return { rows: 4 * phase.tapRows * phase.tapColumns * geometry.sourceVectors, columns: 4 * geometry.resultVectors };
}

/**
 * Bindings: source (the convolution's input), gradient (of its output), partials [split, tap and input channel, output
 * channel], and the view's coefficients.
 */
export function filterGradient({ geometry, tile, view, splits }: FilterGradientOptions): Kernel {
  const layout = layOut(tile);
  const { rows, columns } = gradientSize(geometry);
  const columnTiles = Math.ceil(columns / tile.columns);
  const pixels = geometry.batch * geometry.gridHeight * geometry.gridWidth;
  const pixelsPerSplit = Math.ceil(pixels / splits / tile.depth) * tile.depth;
  const sourcePixels = geometry.batch * geometry.sourceHeight * geometry.sourceWidth;
  return assembleKernel({
    family: 'filterGradient',
    bindings: [
      vectors('source', 'read'),
      vectors('gradient', 'read'),
      vectors('partials', 'readWrite'),
      ...viewBindings(view, 'sourceNorm'),
    ],
    declarations: `var<workgroup> sourceTile: array<vec4<f32>, ${tile.depth * layout.rowVectors}>;
var<workgroup> gradientTile: array<vec4<f32>, ${tile.depth * layout.columnVectors}>;`,
    workgroupSize: layout.laneCount,
    groupCount: countFilterTiles(geometry, tile),
    planeCount: splits,
    body: `
  let columnTile = group % ${columnTiles}u;
  let rowTile = group / ${columnTiles}u;
  let across = lane % ${layout.lanesAcross}u;
  let down = lane / ${layout.lanesAcross}u;
  let firstPixel = plane * ${pixelsPerSplit}u;
  let endPixel = min(firstPixel + ${pixelsPerSplit}u, ${pixels}u);
  ${declareSourceRow(geometry, layout, view)}
  let gradientColumn = columnTile * ${layout.columnVectors}u + lane % ${layout.columnVectors}u;
  let isGradientColumn = gradientColumn < ${geometry.resultVectors}u;
  ${multiplySlices({ geometry, layout, view, pixelsPerSplit })}
  ${storeTile(geometry, layout, rows)}`,
    work: {
      flops: countTapFlops(geometry),
      bytes: 16 * (sourcePixels * geometry.sourceVectors + pixels * geometry.resultVectors),
    },
  });
}

/** A lane always fetches the same (tap, channel group), so tap and coefficients are known before the loop. */
function declareSourceRow(geometry: TapGeometry, layout: Layout, view: ViewCode): string {
  const phase = geometry.phases[0] as TapPhase;
  const { sourceVectors } = geometry;
  return `let sourceRow = rowTile * ${layout.rowVectors}u + lane % ${layout.rowVectors}u;
  let isSourceRow = sourceRow < ${phase.tapRows * phase.tapColumns * sourceVectors}u;
  let channel = sourceRow % ${sourceVectors}u;
  let tap = sourceRow / ${sourceVectors}u;
  let tapDown = i32(tap / ${phase.tapColumns}u) + ${phase.rowOffset}i;
  let tapAcross = i32(tap % ${phase.tapColumns}u) + ${phase.columnOffset}i;
  ${declareCoefficients(view, 'sourceNorm', 'channel', sourceVectors)}`;
}

function multiplySlices(source: FilterSource): string {
  const { layout, pixelsPerSplit } = source;
  const { tile, laneCount, rowVectors, columnVectors, threadRowVectors, threadVectors } = layout;
  const sourceSlots = (tile.depth * rowVectors) / laneCount;
  const gradientSlots = (tile.depth * columnVectors) / laneCount;
  const sums = repeat(4 * threadRowVectors, (row) =>
    repeat(threadVectors, (vector) => `  var sum${row}_${vector} = vec4<f32>();`),
  );
  const slices = `for (var slice = 0u; slice < ${pixelsPerSplit / tile.depth}u; slice++)`;
  if (!tile.isPrefetched) {
    return `${sums}
  ${slices} {
    for (var slot = 0u; slot < ${sourceSlots}u; slot++) { ${fetchSource(source, 'slice', 'slot')} sourceTile[lane + slot * ${laneCount}u] = value; }
    for (var slot = 0u; slot < ${gradientSlots}u; slot++) { ${fetchGradient(source, 'slice', 'slot')} gradientTile[lane + slot * ${laneCount}u] = value; }
    workgroupBarrier();
    ${multiplySlice(layout)}
    workgroupBarrier();
  }`;
  }
  const fetch = (
    slice: string,
  ) => `${repeat(sourceSlots, (slot) => `    { ${fetchSource(source, slice, `${slot}u`)} fetched${slot} = value; }`)}
${repeat(gradientSlots, (slot) => `    { ${fetchGradient(source, slice, `${slot}u`)} fetchedGradient${slot} = value; }`)}`;
  return `${repeat(sourceSlots, (slot) => `  var fetched${slot} = vec4<f32>();`)}
${repeat(gradientSlots, (slot) => `  var fetchedGradient${slot} = vec4<f32>();`)}
${sums}
  ${fetch('0u')}
  ${slices} {
${repeat(sourceSlots, (slot) => `    sourceTile[lane + ${slot * laneCount}u] = fetched${slot};`)}
${repeat(gradientSlots, (slot) => `    gradientTile[lane + ${slot * laneCount}u] = fetchedGradient${slot};`)}
    workgroupBarrier();
    ${fetch('(slice + 1u)')}
    ${multiplySlice(layout)}
    workgroupBarrier();
  }`;
}

function multiplySlice(layout: Layout): string {
  const { tile, columnVectors, threadRowVectors, threadVectors, lanesAcross } = layout;
  return `for (var depth = 0u; depth < ${tile.depth}u; depth++) {
${repeat(threadVectors, (vector) => `      let gradient${vector} = gradientTile[depth * ${columnVectors}u + across + ${vector * lanesAcross}u];`)}
${repeat(threadRowVectors, (row) => multiplyRows(row, layout))}
    }`;
}

function multiplyRows(rowVector: number, { rowVectors, lanesDown, threadVectors }: Layout): string {
  return `      let value${rowVector} = sourceTile[depth * ${rowVectors}u + down + ${rowVector * lanesDown}u];
${['x', 'y', 'z', 'w']
  .map((part, index) =>
    repeat(
      threadVectors,
      (vector) => `      sum${4 * rowVector + index}_${vector} += value${rowVector}.${part} * gradient${vector};`,
    ),
  )
  .join('\n')}`;
}

/** Declares `value`: the source that this lane's tap meets at a pixel; 0 outside the picture and beyond the last pixel. */
function fetchSource({ geometry, layout, view }: FilterSource, slice: string, slot: string): string {
  const { sourceHeight, sourceWidth, sourceVectors, sourceStep, gridHeight, gridWidth } = geometry;
  const { tile, laneCount, rowVectors } = layout;
  const locate = isPlainProduct(geometry)
    ? `let isThere = isSourceRow && pixel < endPixel;
      let at = pixel * ${sourceVectors}u + channel;`
    : `let place = pixel % ${gridHeight * gridWidth}u;
      let y = i32(place / ${gridWidth}u * ${sourceStep}u) + tapDown; let x = i32(place % ${gridWidth}u * ${sourceStep}u) + tapAcross;
      let isThere = isSourceRow && pixel < endPixel && u32(y) < ${sourceHeight}u && u32(x) < ${sourceWidth}u;
      let at = u32((i32(pixel / ${gridHeight * gridWidth}u) * ${sourceHeight * sourceWidth}i + y * ${sourceWidth}i + x) * ${sourceVectors}i) + channel;`;
  return `let pixel = firstPixel + ${slice} * ${tile.depth}u + lane / ${rowVectors}u + ${slot} * ${laneCount / rowVectors}u;
      ${locate}
      let stored = source[select(0u, at, isThere)];
      let value = select(vec4<f32>(), ${seenThrough(view, 'sourceNorm', 'stored')}, isThere);`;
}

/** Declares `value`: the gradient of this lane's output channels at a pixel. */
function fetchGradient({ geometry, layout }: FilterSource, slice: string, slot: string): string {
  const { tile, laneCount, columnVectors } = layout;
  return `let pixel = firstPixel + ${slice} * ${tile.depth}u + lane / ${columnVectors}u + ${slot} * ${laneCount / columnVectors}u;
      let isThere = isGradientColumn && pixel < endPixel;
      let value = select(vec4<f32>(), gradient[select(0u, pixel * ${geometry.resultVectors}u + gradientColumn, isThere)], isThere);`;
}

function storeTile(geometry: TapGeometry, layout: Layout, rowCount: number): string {
  const { rowVectors, lanesDown, lanesAcross, columnVectors, threadRowVectors, threadVectors } = layout;
  const columns = geometry.resultVectors;
  return repeat(threadRowVectors, (row) =>
    repeat(
      threadVectors,
      (vector) => `  { let column = columnTile * ${columnVectors}u + across + ${vector * lanesAcross}u;
    let row = 4u * (rowTile * ${rowVectors}u + down + ${row * lanesDown}u);
    if (row < ${rowCount}u && column < ${columns}u) {
      let at = (plane * ${rowCount}u + row) * ${columns}u + column;
${repeat(4, (part) => `      partials[at + ${part * columns}u] = sum${4 * row + part}_${vector};`)}
    } }`,
    ),
  );
}
