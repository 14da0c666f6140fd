import { expect, test } from 'vitest';
import { wilsonInterval } from '../metrics/accuracy.ts';
import { readLooks, readMemoryNeed, readTraining } from './readings.ts';

test('the need for memory is said in a sentence, with what the card allows', () => {
  const need = { totalBytes: 2_140_000_000, largestBufferBytes: 206_000_000, allowedBufferBytes: 4_294_967_292 };
  expect(readMemoryNeed(need)).toBe(
    'Needs 2.1 GB on the graphics card; its largest buffer has 206 MB, and the card allows 4.3 GB',
  );
});

test('a training is read with its interval, its cycles together and the diagnosis', () => {
  const diagnosis = { kind: 'rightTrack', sentence: 'The right track.', nextStep: 'unfreeze' } as const;
  const accuracy = wilsonInterval(76, 96);
  expect(
    readTraining(accuracy, diagnosis, { wasStopped: true, averaged: wilsonInterval(78, 96), bestEpoch: null }),
  ).toBe(
    'Stopped; what was trained is kept. 76 of 96 validation pictures are right: 79.2 %, and with 95 % confidence between 70.0 % and 86.1 %. The average of the last cycles gets 78 right. The right track.',
  );
});

test('several looks are read beside the plain one, and a difference that chance may bring is called so', () => {
  const read = (gained: number, lost: number, lookCount = 4) =>
    readLooks({
      plain: wilsonInterval(76, 96),
      combined: wilsonInterval(76 + gained - lost, 96),
      lookCount,
      gained,
      lost,
    });
  expect(read(3, 1)).toBe(
    'Plainly 76 of 96 validation pictures are right: 79.2 %; together with 4 changed looks 78: 81.3 %. 3 became right and 1 wrong: with 96 pictures so small a difference may well be chance.',
  );
  expect(read(9, 1)).toContain('9 became right and 1 wrong: more than chance would do in 19 of 20 cases.');
  expect(read(2, 2)).toContain('2 became right and 2 wrong: no difference.');
  expect(read(0, 0, 1)).toContain('together with 1 changed look 76: 79.2 %. Not one picture became right or wrong.');
});
