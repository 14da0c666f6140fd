// Runs one kernel on arrays, for tests of kernels alone. What it writes is full of NaN before.

import type { ComputeDevice } from '../executors/webgpu/device.ts';
import type { Kernel } from '../executors/webgpu/kernels/kernel.ts';
import { bindDispatch, encodeDispatches } from '../executors/webgpu/preparedPlan.ts';

export type KernelInput = Float32Array | Uint32Array | ArrayBuffer;

/**
 * @param inputs contents of the bindings by name; @param outputs sizes in numbers of those that the kernel writes. A name in
 * both is an input that is overwritten. Gives what the outputs hold afterwards.
 */
export async function runKernel(
  compute: ComputeDevice,
  kernel: Kernel,
  inputs: Readonly<Record<string, KernelInput>>,
  outputs: Readonly<Record<string, number>>,
): Promise<Record<string, Float32Array>> {
  const { device } = compute;
  const buffers = kernel.bindings.map(({ name, access }) => {
    const content = inputs[name] ?? new Uint32Array(outputs[name] as number).fill(0x7fc0_0000);
    const usage = access === 'uniform' ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
    const buffer = device.createBuffer({
      label: name,
      size: content.byteLength,
      usage: usage | GPUBufferUsage.COPY_DST,
    });
    // Test arrays are never shared between threads.
    device.queue.writeBuffer(buffer, 0, content as Float32Array<ArrayBuffer>);
    return { name, buffer };
  });
  const pipeline = await compute.pipelines.compile(kernel);
  const encoder = device.createCommandEncoder();
  encodeDispatches(encoder, [
    bindDispatch(
      compute,
      pipeline,
      kernel,
      buffers.map(({ buffer }) => ({ buffer })),
    ),
  ]);
  device.queue.submit([encoder.finish()]);
  const results: Record<string, Float32Array> = {};
  for (const { name, buffer } of buffers) {
    if (outputs[name] !== undefined) results[name] = await readBuffer(device, buffer);
  }
  for (const { buffer } of buffers) buffer.destroy();
  return results;
}

async function readBuffer(device: GPUDevice, buffer: GPUBuffer): Promise<Float32Array> {
  const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
  const staging = device.createBuffer({ size: buffer.size, usage });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange()).slice();
  staging.destroy();
  return values;
}
