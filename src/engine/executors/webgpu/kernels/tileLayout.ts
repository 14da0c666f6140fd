// How a workgroup shares out a tile of a product among its lanes.

/** Sizes of a tile in numbers (not vectors): all but `depth` and `threadRows` are multiples of four, `depth` is too. */
export interface TileShape {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Results of one invocation. */
  readonly threadRows: number;
  readonly threadColumns: number;
  /** The next slice waits in registers while the present one is multiplied. */
  readonly isPrefetched: boolean;
}

/** What the code of a tile needs to know; all counts are of invocations or vec4s. */
export interface TileLayout {
  readonly tile: TileShape;
  readonly lanesAcross: number;
  readonly lanesDown: number;
  readonly laneCount: number;
  readonly depthVectors: number;
  readonly columnVectors: number;
  readonly threadVectors: number;
  /** Vec4s from one row of the source tile to the next; one more than needed where rows would share memory banks. */
  readonly sourceStride: number;
}

export function layOutTile(tile: TileShape): TileLayout {
  const lanesAcross = tile.columns / tile.threadColumns;
  const lanesDown = tile.rows / tile.threadRows;
  const depthVectors = tile.depth / 4;
  return {
    tile,
    lanesAcross,
    lanesDown,
    laneCount: lanesAcross * lanesDown,
    depthVectors,
    columnVectors: tile.columns / 4,
    threadVectors: tile.threadColumns / 4,
    sourceStride: lanesAcross < 16 ? depthVectors + 1 : depthVectors,
  };
}

/** Bytes of workgroup memory that a tile takes. */
export function tileMemoryBytes(tile: TileShape): number {
  const layout = layOutTile(tile);
  return 16 * (tile.rows * layout.sourceStride + tile.depth * layout.columnVectors);
}
