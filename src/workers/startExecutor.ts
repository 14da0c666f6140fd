// What computes: on WebGPU the studio's own executor, on every other rung of the ladder the reference executor on a tfjs backend.

import type { BackendOrder, StartedBackend } from '../engine/backendDesk.ts';
import type { Executor } from '../engine/executors/executor.ts';
import { createReferenceExecutor } from '../engine/executors/reference/referenceExecutor.ts';
import type { OpenedWebGpu } from '../engine/executors/webgpu/openWebGpu.ts';
import { startBackend } from '../engine/platform/browser/backendLadder.ts';
import * as tf from '../engine/tf.ts';

/** Throws EngineError 'backendUnavailable' when nothing that was asked for computes. */
export async function startExecutor(order: BackendOrder, nowMs: () => number): Promise<StartedBackend> {
  const gpu: { opened?: OpenedWebGpu } = {};
  const description = await startBackend(order, async (adapter, isSoftware) => {
    // Downloaded only where there is an adapter.
    const { openWebGpu } = await import('../engine/executors/webgpu/openWebGpu.ts');
    const { userAgent } = navigator;
    gpu.opened = await openWebGpu(adapter, { nowMs, userAgent, isSoftware, loadReference: loadCpuReference });
    return gpu.opened.isReady ? null : gpu.opened.sentence;
  });
  if (description.backend !== 'webgpu' || !gpu.opened?.isReady) {
    return { description, executor: createReferenceExecutor() };
  }
  const { compute, executor } = gpu.opened;
  return {
    description,
    executor,
    onProblem: (listener) => compute.onProblem(listener),
    close: () => compute.close(),
  };
}

/** Plain JavaScript, which no graphics driver can make wrong. */
async function loadCpuReference(): Promise<Executor> {
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return createReferenceExecutor();
}
