import { expect, test } from 'vitest';
import { wilsonInterval } from '../metrics/accuracy.ts';
import { readLooks, readMemoryNeed, readTagLooks, readTraining, readTrainingOnAll } from './readings.ts';

/** So many of 96 pictures. */
const right = (correctCount: number) =>
  ({ kind: 'accuracy', accuracy: wilsonInterval(correctCount, 96), macroF1: 0.5 }) as const;
const tagged = (f2: number, threshold: number) =>
  ({ kind: 'f2', f2, threshold, f2AtClassThresholds: 0.9, tagAccuracy: 0.8, count: 1234 }) as const;

test('the need for memory is said in a sentence, with what the card allows', () => {
  const need = { totalBytes: 2_140_000_000, largestBufferBytes: 206_000_000, allowedBufferBytes: 4_294_967_292 };
  expect(readMemoryNeed(need)).toBe(
    'Needs 2.1 GB on the graphics card; its largest buffer has 206 MB, and the card allows 4.3 GB',
  );
});

test('a training is read with its interval, its cycles together and the diagnosis', () => {
  const diagnosis = { kind: 'rightTrack', sentence: 'The right track.', nextStep: 'unfreeze' } as const;
  expect(readTraining(right(76), diagnosis, { wasStopped: true, averaged: right(78), bestEpoch: null })).toBe(
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

test('a training on tags is read by its F2 and the threshold that gave it', () => {
  const diagnosis = { kind: 'rightTrack', sentence: 'The right track.', nextStep: 'unfreeze' } as const;
  expect(
    readTraining(tagged(0.7512, 0.2), diagnosis, { wasStopped: false, averaged: tagged(0.76, 0.21), bestEpoch: 3 }),
  ).toBe(
    'Over 1,234 validation pictures the F2 is 0.751, with a tag given above 0.20; that threshold was chosen on these pictures, so it flatters a little. The weights are those of epoch 3, the best one. The average of the last cycles has an F2 of 0.760. The right track.',
  );
  expect(readTagLooks(tagged(0.75, 0.2), tagged(0.77, 0.17), 4)).toContain(
    'an F2 of 0.750 above 0.20; together with 4 changed looks an F2 of 0.770 above 0.17',
  );
});

test('a training on all pictures claims nothing', () => {
  const rows = [{ epoch: 0, trainLoss: 0.25, validLoss: null, score: null }];
  expect(readTrainingOnAll(rows, 1000, false)).toBe(
    'Every picture was learnt from, 1,000 an epoch, and train loss is 0.25000. None validates, so nobody knows how good the network is: trust what the same steps reached with validation pictures.',
  );
});
