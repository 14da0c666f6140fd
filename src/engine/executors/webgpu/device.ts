// The GPU device that the executor and tfjs's WebGPU backend share: limits as large as the adapter allows, the features that
// measuring needs, and its errors told to whoever runs on it, since WebGPU itself only whispers them.

import { EngineError } from '../../../protocol/errors.ts';
import type { DeviceProblemKind } from '../../../protocol/events.ts';
import { PipelineCache } from './pipelines.ts';

export interface DeviceProblem {
  readonly kind: DeviceProblemKind;
  /** The browser's own words. */
  readonly message: string;
}

export type ProblemListener = (problem: DeviceProblemKind, error: EngineError) => void;

const WANTED_FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'bgra8unorm-storage'];

const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Throws what the browser throws when the adapter gives no device. */
export async function requestComputeDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  return await adapter.requestDevice({
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
}

/** Names the card and its driver as far as the browser tells; equal keys may share measurements. */
export function adapterKey({ info }: GPUAdapter, userAgent: string): string {
  return [info.vendor, info.architecture, info.device, info.description, userAgent].join(' | ');
}

/** A lost device says so within this time. */
const SETTLE_MS = 200;

/** One device with its pipelines. Remembers the first problem: nothing that is computed after it can be trusted. */
export class ComputeDevice {
  readonly device: GPUDevice;
  readonly key: string;
  readonly pipelines: PipelineCache;
  private firstProblem: DeviceProblem | null = null;
  private readonly listeners = new Set<ProblemListener>();
  private isClosing = false;

  constructor(device: GPUDevice, key: string) {
    this.device = device;
    this.key = key;
    this.pipelines = new PipelineCache(device);
    device.addEventListener('uncapturederror', ({ error }) => {
      const isMemory = error instanceof GPUOutOfMemoryError;
      this.notice({ kind: isMemory ? 'outOfMemory' : 'invalid', message: error.message });
    });
    void device.lost.then(({ message, reason }) => {
      if (!this.isClosing) this.notice({ kind: 'lost', message: message || reason });
    });
  }

  get problem(): DeviceProblem | null {
    return this.firstProblem;
  }

  onProblem(listener: ProblemListener): void {
    this.listeners.add(listener);
  }

  /** Throws the EngineError of the first problem, if there was one. */
  throwProblem(): void {
    if (this.firstProblem) throw describeProblem(this.firstProblem);
  }

  /** Gives a problem that is on its way the time to be told. */
  async settle(): Promise<void> {
    await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, SETTLE_MS))]);
  }

  /** Gives the device back; its end is then no problem. */
  close(): void {
    this.isClosing = true;
    this.device.destroy();
  }

  private notice(problem: DeviceProblem): void {
    // What follows the first problem is its consequence.
    if (this.firstProblem) return;
    this.firstProblem = problem;
    for (const listener of this.listeners) listener(problem.kind, describeProblem(problem));
  }
}

const WHAT_HAPPENED: Readonly<Record<DeviceProblemKind, string>> = {
  lost: 'The graphics card was lost: it was reset, taken by another program, or ran one piece of work for too long',
  outOfMemory: 'The graphics card has no memory left',
  invalid: 'The graphics card refused a piece of work',
};

/** The sentence for the person, with the browser's words in brackets. */
export function describeProblem({ kind, message }: DeviceProblem): EngineError {
  const code = kind === 'outOfMemory' ? 'outOfMemory' : 'deviceLost';
  const advice =
    kind === 'outOfMemory'
      ? 'Run the step again with a smaller batch or smaller pictures.'
      : 'Run the step again: the studio takes the card anew, or the next best thing it can compute with.';
  return new EngineError(
    code,
    `${WHAT_HAPPENED[kind]} (${message || 'the browser gives no reason'}). Your pictures, features and finished steps are kept. ${advice}`,
  );
}
