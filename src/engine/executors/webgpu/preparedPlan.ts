// Dispatches made ready for a device: pipelines compiled, bind groups made. In a step they are only listed.

import type { ComputeDevice } from './device.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import type { Kernel } from './kernels/kernel.ts';
import type { Dispatch } from './plan/plan.ts';

export interface PreparedDispatch {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

/** Compiles everything at the same time. */
export async function prepareDispatches(
  compute: ComputeDevice,
  memory: DeviceMemory,
  dispatches: readonly Dispatch[],
): Promise<readonly PreparedDispatch[]> {
  return await Promise.all(
    dispatches.map(async ({ kernel, slices }) =>
      bindDispatch(
        compute,
        await compute.pipelines.compile(kernel),
        kernel,
        slices.map((slice) => memory.bindingOf(slice)),
      ),
    ),
  );
}

export function bindDispatch(
  { device, pipelines }: ComputeDevice,
  pipeline: GPUComputePipeline,
  kernel: Kernel,
  resources: readonly GPUBufferBinding[],
): PreparedDispatch {
  const bindGroup = device.createBindGroup({
    layout: pipelines.bindGroupLayout(kernel),
    entries: resources.map((resource, binding) => ({ binding, resource })),
  });
  return { kernel, pipeline, bindGroup };
}

export function encodeDispatches(encoder: GPUCommandEncoder, dispatches: readonly PreparedDispatch[]): void {
  if (dispatches.length === 0) return;
  const pass = encoder.beginComputePass();
  for (const dispatch of dispatches) encodeDispatch(pass, dispatch);
  pass.end();
}

export function encodeDispatch(pass: GPUComputePassEncoder, { kernel, pipeline, bindGroup }: PreparedDispatch): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  const [x, y, z] = kernel.workgroups;
  pass.dispatchWorkgroups(x, y, z);
}

/** Splits a list into `count` runs of about equal work, so that no submit keeps the card for too long. */
export function splitByWork(
  dispatches: readonly PreparedDispatch[],
  count: number,
): readonly (readonly PreparedDispatch[])[] {
  if (count <= 1) return [dispatches];
  const total = dispatches.reduce((sum, { kernel }) => sum + weigh(kernel), 0);
  const runs: PreparedDispatch[][] = [[]];
  let weight = 0;
  for (const dispatch of dispatches) {
    if (weight >= (total * runs.length) / count) runs.push([]);
    runs.at(-1)?.push(dispatch);
    weight += weigh(dispatch.kernel);
  }
  return runs;
}

/** A card moves a byte in about the time of ten additions; what it is exactly does not matter here. */
function weigh({ work }: Kernel): number {
  return Math.max(work.flops, 10 * work.bytes);
}
