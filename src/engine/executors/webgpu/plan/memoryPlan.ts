// What a network's plans need on the device together: scratch slots that they share, arenas, tables.

import type { MemoryNeed } from '../../executor.ts';
import { colourBuffers } from './colouring.ts';
import type { Dispatch, PlanBuffer } from './plan.ts';

/** Dispatches that run one after the other in one step, and buffers that are read after the last of them. */
export interface PlannedWork {
  readonly dispatches: readonly Dispatch[];
  readonly kept: readonly PlanBuffer[];
}

export interface MemoryPlan extends Pick<MemoryNeed, 'totalBytes' | 'largestBufferBytes'> {
  /** Slot of each scratch buffer; plans of one network share slots, since they never run at the same time. */
  readonly slotOf: ReadonlyMap<PlanBuffer, number>;
  readonly slotBytes: readonly number[];
  readonly others: readonly PlanBuffer[];
}

/** What the plans need together. Pure: no device is touched. */
export function planMemory(works: readonly PlannedWork[], extra: readonly PlanBuffer[]): MemoryPlan {
  const slotOf = new Map<PlanBuffer, number>();
  const slotBytes: number[] = [];
  const others = new Set<PlanBuffer>(extra);
  for (const { dispatches, kept } of works) {
    const colouring = colourBuffers(dispatches, kept);
    for (const [buffer, slot] of colouring.slotOf) slotOf.set(buffer, slot);
    colouring.slotBytes.forEach((bytes, slot) => {
      slotBytes[slot] = Math.max(slotBytes[slot] ?? 0, bytes);
    });
    for (const { slices } of dispatches) {
      for (const { buffer } of slices) if (buffer.kind !== 'scratch') others.add(buffer);
    }
  }
  const sizes = [...slotBytes, ...[...others].map(({ sizeBytes }) => sizeBytes)];
  return {
    slotOf,
    slotBytes,
    others: [...others],
    totalBytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    largestBufferBytes: Math.max(...sizes),
  };
}
