// The tile sizes that products may take, and which one a product takes where nothing was measured.

import { countFilterTiles, gradientSize } from '../kernels/filterGradient.ts';
import { isPlainProduct, type TapGeometry } from '../kernels/tapGeometry.ts';
import type { TileShape } from '../kernels/tileLayout.ts';

/** Convolutions and input gradients are `pixels` products: rows are pixels. In filter gradients the pixels are the depth. */
export type ProductKind = 'pixels' | 'filter';

export interface ProductProblem {
  readonly kind: ProductKind;
  readonly geometry: TapGeometry;
  /** Whether the source is normalised or activated as it is read. */
  readonly hasView: boolean;
}

export type ChooseTile = (problem: ProductProblem) => TileShape;

const tile = (rows: number, columns: number, threadRows: number, threadColumns: number): TileShape => ({
  rows,
  columns,
  depth: 16,
  threadRows,
  threadColumns,
  isPrefetched: true,
});

/**
 * For processors that play a card: their threads are long, so a lane computes many results; and their compilers take minutes for
 * code that keeps many numbers across barriers, so nothing is prefetched.
 */
const SOFTWARE_TILES: Readonly<Record<ProductKind, TileShape>> = {
  pixels: { ...tile(64, 32, 8, 8), depth: 32, isPrefetched: false },
  filter: { ...tile(32, 64, 8, 8), isPrefetched: false },
};

export const chooseSoftwareTile: ChooseTile = ({ kind }) => SOFTWARE_TILES[kind];

/**
 * Large tiles reuse more of what they load, small ones fill the card where a product is small. All fit into 16 KiB of
 * workgroup memory and 256 invocations, which every WebGPU device has.
 */
export const PIXEL_TILES: readonly TileShape[] = [
  tile(128, 128, 8, 8),
  tile(128, 64, 8, 4),
  tile(64, 64, 4, 4),
  tile(128, 32, 8, 4),
  tile(64, 32, 4, 4),
  tile(32, 32, 4, 4),
];

export const FILTER_TILES: readonly TileShape[] = [
  tile(128, 128, 8, 8),
  tile(128, 64, 8, 4),
  tile(64, 64, 4, 4),
  tile(64, 32, 4, 4),
  tile(32, 32, 4, 4),
];

export function tilesFor(kind: ProductKind): readonly TileShape[] {
  return kind === 'pixels' ? PIXEL_TILES : FILTER_TILES;
}

/** Sizes of the product as a matrix product, padded channels included. */
export function productSize({ kind, geometry }: ProductProblem): { rows: number; columns: number; depth: number } {
  const pixels = geometry.batch * geometry.gridHeight * geometry.gridWidth;
  if (kind === 'filter') return { ...gradientSize(geometry), depth: pixels };
  const taps = Math.max(...geometry.phases.map((phase) => phase.tapRows * phase.tapColumns));
  return {
    rows: pixels * geometry.phases.length,
    columns: 4 * geometry.resultVectors,
    depth: 4 * taps * geometry.sourceVectors,
  };
}

/** Two products with the same key take the same time. */
export function productKey(problem: ProductProblem): string {
  const { rows, columns, depth } = productSize(problem);
  const access = isPlainProduct(problem.geometry) ? 'plain' : `taps${problem.geometry.sourceStep}`;
  return `${problem.kind} ${rows}x${columns}x${depth} ${access}${problem.hasView ? ' view' : ''}`;
}

/** Workgroups below which a card is thought to idle. */
const BUSY_GROUPS = 256;
/** A tile may compute this share of nothing before a smaller one is taken. */
const WASTED_SHARE = 0.3;

/** Without measuring: the largest tile that keeps the card busy and is not mostly empty, else the smallest. */
export const chooseFixedTile: ChooseTile = (problem) => {
  const { rows, columns } = productSize(problem);
  const candidates = tilesFor(problem.kind);
  const found = candidates.find((candidate) => {
    const across = Math.ceil(columns / candidate.columns);
    const down = Math.ceil(rows / candidate.rows);
    const used = (rows * columns) / (across * candidate.columns * down * candidate.rows);
    // Filter gradients share their pixels out, so few tiles do not leave the card idle.
    return used >= 1 - WASTED_SHARE && (problem.kind === 'filter' || across * down >= BUSY_GROUPS);
  });
  return found ?? (candidates.at(-1) as TileShape);
};

/**
 * Workgroups that all tiles and splits of a filter gradient together should reach: two for each of the 132 processors of the
 * largest cards. More would only write more partial sums.
 */
const FILTER_GROUPS = 264;
/** Pixels below which another split costs more in partial sums than it wins. */
const FEWEST_PIXELS_PER_SPLIT = 256;

/** How many workgroups share the pixels of each tile of a filter gradient. */
export function chooseSplits(geometry: TapGeometry, shape: TileShape): number {
  const pixels = geometry.batch * geometry.gridHeight * geometry.gridWidth;
  const most = Math.ceil(pixels / FEWEST_PIXELS_PER_SPLIT);
  return Math.max(1, Math.min(most, Math.round(FILTER_GROUPS / countFilterTiles(geometry, shape))));
}
