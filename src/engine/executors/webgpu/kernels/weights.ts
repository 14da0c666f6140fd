// Kernels over many weights at once, driven by a table of blocks: the sum of partial filter gradients, and the transposed
// copies that input gradients read.

import { assembleKernel, type Kernel, vectors, words } from './kernel.ts';

const LANES = 256;

/** Vec4s that one workgroup of sumPartials adds up. */
export const SUM_BLOCK = LANES;

/** A run of at most SUM_BLOCK vec4s: destination[i] = sum over splits of source[i + split * stride]. All in vec4s. */
export interface SumBlock {
  readonly sourceAt: number;
  readonly destinationAt: number;
  readonly stride: number;
  readonly count: number;
  readonly splits: number;
}

/** Five words for each block, in the order of the interface. */
export function encodeSumBlocks(blocks: readonly SumBlock[]): Uint32Array {
  return Uint32Array.from(
    blocks.flatMap(({ sourceAt, destinationAt, stride, count, splits }) => [
      sourceAt,
      destinationAt,
      stride,
      count,
      splits,
    ]),
  );
}

/** Always in the order of the splits, so the result is the same every time. Bindings: source, destination, blocks. */
export function sumPartials(blocks: readonly SumBlock[]): Kernel {
  const bytes = blocks.reduce((sum, { count, splits }) => sum + 16 * count * (splits + 1), 0);
  return assembleKernel({
    family: 'sumPartials',
    bindings: [vectors('source', 'read'), vectors('destination', 'readWrite'), words('blocks', 'read')],
    declarations: '',
    workgroupSize: LANES,
    groupCount: blocks.length,
    body: `  let block = group * 5u;
  if (lane >= blocks[block + 3u]) { return; }
  let stride = blocks[block + 2u];
  let splits = blocks[block + 4u];
  var at = blocks[block] + lane;
  var sum = source[at];
  for (var split = 1u; split < splits; split++) { at += stride; sum += source[at]; }
  destination[blocks[block + 1u] + lane] = sum;`,
    work: { flops: bytes / 4, bytes },
  });
}

/** Rows and columns of a tile: eight by eight lanes, each with a block of four by four numbers. */
const TILE = 32;
const TRANSPOSE_LANES = 64;

/** One tile of one tap's matrix [rows, columns], row by row, to [columns, rows]. Offsets in numbers. */
export interface TransposeBlock {
  readonly sourceAt: number;
  readonly destinationAt: number;
  readonly rows: number;
  readonly columns: number;
  readonly firstRow: number;
  readonly firstColumn: number;
}

/** The tiles of a weight [tap, rows, columns]. */
export function transposeBlocks(
  sourceAt: number,
  destinationAt: number,
  taps: number,
  rows: number,
  columns: number,
): TransposeBlock[] {
  const blocks: TransposeBlock[] = [];
  for (let tap = 0; tap < taps; tap++) {
    const start = tap * rows * columns;
    for (let firstRow = 0; firstRow < rows; firstRow += TILE) {
      for (let firstColumn = 0; firstColumn < columns; firstColumn += TILE) {
        blocks.push({
          sourceAt: sourceAt + start,
          destinationAt: destinationAt + start,
          rows,
          columns,
          firstRow,
          firstColumn,
        });
      }
    }
  }
  return blocks;
}

/** Six words for each block, in the order of the interface. */
export function encodeTransposeBlocks(blocks: readonly TransposeBlock[]): Uint32Array {
  return Uint32Array.from(
    blocks.flatMap(({ sourceAt, destinationAt, rows, columns, firstRow, firstColumn }) => [
      sourceAt,
      destinationAt,
      rows,
      columns,
      firstRow,
      firstColumn,
    ]),
  );
}

/**
 * Blocks are turned in registers. Eight lanes side by side read 128 bytes of a row, eight below one another write 128 bytes of
 * a column, so neither needs workgroup memory. Rows and columns are multiples of four. Bindings: source, destination, blocks.
 */
export function transposeWeights(blocks: readonly TransposeBlock[]): Kernel {
  const bytes = 8 * TILE * TILE * blocks.length;
  return assembleKernel({
    family: 'transposeWeights',
    bindings: [vectors('source', 'read'), vectors('destination', 'readWrite'), words('blocks', 'read')],
    declarations: '',
    workgroupSize: TRANSPOSE_LANES,
    groupCount: blocks.length,
    body: `  let block = group * 6u;
  let rows = blocks[block + 2u] / 4u; let columns = blocks[block + 3u] / 4u;
  let row = blocks[block + 4u] / 4u + lane / 8u; let column = blocks[block + 5u] / 4u + lane % 8u;
  if (row >= rows || column >= columns) { return; }
  let start = blocks[block] / 4u + 4u * row * columns + column;
  let turned = transpose(mat4x4<f32>(source[start], source[start + columns], source[start + 2u * columns], source[start + 3u * columns]));
  let end = blocks[block + 1u] / 4u + 4u * column * rows + row;
  destination[end] = turned[0]; destination[end + rows] = turned[1];
  destination[end + 2u * rows] = turned[2]; destination[end + 3u * rows] = turned[3];`,
    work: { flops: 0, bytes },
  });
}
