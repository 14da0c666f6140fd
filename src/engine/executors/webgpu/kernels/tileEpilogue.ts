// What happens to a finished tile of a product before and while it is stored: bias, a folded batch norm, a sum with what is
// there, an activation or its gradient's mask, and per-channel sums that spare the batch norm a pass over the result.

import type { ActivationKind } from '../../../graph/graph.ts';
import { type Binding, repeat, STEP_BINDING, vectors } from './kernel.ts';
import type { TapGeometry } from './tapGeometry.ts';
import type { TileLayout } from './tileLayout.ts';
import { activate, declareCoefficients, maskGradient, type ViewCode } from './view.ts';

export interface ProductEpilogue {
  readonly hasBias: boolean;
  /** Times a frozen batch norm's scale, plus its shift. */
  readonly hasFold: boolean;
  /** Plus what the result holds already, or plus another tensor of its shape. */
  readonly addend: 'none' | 'result' | 'other';
  readonly activation: ActivationKind | null;
  /** Mean and sum of squared deviations of each channel over the tile's valid rows, for batch norm. */
  readonly hasMoments: boolean;
  /** The result is the gradient of this view of `base`: 0 where the activation stops it. */
  readonly mask: ViewCode | null;
  /** Sums of the gradient, and of gradient times normalised base, for the batch norm behind `base`. Needs a mask view. */
  readonly hasGradientSums: boolean;
}

export const PLAIN_EPILOGUE: ProductEpilogue = {
  hasBias: false,
  hasFold: false,
  addend: 'none',
  activation: null,
  hasMoments: false,
  mask: null,
  hasGradientSums: false,
};

export function epilogueBindings(epilogue: ProductEpilogue): Binding[] {
  const { hasBias, hasFold, addend, hasMoments, mask, hasGradientSums } = epilogue;
  return [
    ...(hasBias ? [vectors('bias', 'read')] : []),
    ...(hasFold ? [vectors('fold', 'read')] : []),
    ...(addend === 'other' ? [vectors('addend', 'read')] : []),
    ...(mask ? [vectors('base', 'read')] : []),
    ...(mask && (mask.hasNorm || hasGradientSums) ? [vectors('baseNorm', 'read')] : []),
    ...(hasMoments || hasGradientSums ? [vectors('partials', 'readWrite')] : []),
    ...(hasMoments ? [STEP_BINDING] : []),
  ];
}

export interface TileEnd {
  readonly epilogue: ProductEpilogue;
  readonly geometry: TapGeometry;
  readonly layout: TileLayout;
  readonly rowCount: number;
  readonly rowTiles: number;
}

/** Knows sum{row}_{vector}, rowTile, columnTile, across, down, lane, plane and the numbers of the phase. */
export function endTile(end: TileEnd): string {
  const { epilogue, geometry, layout } = end;
  return `${repeat(
    layout.threadVectors,
    (
      vector,
    ) => `  let column${vector} = columnTile * ${layout.columnVectors}u + across + ${vector * layout.lanesAcross}u;
  let isColumn${vector} = column${vector} < ${geometry.resultVectors}u;`,
  )}
${epilogue.hasGradientSums ? repeat(layout.threadVectors, (vector) => `  var gradients${vector} = vec4<f32>(); var products${vector} = vec4<f32>();`) : ''}
${repeat(layout.tile.threadRows, (row) => endRow(end, row))}
${epilogue.hasMoments ? sumMoments(end) : ''}
${epilogue.hasGradientSums ? sumGradients(end) : ''}`;
}

function endRow(end: TileEnd, row: number): string {
  const { geometry, layout, rowCount } = end;
  const { gridHeight, gridWidth, gridStep, resultHeight, resultWidth, resultVectors } = geometry;
  const locate =
    gridStep === 1
      ? `let isRow = resultRow < ${rowCount}u; let pixel = resultRow;`
      : `let place = resultRow % ${gridHeight * gridWidth}u;
    let y = place / ${gridWidth}u * ${gridStep}u + firstRow; let x = place % ${gridWidth}u * ${gridStep}u + firstColumn;
    let isRow = resultRow < ${rowCount}u && y < ${resultHeight}u && x < ${resultWidth}u;
    let pixel = (resultRow / ${gridHeight * gridWidth}u * ${resultHeight}u + y) * ${resultWidth}u + x;`;
  return `  {
    let resultRow = rowTile * ${layout.tile.rows}u + down + ${row * layout.lanesDown}u;
    ${locate}
${repeat(
  layout.threadVectors,
  (vector) => `    if (isRow && isColumn${vector}) {
      let column = column${vector};
      let at = pixel * ${resultVectors}u + column;
      ${endValue(end, `sum${row}_${vector}`, vector)}
    }`,
)}
  }`;
}

function endValue({ epilogue, geometry }: TileEnd, sum: string, vector: number): string {
  const { hasBias, hasFold, addend, activation, hasMoments, mask, hasGradientSums } = epilogue;
  const channels = geometry.resultVectors;
  return `var value = ${sum};
      ${hasBias ? 'value += bias[column];' : ''}
      ${hasFold ? `value = value * fold[column] + fold[${channels}u + column];` : ''}
      ${addend === 'none' ? '' : `value += ${addend === 'result' ? 'result' : 'addend'}[at];`}
      ${activation ? `value = ${activate(activation, 'value')};` : ''}
      ${mask ? `let stored = base[at]; ${declareCoefficients(mask, 'baseNorm', 'column', channels)}` : ''}
      ${mask ? `value = ${maskGradient(mask, 'baseNorm', 'stored', 'value')};` : ''}
      ${
        hasGradientSums
          ? `gradients${vector} += value;
      products${vector} += value * (stored - baseNorm[${2 * channels}u + column]) * baseNorm[${3 * channels}u + column];`
          : ''
      }
      result[at] = value;
      ${hasMoments ? `${sum} = value;` : ''}`;
}

/** Partials: [tile, 2, channel]: mean and sum of squared deviations (Chan et al. 1983 merges them without cancellation). */
function sumMoments({ geometry, layout }: TileEnd): string {
  const { tile, lanesDown, threadVectors } = layout;
  const rowsPerItem = geometry.gridHeight * geometry.gridWidth;
  const isValid = (row: number) => `(tileRow + ${row * lanesDown}u < validRows)`;
  return `  let validRows = min(step.itemCount * ${rowsPerItem}u - min(step.itemCount * ${rowsPerItem}u, rowTile * ${tile.rows}u), ${tile.rows}u);
  let tileRow = down;
  let share = 1.0 / max(f32(validRows), 1.0);
${repeat(
  threadVectors,
  (vector) => `  var total${vector} = vec4<f32>();
${repeat(tile.threadRows, (row) => `  total${vector} += select(vec4<f32>(), sum${row}_${vector}, ${isValid(row)});`)}`,
)}
${addDown(layout, 'total')}
${repeat(threadVectors, (vector) => `  let mean${vector} = sourceTile[across + ${vector * layout.lanesAcross}u] * share;`)}
  workgroupBarrier();
${repeat(
  threadVectors,
  (vector) => `  var spread${vector} = vec4<f32>();
${repeat(
  tile.threadRows,
  (row) =>
    `  { let away = sum${row}_${vector} - mean${vector}; spread${vector} += select(vec4<f32>(), away * away, ${isValid(row)}); }`,
)}`,
)}
${addDown(layout, 'spread')}
${storePartials(geometry, layout, 'rowTile', 'mean', 'sourceTile')}`;
}

/** Partials: [phase and tile, 2, channel]: sum of gradients, sum of gradient times normalised value. */
function sumGradients({ geometry, layout, rowTiles }: TileEnd): string {
  const partial = `(plane * ${rowTiles}u + rowTile)`;
  return `${addDown(layout, 'gradients')}
${repeat(layout.threadVectors, (vector) => `  let gradientSum${vector} = sourceTile[across + ${vector * layout.lanesAcross}u];`)}
  workgroupBarrier();
${addDown(layout, 'products')}
${storePartials(geometry, layout, partial, 'gradientSum', 'sourceTile')}`;
}

/** Adds NAME{vector} over all lanes of a column; the sums lie in sourceTile[0 .. columnVectors) afterwards. */
function addDown({ lanesDown, lanesAcross, columnVectors, threadVectors }: TileLayout, name: string): string {
  return `${repeat(
    threadVectors,
    (vector) => `  sourceTile[down * ${columnVectors}u + across + ${vector * lanesAcross}u] = ${name}${vector};`,
  )}
  workgroupBarrier();
  if (lane < ${columnVectors}u) {
    var added = sourceTile[lane];
    for (var other = 1u; other < ${lanesDown}u; other++) { added += sourceTile[other * ${columnVectors}u + lane]; }
    sourceTile[lane] = added;
  }
  workgroupBarrier();`;
}

function storePartials(
  { resultVectors }: TapGeometry,
  { threadVectors, lanesAcross }: TileLayout,
  partial: string,
  first: string,
  second: string,
): string {
  return `  if (down == 0u) {
${repeat(
  threadVectors,
  (vector) => `    if (isColumn${vector}) {
      partials[${partial} * ${2 * resultVectors}u + column${vector}] = ${first}${vector};
      partials[${partial} * ${2 * resultVectors}u + ${resultVectors}u + column${vector}] = ${second}[across + ${vector * lanesAcross}u];
    }`,
)}
  }`;
}
