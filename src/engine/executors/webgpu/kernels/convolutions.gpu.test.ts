import { describe, expect, test } from 'vitest';
import fixture from '../../../../../fixtures/parity/convolutions.json' with { type: 'json' };
import { type Padding, resolvePadding } from '../../../graph/shapes.ts';
import { formulaValues, largestRelativeError } from '../../../testing/formula.ts';
import { useGpu } from '../../../testing/gpu.ts';
import { padLastAxis, transposeLastAxes, unpadLastAxis } from '../../../testing/padding.ts';
import { runKernel } from '../../../testing/runKernel.ts';
import { FILTER_TILES, PIXEL_TILES } from '../plan/tiles.ts';
import { depthwise, depthwiseInputGradient } from './depthwise.ts';
import { depthwiseFilterGradient } from './depthwiseFilterGradient.ts';
import { filterGradient } from './filterGradient.ts';
import { grouped, groupedFilterGradient, groupedInputGradient } from './grouped.ts';
import type { Kernel } from './kernel.ts';
import { plainGrouped, plainGroupedFilterGradient, plainGroupedInputGradient } from './plainGrouped.ts';
import { type ConvolutionShape, forwardGeometry, inputGradientGeometry } from './tapGeometry.ts';
import { PLAIN_EPILOGUE } from './tileEpilogue.ts';
import type { TileShape } from './tileLayout.ts';
import { tileProduct } from './tileProduct.ts';
import { PLAIN_VIEW } from './view.ts';

type Four = [number, number, number, number];
type Case = (typeof fixture.cases)[number];

const gpu = useGpu();
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const padded = (count: number) => 4 * Math.ceil(count / 4);
const SMALL_TILE = PIXEL_TILES.at(-1) as TileShape;
const SMALL_FILTER_TILE = FILTER_TILES.at(-1) as TileShape;
const SPLITS = 2;

/** A case of the fixture as the kernels see it: channels filled up with zeros. */
function readCase(expected: Case) {
  const [batch, inHeight, inWidth, inChannels] = expected.inputShape as Four;
  const [, outHeight, outWidth, outChannels] = expected.outputShape as Four;
  const [kernelSize, , groupChannels] = expected.kernelShape as Four;
  const padding = expected.padding as Padding;
  const { stride, groups, salts, scales } = expected;
  const shape: ConvolutionShape = {
    batch,
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    kernelSize,
    stride,
    padTop: resolvePadding(padding, inHeight, kernelSize, stride).before,
    padLeft: resolvePadding(padding, inWidth, kernelSize, stride).before,
    inVectors: padded(inChannels) / 4,
    outVectors: padded(outChannels) / 4,
  };
  const kernel = formulaValues(size(expected.kernelShape), salts.w, scales.w);
  const rows = groups === 1 ? padded(groupChannels) : groupChannels;
  return {
    shape,
    groups,
    inChannels,
    outChannels,
    groupChannels,
    rows,
    source: padLastAxis(formulaValues(size(expected.inputShape), salts.x, scales.x), inChannels),
    gradient: padLastAxis(formulaValues(size(expected.outputShape), salts.r, scales.r), outChannels),
    weights: padLastAxis(padRows(kernel, groupChannels, rows, outChannels), outChannels),
  };
}

/** [..., rows, columns] with zero rows added. */
function padRows(values: Float32Array, rows: number, paddedRows: number, columns: number): Float32Array {
  const result = new Float32Array((values.length / rows) * paddedRows);
  for (let block = 0; block * rows * columns < values.length; block++) {
    result.set(values.subarray(block * rows * columns, (block + 1) * rows * columns), block * paddedRows * columns);
  }
  return result;
}

type Prepared = ReturnType<typeof readCase>;

interface Kernels {
  readonly forward: Kernel;
  readonly input: Kernel;
  readonly filter: Kernel;
  readonly splits: number;
}

function kernelsFor({ shape, groups, inChannels, outChannels }: Prepared): Kernels {
  if (groups === 1) return denseKernels(shape, SMALL_TILE, SMALL_FILTER_TILE);
  if (groups === inChannels && groups === outChannels) {
    return {
      forward: depthwise({ shape, view: PLAIN_VIEW, epilogue: PLAIN_EPILOGUE }),
      input: depthwiseInputGradient(shape, PLAIN_EPILOGUE),
      filter: depthwiseFilterGradient({ shape, view: PLAIN_VIEW, splits: SPLITS }),
      splits: SPLITS,
    };
  }
  const groupedShape = { ...shape, groups, inChannels, outChannels };
  if ((inChannels / groups) % 4 !== 0 || (outChannels / groups) % 4 !== 0) {
    return {
      forward: plainGrouped(groupedShape, PLAIN_VIEW, false),
      input: plainGroupedInputGradient(groupedShape),
      filter: plainGroupedFilterGradient(groupedShape, PLAIN_VIEW),
      splits: 1,
    };
  }
  return {
    forward: grouped(groupedShape, PLAIN_VIEW, PLAIN_EPILOGUE),
    input: groupedInputGradient(groupedShape, PLAIN_EPILOGUE),
    filter: groupedFilterGradient({ shape: groupedShape, view: PLAIN_VIEW, splits: SPLITS }),
    splits: SPLITS,
  };
}

function denseKernels(shape: ConvolutionShape, tile: TileShape, filterTile: TileShape): Kernels {
  const forward = forwardGeometry(shape);
  const backward = inputGradientGeometry(shape);
  return {
    forward: tileProduct({
      family: 'convolution',
      geometry: forward,
      tile,
      view: PLAIN_VIEW,
      epilogue: PLAIN_EPILOGUE,
    }),
    input: tileProduct({
      family: 'inputGradient',
      geometry: backward,
      tile,
      view: PLAIN_VIEW,
      epilogue: PLAIN_EPILOGUE,
    }),
    filter: filterGradient({ geometry: forward, tile: filterTile, view: PLAIN_VIEW, splits: SPLITS }),
    splits: SPLITS,
  };
}

async function expectParity(expected: Case, prepared: Prepared, kernels: Kernels): Promise<void> {
  const { source, gradient, weights, inChannels, outChannels, groupChannels, rows, groups } = prepared;
  const forward = await runKernel(gpu(), kernels.forward, { source, weights }, { result: gradient.length });
  expect(largestRelativeError(unpadLastAxis(forward.result as Float32Array, outChannels), expected.y)).toBeLessThan(
    1e-5,
  );

  const transposed = groups === 1 ? transposeLastAxes(weights, rows, padded(outChannels)) : weights;
  const input = await runKernel(
    gpu(),
    kernels.input,
    { source: gradient, weights: transposed },
    { result: source.length },
  );
  expect(largestRelativeError(unpadLastAxis(input.result as Float32Array, inChannels), expected.dx)).toBeLessThan(1e-5);

  const partialSize = kernels.splits * weights.length;
  const filter = await runKernel(gpu(), kernels.filter, { source, gradient }, { partials: partialSize });
  const sum = new Float32Array(weights.length).map((_, index) => {
    let total = 0;
    for (let split = 0; split < kernels.splits; split++)
      total += filter.partials?.[split * weights.length + index] as number;
    return total;
  });
  const unpaddedRows = unpadLastAxis(sum, outChannels);
  const dw = rows === groupChannels ? unpaddedRows : dropRows(unpaddedRows, groupChannels, rows, outChannels);
  expect(largestRelativeError(dw, expected.dw)).toBeLessThan(1e-5);
}

function dropRows(values: Float32Array, rows: number, paddedRows: number, columns: number): Float32Array {
  const result = new Float32Array((values.length / paddedRows) * rows);
  for (let block = 0; block * paddedRows * columns < values.length; block++) {
    const start = block * paddedRows * columns;
    result.set(values.subarray(start, start + rows * columns), block * rows * columns);
  }
  return result;
}

describe('a convolution on the device', () => {
  test.each(fixture.cases)('equals PyTorch, and so do its two gradients: $name', async (expected) => {
    const prepared = readCase(expected);
    await expectParity(expected, prepared, kernelsFor(prepared));
  });

  const pairs = PIXEL_TILES.slice(0, -1).map((tile, index) => ({
    tile,
    filterTile: FILTER_TILES[Math.min(index, FILTER_TILES.length - 2)] as TileShape,
  }));

  test.each(pairs)('gives the same with tiles of $tile.rows x $tile.columns', async ({ tile, filterTile }) => {
    for (const name of ['3x3, stride 2, same, odd size', '1x1']) {
      const expected = fixture.cases.find((candidate) => candidate.name === name) as Case;
      const prepared = readCase(expected);
      await expectParity(expected, prepared, denseKernels(prepared.shape, tile, filterTile));
    }
  });
});
