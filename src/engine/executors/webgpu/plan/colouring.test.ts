import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Kernel } from '../kernels/kernel.ts';
import { colourBuffers, findLifetimes, peakBytes } from './colouring.ts';
import { type Dispatch, type PlanBuffer, wholeOf } from './plan.ts';

/** Only what buffers a dispatch touches matters here. */
function makeDispatches(uses: readonly (readonly number[])[], sizes: readonly number[]): Dispatch[] {
  const buffers = sizes.map(
    (size, index): PlanBuffer => ({ kind: 'scratch', label: `${index}`, sizeBytes: 256 * size }),
  );
  const kernel: Kernel = {
    family: 'elementwise',
    code: '',
    bindings: [],
    workgroups: [1, 1, 1],
    work: { flops: 0, bytes: 0 },
  };
  return uses.map((used) => ({ kernel, slices: used.map((index) => wholeOf(buffers[index] as PlanBuffer)) }));
}

const plans = fc
  .tuple(
    fc.array(fc.array(fc.nat({ max: 11 }), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 30 }),
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 12, maxLength: 12 }),
  )
  .map(([uses, sizes]) => makeDispatches(uses, sizes));

test('buffers that are in use at the same time never share memory, and a slot holds the largest of its buffers', () => {
  fc.assert(
    fc.property(plans, (dispatches) => {
      const { slotOf, slotBytes } = colourBuffers(dispatches);
      const lifetimes = findLifetimes(dispatches);
      for (const a of lifetimes) {
        expect(slotBytes[slotOf.get(a.buffer) as number]).toBeGreaterThanOrEqual(a.buffer.sizeBytes);
        for (const b of lifetimes) {
          const overlap = a !== b && a.first <= b.last && b.first <= a.last;
          if (overlap) expect(slotOf.get(a.buffer)).not.toBe(slotOf.get(b.buffer));
        }
      }
      const total = slotBytes.reduce((sum, bytes) => sum + bytes, 0);
      expect(total).toBeGreaterThanOrEqual(peakBytes(dispatches));
    }),
  );
});

test('a buffer that is read after the last dispatch keeps its memory to the end', () => {
  const dispatches = makeDispatches([[0], [1], [2]], [4, 4, 4]);
  const output = dispatches[0]?.slices[0]?.buffer as PlanBuffer;
  expect(new Set(colourBuffers(dispatches).slotOf.values()).size).toBe(1);
  const { slotOf } = colourBuffers(dispatches, [output]);
  const slots = dispatches.map(({ slices }) => slotOf.get(slices[0]?.buffer as PlanBuffer));
  expect(slots.filter((slot) => slot === slots[0])).toHaveLength(1);
});
