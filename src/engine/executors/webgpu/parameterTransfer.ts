// Parameters between the page's memory and the arenas: filled up with zeros on the way in, cut on the way out.

import { type ParameterValues, sizeOf } from '../../graph/graph.ts';
import type { ParameterGroup } from '../../optimizers/optimizer.ts';
import type { NetworkState } from '../executor.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import { BLOCK_SIZE, CONTROL_COUNT_WORD, NOT_LEARNING } from './kernels/optimizer.ts';
import { type ParameterLayout, type ParameterPlace, padValues, unpadValues } from './plan/parameterLayout.ts';
import type { PlanBuffer } from './plan/plan.ts';

/** Of a segment, in the layout of its parameters. */
type LearnedArena = 'parameters' | 'velocities' | 'squares';

export class ParameterTransfer {
  private readonly device: GPUDevice;
  private readonly memory: DeviceMemory;
  private readonly layout: ParameterLayout;

  constructor(device: GPUDevice, memory: DeviceMemory, layout: ParameterLayout) {
    this.device = device;
    this.memory = memory;
    this.layout = layout;
  }

  /**
   * @param arena where they go: the parameters themselves, or what the update rule remembers of them
   * Throws RangeError, before anything is written, for a name or a size that the network does not have.
   */
  write(values: ParameterValues, arena: LearnedArena = 'parameters'): void {
    this.check(values, arena);
    for (const [name, value] of values) {
      const place = this.layout.places.get(name) as ParameterPlace;
      const padded = padValues(place, value) as Float32Array<ArrayBuffer>;
      this.device.queue.writeBuffer(this.memory.bufferOf(this.arenaOf(place, arena)), 4 * place.offset, padded);
    }
  }

  /** Throws as `write`, and writes nothing. */
  check(values: ParameterValues, arena: LearnedArena = 'parameters'): void {
    for (const [name, { length }] of values) {
      const place = this.layout.places.get(name);
      const isHeld = place !== undefined && (arena === 'parameters' || this.learns(place));
      if (isHeld && length === sizeOf(place.spec.shape)) continue;
      throw new RangeError(`${name} takes ${isHeld ? sizeOf(place.spec.shape) : 'no'} values, not ${length}.`);
    }
  }

  /** A copy of all parameters, as they are when the work submitted so far is done. */
  async read(): Promise<ParameterValues> {
    const { segments, running } = this.layout;
    const take = await this.readBuffers([...segments.map(({ parameters }) => parameters), running]);
    return this.unpack([...this.layout.places], 'parameters', take);
  }

  /**
   * The same with what the update rule remembers, all in one readback. Submitted when this is called: what is submitted after
   * it is not in it. @param control holds the count of steps as its word CONTROL_COUNT_WORD.
   */
  async readState(control: PlanBuffer): Promise<NetworkState> {
    const { segments, running, places } = this.layout;
    const learning = [...places].filter(([, place]) => this.learns(place));
    const isThere = (arena: PlanBuffer) => this.memory.has(arena);
    const take = await this.readBuffers([
      ...segments.flatMap(({ parameters, velocities, squares }) => [parameters, velocities, squares]).filter(isThere),
      running,
      ...(isThere(control) ? [control] : []),
    ]);
    const hasSquares = segments.some(({ squares, learningBlocks }) => learningBlocks > 0 && isThere(squares));
    return {
      parameters: this.unpack([...places], 'parameters', take),
      optimizer: {
        stepCount: isThere(control) ? (new Uint32Array(take(control).buffer)[CONTROL_COUNT_WORD] as number) : 0,
        velocities: this.unpack(learning, 'velocities', take),
        squares: hasSquares ? this.unpack(learning, 'squares', take) : new Map(),
      },
    };
  }

  /** Copies of whole buffers: the work is submitted at once, and the numbers are there when this resolves. */
  private async readBuffers(buffers: readonly PlanBuffer[]): Promise<(buffer: PlanBuffer) => Float32Array> {
    const encoder = this.device.createCommandEncoder();
    const copies = buffers.map((buffer) => {
      const source = this.memory.bufferOf(buffer);
      const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
      const staging = this.device.createBuffer({ label: 'parameters on their way back', size: source.size, usage });
      encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
      return { buffer, staging };
    });
    this.device.queue.submit([encoder.finish()]);
    try {
      await Promise.all(copies.map(({ staging }) => staging.mapAsync(GPUMapMode.READ)));
      const numbers = new Map(
        copies.map(({ buffer, staging }) => [buffer, new Float32Array(staging.getMappedRange().slice(0))]),
      );
      return (buffer) => numbers.get(buffer) as Float32Array;
    } finally {
      for (const { staging } of copies) staging.destroy();
    }
  }

  private unpack(
    places: readonly (readonly [string, ParameterPlace])[],
    arena: LearnedArena,
    take: (buffer: PlanBuffer) => Float32Array,
  ): ParameterValues {
    return new Map(
      places.map(([name, place]) => {
        const numbers = take(this.arenaOf(place, arena));
        return [name, unpadValues(place, numbers.subarray(place.offset, place.offset + sizeOf(place.paddedShape)))];
      }),
    );
  }

  private learns({ arena, segment, offset }: ParameterPlace): boolean {
    const learningBlocks = this.layout.segments[segment]?.learningBlocks ?? 0;
    return arena === 'learned' && offset < learningBlocks * BLOCK_SIZE;
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

  private arenaOf({ arena, segment }: ParameterPlace, learned: LearnedArena): PlanBuffer {
    return arena === 'running' ? this.layout.running : (this.layout.segments[segment]?.[learned] as PlanBuffer);
  }
}
