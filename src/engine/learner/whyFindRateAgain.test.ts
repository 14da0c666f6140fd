import { expect, test } from 'vitest';
import { DEFAULT_ADAMW, LESSON_SGD } from '../optimizers/optimizer.ts';
import { type FinderSetup, whyFindRateAgain } from './whyFindRateAgain.ts';

const BODY_AND_HEAD = [
  { name: 'early layers', rateRatio: 0.01 },
  { name: 'late layers', rateRatio: 0.1 },
  { name: 'new layers', rateRatio: 1 },
];

const found: FinderSetup = {
  data: 'dogs',
  network: 'resnet34',
  groups: BODY_AND_HEAD,
  imageSizePx: 224,
  square: 'centreSquare',
  batchSize: 64,
  rule: LESSON_SGD,
  loss: 'crossEntropy',
};

const because = (change: Partial<FinderSetup>) => whyFindRateAgain(found, { ...found, ...change });

test('a finder that never ran is due', () => {
  expect(whyFindRateAgain(null, found)).toEqual(['No learning rate has been looked for yet.']);
});

test('nothing is due where nothing changed, or nothing that matters', () => {
  expect(because({})).toEqual([]);
  expect(because({ keepsStatistics: false })).toEqual([]);
  expect(because({ batchSize: 16 })).toEqual([]);
  expect(because({ batchSize: 256 })).toEqual([]);
  expect(because({ rule: { ...LESSON_SGD, decay: 'decoupled' } })).toEqual([]);
  const readBack = BODY_AND_HEAD.map((group) => ({ ...group, rateRatio: group.rateRatio * (1 + 1e-7) }));
  expect(because({ groups: readBack })).toEqual([]);
});

test.each<[Partial<FinderSetup>, string]>([
  [{ data: 'cats' }, 'The pictures have changed.'],
  [{ network: 'resnet18' }, 'The network has changed.'],
  [
    { groups: [{ name: 'new layers', rateRatio: 1 }] },
    'What learns is now new layers; it was early layers, late layers, new layers.',
  ],
  [
    { groups: BODY_AND_HEAD.map((group) => ({ ...group, rateRatio: 1 })) },
    'The rates of the layer groups stand in another ratio.',
  ],
  [{ keepsStatistics: true }, 'Batch norms now keep what they have measured; they did not then.'],
  [{ imageSizePx: 299 }, 'Pictures are now 299 px wide, not 224 px.'],
  [{ square: 'squashed' }, 'Pictures are now squashed whole, not cut to squares.'],
  [{ batchSize: 15 }, 'Batches now hold 15 pictures, not 64.'],
  [{ batchSize: 257 }, 'Batches now hold 257 pictures, not 64.'],
  [{ rule: DEFAULT_ADAMW }, 'The optimizer is now AdamW, not SGD.'],
  [{ rule: { ...LESSON_SGD, momentum: 0.95 } }, 'The momentum is now 0.95, not 0.9.'],
  [{ loss: 'binaryCrossEntropy' }, 'Pictures now have any number of classes each, not one class each.'],
])('the reason is named: %o', (change, reason) => {
  expect(because(change)).toEqual([reason]);
});

test('several changes are several reasons', () => {
  expect(because({ data: 'cats', imageSizePx: 128, loss: 'binaryCrossEntropy' }).length).toBe(3);
});
