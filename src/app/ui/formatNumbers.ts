// Numbers as a person reads them: "1 min 20 s", "2.1 GB", "1e-2", "94.8 %". Every figure on the page goes through here.

import type { AccuracyInterval, EpochRow, ResultScore } from '../../protocol/training.ts';

/** @returns "0.4 s", "12 s", "1 min 20 s" or "2 h 5 min". */
export function formatDuration(elapsedMs: number): string {
  const seconds = Math.max(0, elapsedMs) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const wholeSeconds = Math.round(seconds);
  if (wholeSeconds < 60) return `${wholeSeconds} s`;
  if (wholeSeconds < 3600) return `${Math.floor(wholeSeconds / 60)} min ${wholeSeconds % 60} s`;
  const wholeMinutes = Math.round(wholeSeconds / 60);
  return `${Math.floor(wholeMinutes / 60)} h ${wholeMinutes % 60} min`;
}

/** @returns a time left that does not pretend to know seconds of an hour: "8 s", "1 min 20 s", "12 min". */
export function formatTimeLeft(timeLeftMs: number): string {
  const seconds = Math.max(1, Math.round(timeLeftMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 300) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** @returns a size in decimal units: "812 bytes", "14 MB", "2.1 GB". */
export function formatBytes(sizeBytes: number): string {
  let value = sizeBytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${byteUnits[unit]}`;
}

/** @returns a learning rate as "1e-2" or "3.2e-3"; plain from 1 up. */
export function formatRate(learningRate: number): string {
  if (learningRate === 0 || learningRate >= 1) return String(Number(learningRate.toPrecision(2)));
  const [mantissa = '', exponent = ''] = learningRate.toExponential(1).split('e');
  return `${mantissa.replace(/\.0$/, '')}e${exponent}`;
}

/** @returns a loss with the lesson's five decimals. */
export function formatLoss(loss: number): string {
  return Number.isFinite(loss) ? loss.toFixed(5) : String(loss);
}

/** @param share 0..1; @returns "94.8 %". */
export function formatPercent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)}\u00a0%`;
}

/** @returns "1,001". */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @returns "1 picture" or "12 pictures". */
export function formatCountOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** @returns "153 images/s" or "0.8 images/s". */
export function formatSpeed(imagesPerSecond: number): string {
  const digits = imagesPerSecond < 9.95 ? 1 : 0;
  return `${digits ? imagesPerSecond.toFixed(digits) : formatCount(imagesPerSecond)} images/s`;
}

/** @returns the interval's ends: "90.0–97.3 %". */
export function formatInterval(interval: AccuracyInterval): string {
  return `${(interval.low * 100).toFixed(1)}–${formatPercent(interval.high)}`;
}

/** @returns "94.8 % (90.0–97.3 %), 153 pictures". */
export function formatAccuracy(interval: AccuracyInterval): string {
  return `${formatPercent(interval.accuracy)} (${formatInterval(interval)}), ${formatCountOf(interval.count, 'picture')}`;
}

/** @returns a share that is no percentage, such as F1 or F2: "0.712"; a dash where there is none. */
export function formatShare(share: number): string {
  return Number.isFinite(share) ? share.toFixed(3) : '–';
}

/** @returns the probability above which a tag is given: "0.20". */
export function formatThreshold(threshold: number): string {
  return threshold.toFixed(2);
}

/** @returns a result in full: "94.8 % (90.0–97.3 %), 153 pictures" or "F2 0.712 at 0.20, 128 pictures". */
export function formatScore(score: ResultScore): string {
  if (score.kind === 'accuracy') return formatAccuracy(score.accuracy);
  return `F2 ${formatShare(score.f2)} at ${formatThreshold(score.threshold)}, ${formatCountOf(score.count, 'picture')}`;
}

/** @returns an epoch's score as its table shows it: accuracy as "94.8 %", F2 as "0.712", a dash where nothing validates. */
export function formatEpochScore({ score }: EpochRow, kind: ResultScore['kind']): string {
  if (score === null) return '–';
  return kind === 'f2' ? formatShare(score) : formatPercent(score);
}
