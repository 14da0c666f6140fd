// The buffers of one network: every plan's scratch slots, the arenas and the tables, made once under an error scope, so that a
// card without room says so before the run and not in the middle of it.

import { EngineError } from '../../../protocol/errors.ts';
import { formatSize } from '../../formatSize.ts';
import type { ComputeDevice } from './device.ts';
import type { MemoryPlan } from './plan/memoryPlan.ts';
import type { PlanBuffer, Slice } from './plan/plan.ts';

const STORAGE = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;

export class DeviceMemory {
  private readonly device: GPUDevice;
  private readonly slots: readonly GPUBuffer[];
  private readonly slotOf: ReadonlyMap<PlanBuffer, number>;
  private readonly others: Map<PlanBuffer, GPUBuffer>;

  private constructor(device: GPUDevice, plan: MemoryPlan) {
    this.device = device;
    this.slotOf = plan.slotOf;
    this.slots = plan.slotBytes.map((size) => device.createBuffer({ label: 'scratch', size, usage: STORAGE }));
    this.others = new Map(plan.others.map((buffer) => [buffer, createPlanned(device, buffer)]));
  }

  /** Throws EngineError 'outOfMemory' when the card has no room, 'settingInvalid' when a buffer is larger than it allows. */
  static async create(compute: ComputeDevice, plan: MemoryPlan, batchSize: number): Promise<DeviceMemory> {
    const { device } = compute;
    checkLimits(device, plan, batchSize);
    device.pushErrorScope('out-of-memory');
    const memory = new DeviceMemory(device, plan);
    const error = await device.popErrorScope();
    if (!error) return memory;
    memory.dispose();
    throw new EngineError(
      'outOfMemory',
      `A batch of ${batchSize} needs ${formatSize(plan.totalBytes)} on the graphics card, and it has no room for that. ` +
        'Nothing was changed. Run the step again with a smaller batch or smaller pictures.',
    );
  }

  bufferOf(buffer: PlanBuffer): GPUBuffer {
    const slot = this.slotOf.get(buffer);
    const found = slot === undefined ? this.others.get(buffer) : this.slots[slot];
    if (!found) throw new RangeError(`${buffer.label} has no memory.`);
    return found;
  }

  bindingOf({ buffer, offsetBytes, sizeBytes }: Slice): GPUBufferBinding {
    return { buffer: this.bufferOf(buffer), offset: offsetBytes, size: sizeBytes };
  }

  /** Adds a buffer that was not planned for, such as AdamW's squares. */
  add(buffer: PlanBuffer): void {
    if (!this.others.has(buffer)) this.others.set(buffer, createPlanned(this.device, buffer));
  }

  has(buffer: PlanBuffer): boolean {
    return this.slotOf.has(buffer) || this.others.has(buffer);
  }

  /** Fills all scratch memory with NaN, so that a kernel that reads what nobody wrote shows. For tests. */
  poison(extra: readonly PlanBuffer[] = []): void {
    for (const buffer of [...this.slots, ...extra.map((planned) => this.bufferOf(planned))]) {
      this.device.queue.writeBuffer(buffer, 0, new Uint32Array(buffer.size / 4).fill(0x7fc0_0000));
    }
  }

  dispose(): void {
    for (const buffer of [...this.slots, ...this.others.values()]) buffer.destroy();
  }
}

function createPlanned(device: GPUDevice, { kind, label, sizeBytes, data }: PlanBuffer): GPUBuffer {
  const usage = label === 'step' ? GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST : STORAGE;
  const buffer = device.createBuffer({ label: `${kind} ${label}`, size: sizeBytes, usage });
  if (data) device.queue.writeBuffer(buffer, 0, data as Uint32Array<ArrayBuffer>);
  return buffer;
}

/** The largest buffer that a kernel can read whole. */
export function allowedBufferBytes(limits: GPUSupportedLimits): number {
  return Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
}

function checkLimits({ limits }: GPUDevice, plan: MemoryPlan, batchSize: number): void {
  const allowed = allowedBufferBytes(limits);
  if (plan.largestBufferBytes <= allowed) return;
  const fitting = Math.floor((batchSize * allowed) / plan.largestBufferBytes);
  throw new EngineError(
    'settingInvalid',
    `A batch of ${batchSize} needs one buffer of ${formatSize(plan.largestBufferBytes)}; this card allows ${formatSize(allowed)}. ` +
      `Nothing was changed. ${fitting >= 2 ? `Run the step again with a batch of ${fitting} at most, or with smaller pictures.` : 'Run the step again with smaller pictures.'}`,
  );
}
