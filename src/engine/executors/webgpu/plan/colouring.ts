// Which scratch buffers may share memory: buffers whose lifetimes do not overlap get the same slot. Memory is then flat by
// construction: a step allocates nothing.

import type { Dispatch, PlanBuffer } from './plan.ts';

export interface Colouring {
  readonly slotOf: ReadonlyMap<PlanBuffer, number>;
  readonly slotBytes: readonly number[];
}

interface Lifetime {
  readonly buffer: PlanBuffer;
  readonly first: number;
  last: number;
}

/** @param kept buffers that are read after the last dispatch, such as the output. */
export function findLifetimes(dispatches: readonly Dispatch[], kept: readonly PlanBuffer[] = []): readonly Lifetime[] {
  const lifetimes = new Map<PlanBuffer, Lifetime>();
  dispatches.forEach(({ slices }, index) => {
    for (const { buffer } of slices) {
      if (buffer.kind !== 'scratch') continue;
      const known = lifetimes.get(buffer);
      if (known) known.last = index;
      else lifetimes.set(buffer, { buffer, first: index, last: index });
    }
  });
  for (const buffer of kept) {
    const known = lifetimes.get(buffer);
    if (known) known.last = dispatches.length;
  }
  return [...lifetimes.values()];
}

/**
 * Largest buffers first, each into the first slot that is free for its whole life: buffers that live long and are large
 * decide the slots, small ones fill the gaps. Total bytes are close to the peak of what is alive at once.
 */
export function colourBuffers(dispatches: readonly Dispatch[], kept: readonly PlanBuffer[] = []): Colouring {
  const bySize = [...findLifetimes(dispatches, kept)].sort(
    (a, b) => b.buffer.sizeBytes - a.buffer.sizeBytes || a.first - b.first,
  );
  const slots: Lifetime[][] = [];
  const slotBytes: number[] = [];
  const slotOf = new Map<PlanBuffer, number>();
  for (const lifetime of bySize) {
    let slot = slots.findIndex((members) =>
      members.every((other) => other.last < lifetime.first || lifetime.last < other.first),
    );
    if (slot === -1) {
      slot = slots.length;
      slots.push([]);
      slotBytes.push(lifetime.buffer.sizeBytes);
    }
    slots[slot]?.push(lifetime);
    slotOf.set(lifetime.buffer, slot);
  }
  return { slotOf, slotBytes };
}

/** Bytes that any plan needs at the same time, at least: the best that any sharing could reach. */
export function peakBytes(dispatches: readonly Dispatch[], kept: readonly PlanBuffer[] = []): number {
  const lifetimes = findLifetimes(dispatches, kept);
  let peak = 0;
  for (let index = 0; index <= dispatches.length; index++) {
    const alive = lifetimes.filter(({ first, last }) => first <= index && index <= last);
    peak = Math.max(
      peak,
      alive.reduce((sum, { buffer }) => sum + buffer.sizeBytes, 0),
    );
  }
  return peak;
}
