// The fast executor: compiles a graph into a static plan on a WebGPU device. The reference executor is its test; without this
// folder everything still works, a hundred times slower.

import { formatSize } from '../../formatSize.ts';
import type { Graph } from '../../graph/graph.ts';
import { checkClassWeights, learnedNames } from '../checkBatch.ts';
import type { Executor, MemoryEstimate, NetworkOptions, PictureStore, PictureStoreOptions } from '../executor.ts';
import { type ComputeDevice, describeProblem } from './device.ts';
import { allowedBufferBytes, DeviceMemory } from './deviceMemory.ts';
import { WebGpuPictureStore } from './pictureStore.ts';
import { type LowerOptions, planNetworkBuffers } from './plan/lowerNetwork.ts';
import { layOutParameters } from './plan/parameterLayout.ts';
import { planNetwork } from './plan/planNetwork.ts';
import { type ChooseTile, chooseFixedTile } from './plan/tiles.ts';
import { prepareDispatches } from './preparedPlan.ts';
import { WebGpuNetwork } from './webgpuNetwork.ts';

export interface WebGpuExecutorOptions {
  readonly nowMs: () => number;
  /** How tiles are chosen for a graph's products; a fixed rule unless said otherwise. */
  readonly tuneTiles?: (options: LowerOptions) => Promise<ChooseTile>;
  /** Fills scratch memory with NaN before first use, so that reading what nobody wrote shows. For tests. */
  readonly isPoisoned?: boolean;
  /** Less than the device's largest binding, to try what large networks do on small ones. For tests. */
  readonly largestArenaBytes?: number;
}

export interface WebGpuExecutor extends Executor {
  create(graph: Graph, options: NetworkOptions): Promise<WebGpuNetwork>;
}

/** Some 5,000 photographs at 224 px. */
const SHELF_BUDGET_BYTES = 2 ** 30;

export function createWebGpuExecutor(compute: ComputeDevice, options: WebGpuExecutorOptions): WebGpuExecutor {
  const held = new HeldBytes();
  return {
    create: (graph, networkOptions) => createNetwork(compute, options, held, graph, networkOptions),
    estimateMemory: (graph, networkOptions) => estimateMemory(compute, options, graph, networkOptions),
    createPictureStore: (storeOptions: PictureStoreOptions): PictureStore => {
      compute.throwProblem();
      return new WebGpuPictureStore(compute, storeOptions);
    },
    shelfBudgetBytes: SHELF_BUDGET_BYTES,
    takePeakBytes: () => held.takePeak(),
  };
}

/** What networks hold now, and the most since the last look. */
class HeldBytes {
  private now = 0;
  private peak = 0;

  change(bytes: number): void {
    this.now += bytes;
    this.peak = Math.max(this.peak, this.now);
  }

  takePeak(): number {
    const taken = this.peak;
    this.peak = this.now;
    return taken;
  }
}

async function createNetwork(
  compute: ComputeDevice,
  executorOptions: WebGpuExecutorOptions,
  held: HeldBytes,
  graph: Graph,
  options: NetworkOptions,
): Promise<WebGpuNetwork> {
  const { batchSize, learning, loss = 'crossEntropy', classWeights } = options;
  compute.throwProblem();
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`A batch size is a whole number from 1 up, not ${batchSize}.`);
  }
  checkClassWeights(graph, options);
  const learns = learnedNames(graph, learning);
  const largestArenaBytes = executorOptions.largestArenaBytes ?? compute.device.limits.maxStorageBufferBindingSize;
  const lower = planToLower(graph, options, learns, largestArenaBytes);
  const chooseTile = (await executorOptions.tuneTiles?.(lower)) ?? chooseFixedTile;
  const { training, inference, plan } = planNetwork({ ...lower, chooseTile });
  const { layout, buffers } = lower;
  const memory = await DeviceMemory.create(compute, plan, batchSize);
  try {
    if (executorOptions.isPoisoned) memory.poison();
    const prepare = async (dispatches: Parameters<typeof prepareDispatches>[2]) =>
      await prepareDispatches(compute, memory, dispatches);
    const [trainingPreparation, trainingDispatches, inferencePreparation, inferenceDispatches] = await Promise.all([
      prepare(training?.preparation ?? []),
      prepare(training?.dispatches ?? []),
      prepare(inference.preparation),
      prepare(inference.dispatches),
    ]);
    held.change(plan.totalBytes);
    const { totalBytes, largestBufferBytes } = plan;
    return new WebGpuNetwork({
      graph,
      batchSize,
      learning: learns,
      keepsStatistics: lower.keepsStatistics,
      loss,
      classWeights: classWeights?.slice(),
      compute,
      memory,
      memoryNeed: { totalBytes, largestBufferBytes, allowedBufferBytes: allowedBufferBytes(compute.device.limits) },
      layout,
      buffers,
      plans: {
        training: training && { plan: training, preparation: trainingPreparation, dispatches: trainingDispatches },
        inference: { plan: inference, preparation: inferencePreparation, dispatches: inferenceDispatches },
      },
      nowMs: executorOptions.nowMs,
      onDispose: () => held.change(-plan.totalBytes),
    });
  } catch (thrown) {
    memory.dispose();
    if (compute.problem) throw describeProblem(compute.problem);
    throw thrown;
  }
}

/** By the plan that would run, but for the tiles: which ones the card likes best is measured only when a network is made. */
function estimateMemory(
  compute: ComputeDevice,
  { largestArenaBytes }: WebGpuExecutorOptions,
  graph: Graph,
  options: NetworkOptions,
): MemoryEstimate {
  const { limits } = compute.device;
  const largestBytes = largestArenaBytes ?? limits.maxStorageBufferBindingSize;
  const { plan } = planNetwork(planToLower(graph, options, learnedNames(graph, options.learning), largestBytes));
  const allowed = allowedBufferBytes(limits);
  return {
    totalBytes: plan.totalBytes,
    place: 'on the graphics card',
    isCounted: true,
    obstacle:
      plan.largestBufferBytes > allowed
        ? `one buffer of it would have ${formatSize(plan.largestBufferBytes)}, and this card allows ${formatSize(allowed)}`
        : null,
  };
}

function planToLower(
  graph: Graph,
  { batchSize: batch, loss = 'crossEntropy', classWeights, keepsStatistics = false }: NetworkOptions,
  learns: readonly string[],
  largestArenaBytes: number,
): LowerOptions {
  const learning = new Set(learns);
  const layout = layOutParameters(graph, { learning, keepsStatistics, maxSegmentBytes: largestArenaBytes });
  const network = { graph, batch, loss, isWeighted: classWeights !== undefined, layout };
  return { ...network, learning, keepsStatistics, buffers: planNetworkBuffers(network), chooseTile: chooseFixedTile };
}
