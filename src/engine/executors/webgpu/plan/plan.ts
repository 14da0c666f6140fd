// A plan is a list of dispatches over named pieces of buffers, made once before a run. It knows sizes and lifetimes and no
// device, so that dispatches and bytes can be counted and tested anywhere.

import type { Kernel } from '../kernels/kernel.ts';

/**
 * `scratch` lives from its first to its last use in a step and shares memory with others; `persistent` is made by the network
 * and outlives plans; `table` is filled once with `data`.
 */
export interface PlanBuffer {
  readonly kind: 'scratch' | 'persistent' | 'table';
  readonly label: string;
  readonly sizeBytes: number;
  readonly data?: Uint32Array;
}

export interface Slice {
  readonly buffer: PlanBuffer;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface Dispatch {
  readonly kernel: Kernel;
  /** One for each binding of the kernel, in its order. */
  readonly slices: readonly Slice[];
}

/** Storage bindings begin at multiples of this. */
export const SLICE_ALIGNMENT = 256;

export function wholeOf(buffer: PlanBuffer): Slice {
  return { buffer, offsetBytes: 0, sizeBytes: buffer.sizeBytes };
}

export function alignSize(sizeBytes: number, alignment = SLICE_ALIGNMENT): number {
  return Math.ceil(sizeBytes / alignment) * alignment;
}

/** Pairs a kernel's bindings with slices by name. Throws RangeError for a name too many or too few: a fault of ours. */
export function bindByName(kernel: Kernel, slices: Readonly<Record<string, Slice>>): Dispatch {
  const names = new Set(kernel.bindings.map(({ name }) => name));
  const stranger = Object.keys(slices).find((name) => !names.has(name));
  if (stranger !== undefined) throw new RangeError(`The ${kernel.family} kernel has no binding ${stranger}.`);
  return {
    kernel,
    slices: kernel.bindings.map(({ name }) => {
      const slice = slices[name];
      if (!slice) throw new RangeError(`The ${kernel.family} kernel needs ${name}.`);
      return slice;
    }),
  };
}

/** Collects dispatches in running order. */
export class PlanBuilder {
  readonly dispatches: Dispatch[] = [];

  scratch(label: string, sizeBytes: number): PlanBuffer {
    return { kind: 'scratch', label, sizeBytes: alignSize(sizeBytes) };
  }

  table(label: string, data: Uint32Array): PlanBuffer {
    return { kind: 'table', label, sizeBytes: alignSize(data.byteLength), data };
  }

  run(kernel: Kernel, slices: Readonly<Record<string, Slice>>): void {
    this.dispatches.push(bindByName(kernel, slices));
  }
}
