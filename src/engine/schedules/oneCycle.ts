// One cycle: up to the peak and down again, once. Two forms are the lesson library's (LESSON section 2.4), the third is
// fastai 2's. In a cycle too short for its slope the slope takes a batch, where the originals divide by zero.

import { valueOfPiece } from './phases.ts';
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
  const cut = Math.max(1, Math.floor(batchCount / cutDivider));
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
  const half = Math.max(1, Math.floor((batchCount * (1 - tailPercent / 100)) / 2));
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

export interface CosineOneCycleOptions {
  readonly batchCount: number;
  /** Share of the batches on the way up, 0..1. */
  readonly upShare?: number;
  /** The rate starts at 1 / divider of its peak. */
  readonly divider?: number;
  /** It falls towards 1 / endDivider of its peak. */
  readonly endDivider?: number;
  readonly momentum?: MomentumRange;
}

/** Along half a cosine both ways, momentum the other way round; fastai 2's fit_one_cycle with its defaults. */
export function cosineOneCycle({
  batchCount,
  upShare = 0.25,
  divider = 25,
  endDivider = 1e5,
  momentum = { high: 0.95, low: 0.85 },
}: CosineOneCycleOptions): Schedule {
  return {
    batchCount,
    cycleEnds: [batchCount],
    at(batch) {
      const progress = batch / batchCount;
      const isUp = progress < upShare;
      const along = isUp ? progress / upShare : (progress - upShare) / (1 - upShare);
      const between = (start: number, peak: number, end: number) =>
        valueOfPiece({ kind: 'cosine', start: isUp ? start : peak, end: isUp ? peak : end }, along);
      return {
        rateFactor: between(1 / divider, 1, 1 / endDivider),
        momentum: between(momentum.high, momentum.low, momentum.high),
      };
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
