// The lesson library's two one-cycle forms (LESSON section 2.4): up, down, and in the second form a long tail.

import type { Schedule, ScheduleValue } from './schedule.ts';

interface MomentumRange {
  readonly high: number;
  readonly low: number;
}

export interface TriangleOptions {
  readonly batchCount: number;
  /** The rate starts and ends at 1 / divider of its peak. */
  readonly divider: number;
  /** The peak comes after 1 / cutDivider of the batches. */
  readonly cutDivider: number;
  readonly momentum?: MomentumRange;
}

/** Straight up to the peak, straight down again; momentum moves the other way, one batch ahead as in the original. */
export function triangle({ batchCount, divider, cutDivider, momentum }: TriangleOptions): Schedule {
  const cut = Math.floor(batchCount / cutDivider);
  const heightAt = (batch: number) => (batch <= cut ? batch / cut : 1 - (batch - cut) / (batchCount - cut));
  return {
    batchCount,
    cycleEnds: [batchCount],
    at(batch) {
      const rateFactor = (1 + heightAt(batch) * (divider - 1)) / divider;
      return withMomentum(rateFactor, momentum && heightAt((batch + 1) % batchCount), momentum);
    },
  };
}

export interface TriangleWithTailOptions {
  readonly batchCount: number;
  readonly divider: number;
  /** Per cent of the batches spent in the tail, from 1 / divider down to a hundredth of that. */
  readonly tailPercent: number;
  readonly momentum?: MomentumRange;
}

/** Up and down in equal halves, then the tail. */
export function triangleWithTail({ batchCount, divider, tailPercent, momentum }: TriangleWithTailOptions): Schedule {
  const half = Math.floor((batchCount * (1 - tailPercent / 100)) / 2);
  const heightAt = (batch: number) => {
    if (batch > 2 * half) return 0;
    return batch > half ? 1 - (batch - half) / half : batch / half;
  };
  return {
    batchCount,
    cycleEnds: [batchCount],
    at(batch) {
      const tail = (batch - 2 * half) / (batchCount - 2 * half);
      const rateFactor =
        batch > 2 * half ? (1 + tail * (1 / 100 - 1)) / divider : (1 + heightAt(batch) * (divider - 1)) / divider;
      return withMomentum(rateFactor, momentum && heightAt(batch + 1), momentum);
    },
  };
}

function withMomentum(
  rateFactor: number,
  height: number | undefined,
  momentum: MomentumRange | undefined,
): ScheduleValue {
  if (!momentum || height === undefined) return { rateFactor };
  return { rateFactor, momentum: momentum.high - height * (momentum.high - momentum.low) };
}
