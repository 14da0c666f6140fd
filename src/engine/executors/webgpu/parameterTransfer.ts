// Parameters between the page's memory and the arenas: filled up with zeros on the way in, cut on the way out.

import { type ParameterValues, sizeOf } from '../../graph/graph.ts';
import type { ParameterGroup } from '../../optimizers/optimizer.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import { BLOCK_SIZE, NOT_LEARNING } from './kernels/optimizer.ts';
import { type ParameterLayout, type ParameterPlace, padValues, unpadValues } from './plan/parameterLayout.ts';
import type { PlanBuffer } from './plan/plan.ts';

export class ParameterTransfer {
  private readonly device: GPUDevice;
  private readonly memory: DeviceMemory;
  private readonly layout: ParameterLayout;

  constructor(device: GPUDevice, memory: DeviceMemory, layout: ParameterLayout) {
    this.device = device;
    this.memory = memory;
    this.layout = layout;
  }

  /** Throws RangeError, before anything is written, for a name or a size that the network does not have. */
  write(values: ParameterValues): void {
    for (const [name, { length }] of values) {
      const spec = this.layout.places.get(name)?.spec;
      if (spec && length === sizeOf(spec.shape)) continue;
      throw new RangeError(`${name} takes ${spec ? sizeOf(spec.shape) : 'no'} values, not ${length}.`);
    }
    for (const [name, value] of values) {
      const place = this.layout.places.get(name) as ParameterPlace;
      const padded = padValues(place, value) as Float32Array<ArrayBuffer>;
      this.device.queue.writeBuffer(this.memory.bufferOf(this.arenaOf(place)), 4 * place.offset, padded);
    }
  }

  /** A copy of all parameters, as they are when the work submitted so far is done. */
  async read(): Promise<ParameterValues> {
    const { segments, running } = this.layout;
    const arenas = [...segments.map(({ parameters }) => parameters), running];
    const encoder = this.device.createCommandEncoder();
    const copies = arenas.map((arena) => {
      const source = this.memory.bufferOf(arena);
      const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
      const staging = this.device.createBuffer({ label: 'parameters on their way back', size: source.size, usage });
      encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
      return { arena, staging };
    });
    this.device.queue.submit([encoder.finish()]);
    try {
      await Promise.all(copies.map(({ staging }) => staging.mapAsync(GPUMapMode.READ)));
      const numbers = new Map(copies.map(({ arena, staging }) => [arena, new Float32Array(staging.getMappedRange())]));
      return new Map(
        [...this.layout.places].map(([name, place]) => {
          const arena = numbers.get(this.arenaOf(place)) as Float32Array;
          return [name, unpadValues(place, arena.subarray(place.offset, place.offset + sizeOf(place.paddedShape)))];
        }),
      );
    } finally {
      for (const { staging } of copies) staging.destroy();
    }
  }

  /** Tells the update which group's rate each block of the arenas takes. */
  writeBlockGroups(groups: readonly ParameterGroup[]): void {
    const groupOf = new Map(groups.flatMap(({ names }, index) => names.map((name) => [name, index] as const)));
    this.layout.segments.forEach(({ blockGroups, learningBlocks }, segment) => {
      if (learningBlocks === 0) return;
      const numbers = new Uint32Array(learningBlocks).fill(NOT_LEARNING);
      for (const [name, place] of this.layout.places) {
        const group = groupOf.get(name);
        if (group === undefined || place.arena !== 'learned' || place.segment !== segment) continue;
        const first = place.offset / BLOCK_SIZE;
        numbers.fill(group, first, first + Math.ceil(sizeOf(place.paddedShape) / BLOCK_SIZE));
      }
      this.device.queue.writeBuffer(this.memory.bufferOf(blockGroups), 0, numbers);
    });
  }

  private arenaOf({ arena, segment }: ParameterPlace): PlanBuffer {
    return arena === 'running' ? this.layout.running : (this.layout.segments[segment]?.parameters as PlanBuffer);
  }
}
