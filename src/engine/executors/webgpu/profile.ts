// Time of every dispatch by the card's own clock: each runs in a pass of its own, so the sum is a little more than a step.

import type { ComputeDevice } from './device.ts';
import type { KernelFamily } from './kernels/kernel.ts';
import { encodeDispatch, type PreparedDispatch } from './preparedPlan.ts';

export interface FamilyTime {
  readonly family: KernelFamily;
  readonly dispatches: number;
  readonly timeMs: number;
  /** Least work, as KernelWork counts it. */
  readonly flops: number;
  readonly bytes: number;
}

/** WebGPU's limit for one query set; two for each dispatch. */
const MOST_QUERIES = 4096;

export function canProfile({ device }: ComputeDevice): boolean {
  return device.features.has('timestamp-query');
}

/** Runs the dispatches once more and gives the time of each kernel family, the longest first. */
export async function profileDispatches(
  { device }: ComputeDevice,
  dispatches: readonly PreparedDispatch[],
): Promise<readonly FamilyTime[]> {
  const queryCount = 2 * dispatches.length;
  if (queryCount > MOST_QUERIES) throw new RangeError(`${dispatches.length} dispatches are too many to time at once.`);
  const querySet = device.createQuerySet({ type: 'timestamp', count: queryCount });
  const size = 8 * queryCount;
  const resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  const encoder = device.createCommandEncoder();
  dispatches.forEach((dispatch, index) => {
    const timestampWrites = { querySet, beginningOfPassWriteIndex: 2 * index, endOfPassWriteIndex: 2 * index + 1 };
    const pass = encoder.beginComputePass({ timestampWrites });
    encodeDispatch(pass, dispatch);
    pass.end();
  });
  encoder.resolveQuerySet(querySet, 0, queryCount, resolved, 0);
  encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const nanoseconds = new BigInt64Array(staging.getMappedRange().slice(0));
  for (const buffer of [resolved, staging]) buffer.destroy();
  querySet.destroy();
  return addByFamily(
    dispatches.map(({ kernel }, index) => ({
      family: kernel.family,
      dispatches: 1,
      timeMs: Number((nanoseconds[2 * index + 1] as bigint) - (nanoseconds[2 * index] as bigint)) / 1e6,
      ...kernel.work,
    })),
  );
}

function addByFamily(times: readonly FamilyTime[]): readonly FamilyTime[] {
  const sums = new Map<KernelFamily, FamilyTime>();
  for (const time of times) {
    const sum = sums.get(time.family);
    sums.set(
      time.family,
      sum
        ? {
            family: time.family,
            dispatches: sum.dispatches + 1,
            timeMs: sum.timeMs + time.timeMs,
            flops: sum.flops + time.flops,
            bytes: sum.bytes + time.bytes,
          }
        : time,
    );
  }
  return [...sums.values()].sort((a, b) => b.timeMs - a.timeMs);
}

/** The time of one compute pass by the card's clock. */
export class PassTimer {
  private readonly querySet: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  constructor(device: GPUDevice) {
    this.querySet = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.resolved = device.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    this.staging = device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  }

  get descriptor(): GPUComputePassDescriptor {
    const { querySet } = this;
    return { timestampWrites: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } };
  }

  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.querySet, 0, 2, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, 16);
  }

  async readMs(): Promise<number> {
    await this.staging.mapAsync(GPUMapMode.READ);
    const [start, end] = new BigInt64Array(this.staging.getMappedRange().slice(0)) as unknown as [bigint, bigint];
    for (const buffer of [this.resolved, this.staging]) buffer.destroy();
    this.querySet.destroy();
    return Number(end - start) / 1e6;
  }
}
