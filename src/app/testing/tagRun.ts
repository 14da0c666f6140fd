// A made-up run with tags, small enough to be counted by hand: four tags, one of which only training pictures have, and four
// validation pictures, one of them without any.

import type { DatasetSummary, PictureSummary } from '../../protocol/dataset.ts';
import type { EngineEvent, EngineEventBody, EventOf } from '../../protocol/events.ts';
import type { EpochRow, TagPrediction } from '../../protocol/training.ts';
import type { RecordedRun } from '../store/recordedRun.ts';
import { smallRun } from './smallRun.ts';

const classes = ['haze', 'river', 'road', 'snow'];
const trainId = smallRun.catalog.recipes[0]?.steps.find(({ verb }) => verb === 'trainHead')?.id ?? '';

const tagsOfPictures: readonly (readonly number[] | null)[] = [[0, 3], [1, 2], [2], [0, 1], [1], [1, 2], [], null];
const validFrom = 3;

function pictureOf(classIndices: readonly number[] | null, id: number): PictureSummary {
  const split = classIndices === null ? 'test' : id < validFrom ? 'train' : 'valid';
  return { id, path: `${split}/${id}.jpg`, split, classIndices, widthPx: 64, heightPx: 64 };
}

const pictures = tagsOfPictures.map(pictureOf);

const dataset: DatasetSummary = {
  ...smallRun.dataset,
  name: 'planet',
  layout: 'csv',
  splitOrigin: { kind: 'folders' },
  labelKind: 'tags',
  classes,
  counts: classes.map((className, tag) => {
    const count = (split: string) =>
      pictures.filter((picture) => picture.split === split && picture.classIndices?.includes(tag)).length;
    return { className, train: count('train'), valid: count('valid'), test: 0 };
  }),
  pictures,
  setAside: [],
  ignoredCount: 0,
  warnings: [],
};

function predict(pictureId: number, predictedTags: readonly number[], probabilities: readonly number[], loss: number) {
  const trueTags = tagsOfPictures[pictureId] ?? [];
  return { pictureId, trueTags, predictedTags, probabilities: Float32Array.from(probabilities), loss };
}

/** Above 0.2: haze is missed once, road added twice, picture 5 is right in every tag. */
const predictions: readonly TagPrediction[] = [
  predict(3, [1], [0.1, 0.9, 0.05, 0], 0.9),
  predict(4, [1, 2], [0.02, 0.7, 0.3, 0], 0.4),
  predict(5, [1, 2], [0.01, 0.95, 0.9, 0], 0.1),
  predict(6, [2], [0.03, 0.1, 0.6, 0], 0.7),
];

export const tagsJudged: EventOf<'tagsJudged'> = {
  type: 'tagsJudged',
  stepId: trainId,
  label: 'Plain',
  classes,
  score: { kind: 'f2', f2: 0.712, threshold: 0.2, f2AtClassThresholds: 0.745, tagAccuracy: 0.875, count: 4 },
  reports: [
    { threshold: 0.08, f2: 1, precision: 1, recall: 1, support: 1 },
    { threshold: 0.8, f2: 0.714, precision: 1, recall: 2 / 3, support: 3 },
    { threshold: 0.4, f2: 0.833, precision: 0.5, recall: 1, support: 1 },
    { threshold: 0.2, f2: 0, precision: 0, recall: 0, support: 0 },
  ],
  cooccurrences: [
    [0, 1, 0, 0],
    [0, 3, 2, 0],
    [0, 1, 1, 0],
    [0, 0, 0, 0],
  ],
  predictions,
  atMs: 0,
};

function record(bodies: readonly EngineEventBody[], summary: DatasetSummary): RecordedRun {
  const events = bodies.map((body, index): EngineEvent => ({ ...body, atMs: index }));
  return { catalog: smallRun.catalog, backend: smallRun.backend, dataset: summary, events };
}

function training(row: EpochRow, result: readonly EngineEventBody[], reading: string): readonly EngineEventBody[] {
  const batch = { learningRate: 0.01, momentum: 0.9, loss: 0.5, smoothedLoss: 0.5 };
  const ended = { outcome: 'done', elapsedMs: 900, imagesPerSecond: null, memoryBytes: null, error: null } as const;
  return [
    { type: 'stepStarted', stepId: trainId, settings: {}, seed: 1 },
    { type: 'batchEnded', stepId: trainId, iteration: 0, epoch: 0, ...batch },
    { type: 'batchEnded', stepId: trainId, iteration: 1, epoch: 0, ...batch },
    { type: 'epochEnded', stepId: trainId, row },
    ...result,
    { type: 'stepEnded', stepId: trainId, ...ended, reading },
  ];
}

/** A training with validation pictures, and what it ends with. */
export const tagRun = record(
  training(
    { epoch: 0, trainLoss: 0.5, validLoss: 0.4, score: 0.712 },
    [{ type: 'resultRow', stepId: trainId, label: 'Plain', score: tagsJudged.score, logLoss: 0.525 }, tagsJudged],
    'The F2 is 0.712.',
  ),
  dataset,
);

const isLabelled = ({ classIndices }: PictureSummary) => classIndices !== null;

/** The same pictures, all of them learnt from: a training that claims nothing. */
export const allRun = record(
  training({ epoch: 0, trainLoss: 0.5, validLoss: null, score: null }, [], 'Every picture was learnt from.'),
  {
    ...dataset,
    splitOrigin: { kind: 'all', hasFolderSplit: true },
    pictures: pictures.map((picture) => (isLabelled(picture) ? { ...picture, split: 'train' } : picture)),
    counts: dataset.counts.map((row) => ({ ...row, train: row.train + row.valid, valid: 0 })),
  },
);
