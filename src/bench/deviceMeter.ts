// Counts what any code on this worker does with WebGPU: dispatches, submits, bytes of buffers. It puts itself in front of the
// browser's own methods, so that both executors are counted by the same rule.

export interface DeviceMeter {
  readonly dispatches: number;
  readonly submits: number;
  /** Of buffers that were made and not destroyed; one that was only forgotten counts as alive. */
  readonly bufferBytes: number;
  readonly peakBufferBytes: number;
  /** When the last submit returned, in milliseconds of the given clock. */
  readonly lastSubmitMs: number;
}

type Methods = Record<string, (...args: never[]) => unknown>;

/** Needs a browser with WebGPU. Call it once for a worker. */
export function installDeviceMeter(nowMs: () => number): DeviceMeter {
  const meter = { dispatches: 0, submits: 0, bufferBytes: 0, peakBufferBytes: 0, lastSubmitMs: 0 };
  const alive = new WeakSet<GPUBuffer>();
  for (const method of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
    after(GPUComputePassEncoder.prototype, method, () => {
      meter.dispatches += 1;
    });
  }
  after(GPUQueue.prototype, 'submit', () => {
    meter.submits += 1;
    meter.lastSubmitMs = nowMs();
  });
  after(GPUDevice.prototype, 'createBuffer', (_device, buffer) => {
    alive.add(buffer as GPUBuffer);
    meter.bufferBytes += (buffer as GPUBuffer).size;
    meter.peakBufferBytes = Math.max(meter.peakBufferBytes, meter.bufferBytes);
  });
  after(GPUBuffer.prototype, 'destroy', (buffer) => {
    if (alive.delete(buffer as GPUBuffer)) meter.bufferBytes -= (buffer as GPUBuffer).size;
  });
  return meter;
}

/** Calls `note` after the method, with the object and what came back. */
function after(prototype: object, name: string, note: (self: unknown, result: unknown) => void): void {
  const methods = prototype as Methods;
  const original = methods[name];
  if (!original) return;
  methods[name] = function (this: unknown, ...args: never[]): unknown {
    const result = original.apply(this, args);
    note(this, result);
    return result;
  };
}
