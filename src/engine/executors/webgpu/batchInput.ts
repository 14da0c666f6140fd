// Takes a batch into a plan: numbers or pictures become the network's input by the plan's first dispatch.

import type { InputBatch, PictureBatch } from '../executor.ts';
import type { ComputeDevice } from './device.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import { viewPictures } from './kernels/input.ts';
import type { Kernel } from './kernels/kernel.ts';
import { PictureStaging, WebGpuPictureStore } from './pictureStore.ts';
import type { PlanBuffer } from './plan/plan.ts';
import type { Tensor } from './plan/values.ts';
import { bindDispatch, type PreparedDispatch } from './preparedPlan.ts';

export interface BatchInputOptions {
  readonly compute: ComputeDevice;
  readonly memory: DeviceMemory;
  readonly batchSize: number;
  readonly inputShape: readonly number[];
  readonly inputNumbers: PlanBuffer;
  readonly step: PlanBuffer;
}

/** Where a plan takes its batch in. */
export interface InputPlace {
  readonly input: Tensor;
  /** The plan's own first dispatch, for numbers. */
  readonly numbers: PreparedDispatch;
}

interface BoundPictures {
  readonly kernel: Kernel;
  readonly pictures: GPUBuffer;
  readonly input: Tensor;
  readonly dispatch: PreparedDispatch;
}

const MOST_BOUND = 8;

export class BatchInput {
  private readonly options: BatchInputOptions;
  private staging: PictureStaging | null = null;
  /** By store and plan input; stores differ in what they subtract and divide by. */
  private readonly pictureKernels = new Map<WebGpuPictureStore, Kernel>();
  /** Bind groups of picture dispatches, the newest first. */
  private bound: readonly BoundPictures[] = [];

  constructor(options: BatchInputOptions) {
    this.options = options;
  }

  get heldBytes(): number {
    return this.staging?.heldBytes ?? 0;
  }

  /** Compiles what the batch needs; after the first batch of a kind there is nothing to do. */
  async prepare(batch: InputBatch): Promise<void> {
    if (!('inputs' in batch)) await this.options.compute.pipelines.compile(this.kernelFor(batch));
  }

  /** Writes the batch and gives the dispatch that takes it in. `prepare` must have been awaited. */
  async encode(batch: InputBatch, place: InputPlace, encoder: GPUCommandEncoder): Promise<PreparedDispatch> {
    const { compute, memory, inputNumbers, step, batchSize } = this.options;
    const { queue } = compute.device;
    if ('inputs' in batch) {
      // Batches are made of plain arrays; shared ones cannot be written to a device.
      queue.writeBuffer(memory.bufferOf(inputNumbers), 0, batch.inputs as Float32Array<ArrayBuffer>);
      return place.numbers;
    }
    this.staging ??= new PictureStaging(compute.device, batchSize);
    const staged = this.staging.stage(batch, encoder);
    const kernel = this.kernelFor(batch);
    const known = this.bound.find(
      (bound) => bound.kernel === kernel && bound.pictures === staged.pictures && bound.input === place.input,
    );
    if (known) return known.dispatch;
    const dispatch = bindDispatch(compute, await compute.pipelines.compile(kernel), kernel, [
      { buffer: staged.pictures },
      { buffer: staged.views },
      { buffer: memory.bufferOf(place.input.buffer), size: place.input.buffer.sizeBytes },
      { buffer: memory.bufferOf(step) },
    ]);
    // A few at most: two sides, one or two plans; staging that grew leaves an old one behind.
    this.bound = [{ kernel, pictures: staged.pictures, input: place.input, dispatch }, ...this.bound].slice(
      0,
      MOST_BOUND,
    );
    return dispatch;
  }

  dispose(): void {
    this.staging?.dispose();
  }

  private kernelFor({ store }: PictureBatch): Kernel {
    if (!(store instanceof WebGpuPictureStore)) throw new RangeError('The pictures are of another executor’s store.');
    const known = this.pictureKernels.get(store);
    if (known) return known;
    const [height, width] = this.options.inputShape as readonly [number, number, number];
    const kernel = viewPictures({ batch: this.options.batchSize, height, width, ...store.options.statistics });
    this.pictureKernels.set(store, kernel);
    return kernel;
  }
}
