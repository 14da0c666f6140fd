// Losses on their way back: steps write them into a ring on the device; now and then a stretch of it is copied into one of a
// few mappable buffers and read when it arrives. No step waits for that.

import type { StepMetrics } from '../executor.ts';
import { METRICS_SLOTS } from './plan/lowerNetwork.ts';

const BYTES_PER_STEP = 8;
/** Copies are made after this many steps, or this much time, whichever comes first. */
const STEPS_PER_COPY = 8;
const COPY_EVERY_MS = 80;
/** More than the steps that may be under way, so one is nearly always idle; where none is, a later step copies more. */
const STAGING_BUFFERS = 6;
/** The ring must not come round to what was not copied yet. */
const MOST_UNCOPIED = METRICS_SLOTS - 8;

export class MetricsRing {
  private readonly device: GPUDevice;
  private readonly metrics: GPUBuffer;
  private readonly idle: GPUBuffer[] = [];
  private readonly all: GPUBuffer[] = [];
  private arrived: StepMetrics[] = [];
  private readonly reading = new Set<Promise<void>>();
  /** Copies are read in the order in which they were made. */
  private lastRead: Promise<void> = Promise.resolve();
  private stepCount = 0;
  private copiedCount = 0;
  private lastCopyMs = 0;

  constructor(device: GPUDevice, metrics: GPUBuffer) {
    this.device = device;
    this.metrics = metrics;
    for (let made = 0; made < STAGING_BUFFERS; made++) this.idle.push(this.createStaging());
  }

  /** Slot for the step that is being encoded. */
  get slot(): number {
    return this.stepCount % METRICS_SLOTS;
  }

  /** Call at the end of a step's commands: counts the step, and adds a copy when one is due. Run the result after submit. */
  endStep(encoder: GPUCommandEncoder, nowMs: number): (() => void) | null {
    this.stepCount += 1;
    const uncopied = this.stepCount - this.copiedCount;
    const isDue = uncopied >= STEPS_PER_COPY || nowMs - this.lastCopyMs >= COPY_EVERY_MS;
    const isPossible = this.idle.length > 0 || uncopied >= MOST_UNCOPIED;
    return isDue && isPossible ? this.copy(encoder, nowMs) : null;
  }

  take(): readonly StepMetrics[] {
    const taken = this.arrived;
    this.arrived = [];
    return taken;
  }

  /** Resolves when the metrics of every step so far have arrived. */
  async finish(nowMs: number): Promise<readonly StepMetrics[]> {
    if (this.copiedCount < this.stepCount) {
      const encoder = this.device.createCommandEncoder();
      const read = this.copy(encoder, nowMs);
      this.device.queue.submit([encoder.finish()]);
      read?.();
    }
    await Promise.all(this.reading);
    return this.take();
  }

  dispose(): void {
    for (const buffer of this.all) buffer.destroy();
  }

  private copy(encoder: GPUCommandEncoder, nowMs: number): (() => void) | null {
    const first = this.copiedCount;
    const count = this.stepCount - first;
    if (count === 0) return null;
    const staging = this.idle.pop() ?? this.createStaging();
    const start = first % METRICS_SLOTS;
    const untilEnd = Math.min(count, METRICS_SLOTS - start);
    encoder.copyBufferToBuffer(this.metrics, start * BYTES_PER_STEP, staging, 0, untilEnd * BYTES_PER_STEP);
    if (untilEnd < count) {
      const rest = (count - untilEnd) * BYTES_PER_STEP;
      encoder.copyBufferToBuffer(this.metrics, 0, staging, untilEnd * BYTES_PER_STEP, rest);
    }
    this.copiedCount = this.stepCount;
    this.lastCopyMs = nowMs;
    return () => this.read(staging, count);
  }

  private read(staging: GPUBuffer, count: number): void {
    const mapped = staging.mapAsync(GPUMapMode.READ, 0, count * BYTES_PER_STEP);
    // It is awaited below, but only after the copies before it; a network that is let go must not leave an unheard failure.
    mapped.catch(() => {});
    const reading = this.lastRead.then(async () => {
      await mapped;
      const values = new Float32Array(staging.getMappedRange(0, count * BYTES_PER_STEP));
      for (let step = 0; step < count; step++) {
        this.arrived.push({ loss: values[2 * step] as number, correctCount: values[2 * step + 1] as number });
      }
      staging.unmap();
      this.idle.push(staging);
    });
    this.lastRead = reading;
    this.reading.add(reading);
    const done = () => this.reading.delete(reading);
    // Whoever waits in finish gets the error; nobody else needs to hear of it twice.
    reading.then(done, done);
  }

  private createStaging(): GPUBuffer {
    const buffer = this.device.createBuffer({
      label: 'metrics on their way back',
      size: METRICS_SLOTS * BYTES_PER_STEP,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    this.all.push(buffer);
    return buffer;
  }
}
