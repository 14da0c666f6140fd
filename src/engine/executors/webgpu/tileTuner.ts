// Measures which tiles a network's own products are fastest with, the heaviest products first and for a short while only;
// the rest take the tiles of the most similar product that was measured. What is found is noted for the next visit.

import type { ComputeDevice } from './device.ts';
import type { DeviceNotes } from './deviceNotes.ts';
import { filterGradient } from './kernels/filterGradient.ts';
import type { Kernel } from './kernels/kernel.ts';
import { countTapFlops, type TapGeometry } from './kernels/tapGeometry.ts';
import { PLAIN_EPILOGUE } from './kernels/tileEpilogue.ts';
import type { TileShape } from './kernels/tileLayout.ts';
import { tileProduct } from './kernels/tileProduct.ts';
import { PLAIN_VIEW } from './kernels/view.ts';
import { type LowerOptions, lowerInference, lowerTraining } from './plan/lowerNetwork.ts';
import {
  type ChooseTile,
  chooseFixedTile,
  chooseSplits,
  type ProductProblem,
  productKey,
  productSize,
  tilesFor,
} from './plan/tiles.ts';
import { bindDispatch, encodeDispatch, type PreparedDispatch } from './preparedPlan.ts';
import { canProfile, PassTimer } from './profile.ts';

/** All measuring of one network together; the rest is guessed from what was measured. */
const BUDGET_MS = 2_500;
/** One measurement repeats its dispatch for about this long: browsers blur clocks to a tenth of a millisecond. */
const MEASURE_MS = 6;
const MOST_REPEATS = 50;

export interface TunerOptions {
  readonly compute: ComputeDevice;
  readonly notes: DeviceNotes;
  readonly nowMs: () => number;
  readonly budgetMs?: number;
}

export function createTileTuner({ compute, notes, nowMs, budgetMs = BUDGET_MS }: TunerOptions) {
  return async (options: LowerOptions): Promise<ChooseTile> => {
    const known = new Map(await notes.readTiles(compute.key));
    const problems = findProblems(options);
    const unknown = [...problems.values()].filter((problem) => !known.has(productKey(problem)));
    if (unknown.length > 0) {
      const deadlineMs = nowMs() + budgetMs;
      const measured = await measureHeaviest(compute, unknown, deadlineMs, nowMs);
      for (const [key, tile] of measured) known.set(key, tile);
      // Guesses are noted too: a second visit should not measure again.
      for (const problem of unknown) {
        const key = productKey(problem);
        if (!known.has(key)) known.set(key, nearestTile(problem, problems, known));
      }
      await notes.writeTiles(compute.key, known);
    }
    return (problem) => {
      const tile = known.get(productKey(problem));
      return (tile === undefined ? undefined : tilesFor(problem.kind)[tile]) ?? chooseFixedTile(problem);
    };
  };
}

/** Every different product of a network's plans. */
export function findProblems(options: LowerOptions): ReadonlyMap<string, ProductProblem> {
  const problems = new Map<string, ProductProblem>();
  const chooseTile: ChooseTile = (problem) => {
    problems.set(productKey(problem), problem);
    return chooseFixedTile(problem);
  };
  if (options.learning.size > 0) lowerTraining({ ...options, chooseTile });
  lowerInference({ ...options, chooseTile });
  return problems;
}

/** The tile of the product that was measured and is nearest in its three sizes; the fixed choice where none was. */
function nearestTile(
  problem: ProductProblem,
  problems: ReadonlyMap<string, ProductProblem>,
  known: ReadonlyMap<string, number>,
): number {
  const distance = (other: ProductProblem) => {
    const [a, b] = [productSize(problem), productSize(other)];
    return (['rows', 'columns', 'depth'] as const).reduce(
      (sum, axis) => sum + Math.abs(Math.log(a[axis] / b[axis])),
      0,
    );
  };
  let best: { distance: number; tile: number } | null = null;
  for (const [key, other] of problems) {
    const tile = known.get(key);
    if (tile === undefined || other.kind !== problem.kind) continue;
    if (best === null || distance(other) < best.distance) best = { distance: distance(other), tile };
  }
  return best?.tile ?? tilesFor(problem.kind).indexOf(chooseFixedTile(problem));
}

async function measureHeaviest(
  compute: ComputeDevice,
  problems: readonly ProductProblem[],
  deadlineMs: number,
  nowMs: () => number,
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  const heaviest = [...problems].sort((a, b) => countTapFlops(b.geometry) - countTapFlops(a.geometry));
  for (const problem of heaviest) {
    if (nowMs() >= deadlineMs) break;
    const tile = await findFastestTile(compute, problem, deadlineMs, nowMs);
    if (tile !== null) found.set(productKey(problem), tile);
  }
  return found;
}

/** Null when time or memory ran out before all tiles were measured. */
async function findFastestTile(
  compute: ComputeDevice,
  problem: ProductProblem,
  deadlineMs: number,
  nowMs: () => number,
): Promise<number | null> {
  const arena = await MeasuringArena.create(compute, problem.geometry);
  if (!arena) return null;
  try {
    const kernels = tilesFor(problem.kind).map((tile) => kernelFor(problem, tile));
    const pipelines = await Promise.all(kernels.map(async (kernel) => await compute.pipelines.compile(kernel)));
    let fastest: { tile: number; timeMs: number } | null = null;
    for (const [tile, kernel] of kernels.entries()) {
      const timeMs = await arena.measure(kernel, pipelines[tile] as GPUComputePipeline, nowMs);
      if (fastest === null || timeMs < fastest.timeMs) fastest = { tile, timeMs };
      if (nowMs() >= deadlineMs && tile < kernels.length - 1) return null;
    }
    return fastest?.tile ?? null;
  } finally {
    arena.dispose();
  }
}

function kernelFor({ kind, geometry }: ProductProblem, tile: TileShape): Kernel {
  if (kind === 'filter')
    return filterGradient({ geometry, tile, view: PLAIN_VIEW, splits: chooseSplits(geometry, tile) });
  return tileProduct({ family: 'convolution', geometry, tile, view: PLAIN_VIEW, epilogue: PLAIN_EPILOGUE });
}

/** Buffers of a product's sizes; what is in them does not matter. */
class MeasuringArena {
  private readonly compute: ComputeDevice;
  private readonly buffers: ReadonlyMap<string, GPUBuffer>;

  private constructor(compute: ComputeDevice, buffers: ReadonlyMap<string, GPUBuffer>) {
    this.compute = compute;
    this.buffers = buffers;
  }

  static async create(compute: ComputeDevice, geometry: TapGeometry): Promise<MeasuringArena | null> {
    const { device } = compute;
    const taps = geometry.phases.reduce((sum, phase) => sum + phase.tapRows * phase.tapColumns, 0);
    const weights = 64 * taps * geometry.sourceVectors * geometry.resultVectors;
    const source = 16 * geometry.batch * geometry.sourceHeight * geometry.sourceWidth * geometry.sourceVectors;
    const result = 16 * geometry.batch * geometry.resultHeight * geometry.resultWidth * geometry.resultVectors;
    const mostSplits = Math.max(...tilesFor('filter').map((tile) => chooseSplits(geometry, tile)));
    const sizes = { source, weights, result, gradient: result, partials: weights * mostSplits };
    const largest = Math.max(...Object.values(sizes));
    if (largest > Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize)) return null;
    device.pushErrorScope('out-of-memory');
    const buffers = new Map(
      Object.entries(sizes).map(([name, size]) => [
        name,
        device.createBuffer({ label: name, size, usage: GPUBufferUsage.STORAGE }),
      ]),
    );
    const arena = new MeasuringArena(compute, buffers);
    if (!(await device.popErrorScope())) return arena;
    arena.dispose();
    return null;
  }

  /** Milliseconds of one dispatch, after one that warms up. */
  async measure(kernel: Kernel, pipeline: GPUComputePipeline, nowMs: () => number): Promise<number> {
    const resources = kernel.bindings.map(({ name }) => ({ buffer: this.buffers.get(name) as GPUBuffer }));
    const dispatch = bindDispatch(this.compute, pipeline, kernel, resources);
    const onceMs = await this.timePass(dispatch, 1, nowMs);
    const repeats = Math.max(2, Math.min(MOST_REPEATS, Math.round(MEASURE_MS / Math.max(onceMs, 0.1))));
    if (canProfile(this.compute)) return (await this.timePass(dispatch, repeats, nowMs)) / repeats;
    // By the page's clock a submit costs a millisecond or more of its own; the difference of two has it once less.
    const [few, many] = [await this.timePass(dispatch, 1, nowMs), await this.timePass(dispatch, repeats + 1, nowMs)];
    return Math.max(many - few, 0) / repeats;
  }

  dispose(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
  }

  private async timePass(dispatch: PreparedDispatch, repeats: number, nowMs: () => number): Promise<number> {
    const { device } = this.compute;
    const timer = canProfile(this.compute) ? new PassTimer(device) : null;
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(timer?.descriptor);
    for (let repeat = 0; repeat < repeats; repeat++) encodeDispatch(pass, dispatch);
    pass.end();
    timer?.resolve(encoder);
    const startedMs = nowMs();
    device.queue.submit([encoder.finish()]);
    if (timer) return await timer.readMs();
    await device.queue.onSubmittedWorkDone();
    return nowMs() - startedMs;
  }
}
