// Progress of a step at three levels, with pictures per second and a time left that is measured, not guessed.

import type { CountProgress, EngineEventBody } from '../../protocol/events.ts';
import type { Clock } from '../platform/ports.ts';

/** The time left is told after this share of the work: before, start-up would dominate it. */
const MEASURED_AFTER_SHARE = 0.05;

export interface ProgressUpdate {
  readonly label: string;
  /** 0..1 of the whole step. */
  readonly fraction: number;
  readonly epochs: CountProgress | null;
  readonly batches: CountProgress | null;
  /** Pictures that went through so far. */
  readonly pictureCount: number;
}

export interface ProgressReporter {
  /** Says what is going on before any picture has gone through; does not start the clock. */
  announce(label: string): void;
  report(update: ProgressUpdate): void;
  /** Pictures per second over the whole step; null before the first picture. */
  imagesPerSecond(): number | null;
}

/** The first report starts the clock, so that loading, warming up and the first batch do not count as work. */
export function createProgressReporter(
  stepId: string,
  clock: Clock,
  emit: (event: EngineEventBody) => void,
): ProgressReporter {
  let first: { readonly atMs: number; readonly fraction: number; readonly pictureCount: number } | null = null;
  let speed: number | null = null;
  return {
    announce(label) {
      const nothing = { epochs: null, batches: null, imagesPerSecond: null, timeLeftMs: null };
      emit({ type: 'progress', stepId, label, stepFraction: 0, ...nothing });
    },
    report({ label, fraction, epochs, batches, pictureCount }) {
      const atMs = clock.nowMs();
      first ??= { atMs, fraction, pictureCount };
      const elapsedMs = atMs - first.atMs;
      const workedShare = fraction - first.fraction;
      if (elapsedMs > 0) speed = ((pictureCount - first.pictureCount) * 1000) / elapsedMs;
      const isMeasured = workedShare >= MEASURED_AFTER_SHARE;
      emit({
        type: 'progress',
        stepId,
        label,
        stepFraction: fraction,
        epochs,
        batches,
        imagesPerSecond: speed,
        timeLeftMs: isMeasured ? Math.round((elapsedMs * (1 - fraction)) / workedShare) : null,
      });
    },
    imagesPerSecond: () => speed,
  };
}
