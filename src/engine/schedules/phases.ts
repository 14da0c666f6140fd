// Training in phases, one after the other, each with a shape of its own for rate and momentum (LESSON section 2.5).

import { cycleAt, type Schedule } from './schedule.ts';

/** How a value moves through a phase. Where no end is given it is 0. */
export type Piece =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'linear' | 'cosine'; readonly start: number; readonly end?: number }
  /** Neither end may be 0. */
  | { readonly kind: 'exponential'; readonly start: number; readonly end: number }
  | { readonly kind: 'polynomial'; readonly start: number; readonly end?: number; readonly power: number };

export interface Phase {
  readonly batchCount: number;
  /** Multiplies every group's rate. */
  readonly rateFactor: Piece;
  readonly momentum?: Piece;
}

/** @param progress 0 at the start of the phase, 1 where the next one takes over. */
export function valueOfPiece(piece: Piece, progress: number): number {
  switch (piece.kind) {
    case 'constant':
      return piece.value;
    case 'linear':
      return moveFrom(piece, 1 - progress);
    case 'cosine':
      return moveFrom(piece, (1 + Math.cos(Math.PI * progress)) / 2);
    case 'exponential':
      return piece.start * (piece.end / piece.start) ** progress;
    case 'polynomial':
      return moveFrom(piece, (1 - progress) ** piece.power);
  }
}

/** @param left share of the way that is still to go. */
function moveFrom({ start, end = 0 }: { readonly start: number; readonly end?: number }, left: number): number {
  return end + (start - end) * left;
}

/**
 * Batch k of a phase of n batches trains at progress k / n. A cycle ends where the next phase starts at a higher rate than
 * this one came down to, and with the last phase. Throws RangeError for a phase without batches, and when some phases move
 * the momentum and others do not: what the others train with would depend on what ran before them.
 */
export function phases(list: readonly Phase[]): Schedule {
  const moving = list.filter(({ momentum }) => momentum).length;
  if (moving !== 0 && moving !== list.length)
    throw new RangeError('Either every phase moves the momentum or none does.');
  const ends: number[] = [];
  for (const { batchCount } of list) {
    if (batchCount < 1) throw new RangeError(`A phase takes at least one batch, not ${batchCount}.`);
    ends.push((ends.at(-1) ?? 0) + batchCount);
  }
  return {
    batchCount: ends.at(-1) ?? 0,
    cycleEnds: ends.filter((_, index) => isReset(list[index] as Phase, list[index + 1])),
    at(batch) {
      const { start, batchCount } = cycleAt(ends, batch);
      const { rateFactor, momentum } = list[ends.indexOf(start + batchCount)] as Phase;
      const progress = (batch - start) / batchCount;
      const value = { rateFactor: valueOfPiece(rateFactor, progress) };
      return momentum ? { ...value, momentum: valueOfPiece(momentum, progress) } : value;
    },
  };
}

/** An exponential piece may miss its end by a rounding; that is no jump. */
const ROUNDING = 1e-9;

function isReset(phase: Phase, next: Phase | undefined): boolean {
  return !next || valueOfPiece(next.rateFactor, 0) > valueOfPiece(phase.rateFactor, 1) * (1 + ROUNDING);
}
