import { expect, test } from 'vitest';
import { readMemoryNeed } from './readings.ts';

test('the need for memory is said in a sentence, with what the card allows', () => {
  const need = { totalBytes: 2_140_000_000, largestBufferBytes: 206_000_000, allowedBufferBytes: 4_294_967_292 };
  expect(readMemoryNeed(need)).toBe(
    'Needs 2.1 GB on the graphics card; its largest buffer has 206 MB, and the card allows 4.3 GB',
  );
});
