import { describe, expect, it } from 'vitest';
import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatEpochScore,
  formatLoss,
  formatRate,
  formatScore,
  formatShare,
  formatSpeed,
  formatTimeLeft,
} from './formatNumbers.ts';

describe('numbers as a person reads them', () => {
  it('says durations in words', () => {
    expect([400, 12_400, 80_000, 3_600_000 + 300_000].map(formatDuration)).toEqual([
      '0.4 s',
      '12 s',
      '1 min 20 s',
      '1 h 5 min',
    ]);
    expect(formatDuration(59_700)).toBe('1 min 0 s');
  });

  it('does not pretend to know the seconds of a long wait', () => {
    expect([8_000, 80_000, 720_000].map(formatTimeLeft)).toEqual(['8 s', '1 min 20 s', '12 min']);
  });

  it('says sizes in decimal units', () => {
    expect([812, 14_200_000, 2_100_000_000].map(formatBytes)).toEqual(['812 bytes', '14 MB', '2.1 GB']);
  });

  it('says learning rates with their power of ten', () => {
    expect([0.01, 0.0032, 0.1, 1e-5, 1, 10].map(formatRate)).toEqual(['1e-2', '3.2e-3', '1e-1', '1e-5', '1', '10']);
  });

  it('gives losses five decimals and thousands a comma', () => {
    expect(formatLoss(0.2)).toBe('0.20000');
    expect(formatLoss(Number.NaN)).toBe('NaN');
    expect([1, 999, 1001, 1_234_567].map(formatCount)).toEqual(['1', '999', '1,001', '1,234,567']);
    expect(formatCountOf(1, 'picture')).toBe('1 picture');
    expect(formatSpeed(871.4)).toBe('871 images/s');
  });

  it('never says an F2 without its threshold and its pictures', () => {
    const score = {
      kind: 'f2',
      f2: 0.7121,
      threshold: 0.2,
      f2AtClassThresholds: 0.8,
      tagAccuracy: 0.9,
      count: 128,
    } as const;
    expect(formatScore(score)).toBe('F2 0.712 at 0.20, 128 pictures');
    expect([formatShare(1), formatShare(Number.NaN)]).toEqual(['1.000', '–']);
  });

  it('says an epoch’s score as what it is, and nothing where nothing validates', () => {
    const row = { epoch: 0, trainLoss: 1, validLoss: 1, score: 0.75 };
    expect([formatEpochScore(row, 'f2'), formatEpochScore(row, 'accuracy')]).toEqual(['0.750', '75.0\u00a0%']);
    expect(formatEpochScore({ ...row, validLoss: null, score: null }, 'f2')).toBe('–');
  });

  it('never says an accuracy without its interval and its pictures', () => {
    const interval = { accuracy: 0.948, low: 0.9, high: 0.973, correctCount: 145, count: 153 };
    expect(formatAccuracy(interval).replaceAll('\u00a0', ' ')).toBe('94.8 % (90.0–97.3 %), 153 pictures');
  });
});
