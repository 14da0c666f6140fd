// Which source pixel each kernel tap meets, as arithmetic that a shader can do: for a convolution, and for its gradient with
// respect to the input, whose strides are split into phases so that no tap ever meets a zero between pixels.

export interface ConvolutionShape {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelSize: number;
  readonly stride: number;
  /** Zeros above and to the left; those below and to the right follow from the sizes. */
  readonly padTop: number;
  readonly padLeft: number;
  /** Groups of four channels, the last one filled up with zeros. */
  readonly inVectors: number;
  readonly outVectors: number;
}

/** Result pixels that meet the same taps: all of a convolution, or one of stride * stride phases of its input gradient. */
export interface TapPhase {
  /** Where grid position 0 lies in the result. */
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly tapRows: number;
  readonly tapColumns: number;
  /** Source position of tap (0, 0) for grid position 0. */
  readonly rowOffset: number;
  readonly columnOffset: number;
  /** Kernel tap of (0, 0). */
  readonly firstTap: number;
}

/**
 * Result pixel (gridStep * gy + firstRow, ...) is the sum over taps (ty, tx) of source pixel
 * (sourceStep * gy + rowOffset + tapStep * ty, ...) times kernel tap firstTap + ty * tapRowStep + tx * tapColumnStep.
 */
export interface TapGeometry {
  readonly batch: number;
  readonly sourceHeight: number;
  readonly sourceWidth: number;
  readonly sourceVectors: number;
  readonly resultHeight: number;
  readonly resultWidth: number;
  readonly resultVectors: number;
  /** Pixels of the largest phase. */
  readonly gridHeight: number;
  readonly gridWidth: number;
  readonly gridStep: number;
  readonly sourceStep: number;
  readonly tapStep: 1 | -1;
  readonly tapRowStep: number;
  readonly tapColumnStep: number;
  readonly phases: readonly TapPhase[];
}

export function forwardGeometry(shape: ConvolutionShape): TapGeometry {
  const { kernelSize } = shape;
  return {
    batch: shape.batch,
    sourceHeight: shape.inHeight,
    sourceWidth: shape.inWidth,
    sourceVectors: shape.inVectors,
    resultHeight: shape.outHeight,
    resultWidth: shape.outWidth,
    resultVectors: shape.outVectors,
    gridHeight: shape.outHeight,
    gridWidth: shape.outWidth,
    gridStep: 1,
    sourceStep: shape.stride,
    tapStep: 1,
    tapRowStep: kernelSize,
    tapColumnStep: 1,
    phases: [
      {
        firstRow: 0,
        firstColumn: 0,
        tapRows: kernelSize,
        tapColumns: kernelSize,
        rowOffset: -shape.padTop,
        columnOffset: -shape.padLeft,
        firstTap: 0,
      },
    ],
  };
}

/**
 * Input pixel i was met by tap k at output o where stride * o = i + pad - k. Pixels with the same i mod stride meet the
 * same taps: k = first + stride * t and o = (i + pad - first) / stride - t.
 */
export function inputGradientGeometry(shape: ConvolutionShape): TapGeometry {
  const { kernelSize, stride } = shape;
  const phases: TapPhase[] = [];
  for (let firstRow = 0; firstRow < Math.min(stride, shape.inHeight); firstRow++) {
    const rows = tapsOfPhase(firstRow, shape.padTop, kernelSize, stride);
    for (let firstColumn = 0; firstColumn < Math.min(stride, shape.inWidth); firstColumn++) {
      const columns = tapsOfPhase(firstColumn, shape.padLeft, kernelSize, stride);
      phases.push({
        firstRow,
        firstColumn,
        tapRows: rows.count,
        tapColumns: columns.count,
        rowOffset: rows.offset,
        columnOffset: columns.offset,
        firstTap: rows.first * kernelSize + columns.first,
      });
    }
  }
  return {
    batch: shape.batch,
    sourceHeight: shape.outHeight,
    sourceWidth: shape.outWidth,
    sourceVectors: shape.outVectors,
    resultHeight: shape.inHeight,
    resultWidth: shape.inWidth,
    resultVectors: shape.inVectors,
    gridHeight: Math.ceil(shape.inHeight / stride),
    gridWidth: Math.ceil(shape.inWidth / stride),
    gridStep: stride,
    sourceStep: 1,
    tapStep: -1,
    tapRowStep: stride * kernelSize,
    tapColumnStep: stride,
    phases,
  };
}

function tapsOfPhase(phase: number, pad: number, kernelSize: number, stride: number) {
  const first = (phase + pad) % stride;
  const count = first < kernelSize ? Math.ceil((kernelSize - first) / stride) : 0;
  return { first: count === 0 ? 0 : first, count, offset: count === 0 ? 0 : (phase + pad - first) / stride };
}

/** One tap that meets every source pixel once, in order: a plain matrix product. */
export function isPlainProduct(geometry: TapGeometry): boolean {
  const [phase, ...others] = geometry.phases;
  return (
    others.length === 0 &&
    phase !== undefined &&
    phase.tapRows * phase.tapColumns === 1 &&
    geometry.sourceStep === 1 &&
    phase.rowOffset === 0 &&
    phase.columnOffset === 0 &&
    geometry.sourceHeight === geometry.gridHeight &&
    geometry.sourceWidth === geometry.gridWidth
  );
}

/** Multiplications and additions of all phases, padded channels and taps outside the picture included. */
export function countTapFlops(geometry: TapGeometry): number {
  const taps = geometry.phases.reduce((sum, phase) => sum + phase.tapRows * phase.tapColumns, 0);
  const pixels = geometry.batch * geometry.gridHeight * geometry.gridWidth;
  return 2 * taps * pixels * 16 * geometry.sourceVectors * geometry.resultVectors;
}
