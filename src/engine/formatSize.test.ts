import { expect, test } from 'vitest';
import { formatSize } from './formatSize.ts';

test('sizes are written in decimal units, with one decimal where it tells something', () => {
  expect([0, 812, 999, 1000, 5_420_000, 9_960_000, 54_321_000].map(formatSize)).toEqual([
    '0 bytes',
    '812 bytes',
    '999 bytes',
    '1.0 kB',
    '5.4 MB',
    '10 MB',
    '54 MB',
  ]);
  expect([999_400_000, 999_600_000, 2_140_000_000, 1.2e13].map(formatSize)).toEqual([
    '999 MB',
    '1.0 GB',
    '2.1 GB',
    '12000 GB',
  ]);
});
