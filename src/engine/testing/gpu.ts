// A WebGPU device for tests in real Chromium. Tests fail when there is none, and when the device complains of anything.

import { afterAll, beforeAll, expect } from 'vitest';
import { adapterKey, ComputeDevice, requestComputeDevice } from '../executors/webgpu/device.ts';
import { type ChooseTile, chooseSoftwareTile } from '../executors/webgpu/plan/tiles.ts';
import { createWebGpuExecutor, type WebGpuExecutor } from '../executors/webgpu/webgpuExecutor.ts';

/** A device of its own, for tests that break it. */
export async function openGpu(): Promise<ComputeDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('These tests need WebGPU, and this browser offers no adapter.');
  expect(`${adapter.info.vendor} ${adapter.info.architecture}`, 'the adapter').toMatch(/\w/);
  return new ComputeDevice(await requestComputeDevice(adapter), adapterKey(adapter, navigator.userAgent));
}

/** Call at the top of a file or inside a describe; gives the device once the tests run. */
export function useGpu(): () => ComputeDevice {
  let compute: ComputeDevice | null = null;

  beforeAll(async () => {
    compute = await openGpu();
  });

  afterAll(async () => {
    await compute?.device.queue.onSubmittedWorkDone();
    expect(compute?.problem, 'what the device complained of').toBeNull();
    compute?.close();
  });

  return () => {
    if (!compute) throw new Error('The device is there only while tests run.');
    return compute;
  };
}

/**
 * An executor with a fixed choice of kernels, by default those that processors are quick with, and scratch memory full of NaN at
 * first.
 */
export function createTestExecutor(
  compute: ComputeDevice,
  chooseTile: ChooseTile = chooseSoftwareTile,
): WebGpuExecutor {
  const tuneTiles = async () => chooseTile;
  return createWebGpuExecutor(compute, { nowMs: () => performance.now(), isPoisoned: true, tuneTiles });
}
