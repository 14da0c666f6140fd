// What computes: on WebGPU the studio's own executor, on every other rung of the ladder the reference executor on a tfjs backend.

import type { BackendOrder, StartedBackend } from '../engine/backendDesk.ts';
import type { Executor } from '../engine/executors/executor.ts';
import { createReferenceExecutor } from '../engine/executors/reference/referenceExecutor.ts';
import type { OpenedWebGpu } from '../engine/executors/webgpu/openWebGpu.ts';
import { startBackend } from '../engine/platform/browser/backendLadder.ts';
import { guardWasmMemory } from '../engine/platform/browser/wasmMemory.ts';
import * as tf from '../engine/tf.ts';
import type { EngineError } from '../protocol/errors.ts';

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
  if (description.backend === 'wasm') return { description, ...openWasm() };
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

/** Once its memory is full, a WebAssembly is a device that failed: another instance takes its place (`startBackend`). */
function openWasm(): Pick<StartedBackend, 'executor' | 'onProblem'> {
  let listener: Parameters<NonNullable<StartedBackend['onProblem']>>[0] | null = null;
  const tellOnce = (error: EngineError) => {
    listener?.('outOfMemory', error);
    listener = null;
  };
  guardWasmMemory(tellOnce);
  return {
    executor: createReferenceExecutor(tellOnce),
    onProblem: (given) => {
      listener = given;
    },
  };
}

/** Plain JavaScript, which no graphics driver can make wrong. */
async function loadCpuReference(): Promise<Executor> {
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  return createReferenceExecutor();
}
