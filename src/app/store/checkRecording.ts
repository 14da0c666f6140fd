// Whether the lines of a file that somebody brings are a run that the charts can draw: every field of every event is looked at before
// anything is shown. Texts stay texts, whatever they say.

import type { BackendDescription } from '../../protocol/catalog.ts';
import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { EngineEvent, EngineEventType } from '../../protocol/events.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const flag: Check = (value) => typeof value === 'boolean';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/** JSON writes a loss that is no number as null. */
const loss: Check = (value) => value === null || number(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const either =
  (...checks: readonly Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isRecord(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const interval = shape({ accuracy: number, low: number, high: number, correctCount: count, count });
const score = either(
  shape({ kind: oneOf('accuracy'), accuracy: interval, macroF1: number }),
  shape({
    ...{ kind: oneOf('f2'), f2: number, threshold: number, f2AtClassThresholds: number, tagAccuracy: number, count },
  }),
);
const picture = shape({
  pictureId: count,
  trueClassIndex: count,
  predictedClassIndex: count,
  probability: number,
  trueProbability: number,
});
const ids = list(count);
const gallery = shape({ mostCorrect: ids, mostIncorrect: ids, mostUncertain: ids });
const galleries = shape({
  classes: list(gallery),
  topLosses: list(shape({ pictureId: count, loss })),
  ...{ mostUncertain: ids, randomCorrect: ids, randomIncorrect: ids },
});
const classReport = shape({
  ...{ precision: number, recall: number, f1: number, support: count },
  ...{ precisionInterval: orNull(interval), recallInterval: orNull(interval) },
});
const settings: Check = (value) => isRecord(value) && Object.values(value).every(either(number, text, flag));
const progress = orNull(shape({ done: count, total: count }));
const step = { stepId: text };
const backend = shape({
  backend: oneOf('webgpu', 'webgl', 'wasm', 'cpu'),
  ...{ adapter: text, isHardwareGpu: flag, ladder: list(shape({ backend: text, isChosen: flag, sentence: text })) },
});

const plan = shape({
  ...{ epochs: count, batchesPerEpoch: count, batches: count, sentence: text },
  cycles: list(shape({ epochs: count, end: count })),
  points: list(shape({ batch: count, learningRate: number, momentum: number })),
});

const EVENTS: Readonly<Record<EngineEventType, Check>> = {
  datasetProgress: shape({ files: shape({ done: count, total: count }), setAsideCount: count }),
  weightsProgress: shape({ architecture: text, bytes: shape({ done: count, total: count }) }),
  stepStarted: shape({ ...step, settings, seed: count }),
  progress: shape({
    ...step,
    label: text,
    stepFraction: number,
    epochs: progress,
    batches: progress,
    imagesPerSecond: loss,
    timeLeftMs: loss,
  }),
  lrPoint: shape({ ...step, iteration: count, learningRate: number, loss }),
  lrSuggested: shape({
    ...step,
    end: oneOf('finished', 'diverged', 'stopped'),
    suggestions: list(
      shape({ rule: text, learningRate: number, markedLearningRate: number, label: text, isRecommended: flag }),
    ),
    zones: list(shape({ kind: text, fromRate: number, toRate: number })),
  }),
  finderOutdated: shape({ ...step, reasons: list(text) }),
  schedulePlanned: shape({ ...step, plan }),
  batchEnded: shape({
    ...step,
    iteration: count,
    epoch: count,
    learningRate: number,
    momentum: number,
    loss,
    smoothedLoss: loss,
  }),
  epochEnded: shape({ ...step, row: shape({ epoch: count, trainLoss: loss, validLoss: loss, score: loss }) }),
  confusion: shape({
    ...{ ...step, label: text, accuracy: interval, galleries },
    matrix: shape({ classes: list(text), counts: list(list(count)) }),
    predictions: list(picture),
    classes: list(classReport),
  }),
  tagsJudged: shape({
    ...{ ...step, label: text, classes: list(text), score, cooccurrences: list(list(count)) },
    reports: list(shape({ threshold: number, f2: number, precision: number, recall: number, support: count })),
    predictions: list(
      shape({ pictureId: count, trueTags: ids, predictedTags: ids, probabilities: list(number), loss }),
    ),
  }),
  resultRow: shape({ ...step, label: text, score, logLoss: loss, choice: optional(text) }),
  snapshotsKept: shape({
    ...{ ...step, heldBytes: count, budgetBytes: count },
    snapshots: list(
      shape({
        ...{ cycle: count, epoch: count, name: text, hasWeights: flag, isAveraged: flag },
        result: orNull(shape({ score, logLoss: loss })),
      }),
    ),
  }),
  testPredicted: shape({
    ...step,
    label: text,
    classes: list(text),
    pictureIds: ids,
    probabilities: list(number),
    lostPictureIds: ids,
    known: optional(orNull(shape({ accuracy: interval, logLoss: number }))),
  }),
  fitDiagnosed: shape({ ...step, diagnosis: shape({ kind: text, sentence: text, nextStep: text }) }),
  trainedChanged: shape({ name: text }),
  networkInput: shape({ imageSizePx: count, square: oneOf('centreSquare', 'squashed') }),
  deviceProblem: shape({ problem: text, sentence: text }),
  backendChanged: shape({ backend }),
  stepCutOff: shape({
    ...{ ...step, cause: oneOf('lost', 'outOfMemory', 'invalid', 'lossNotFinite'), changes: settings },
    ...{ place: orNull(shape({ epoch: count, batch: count })), sentence: text, offer: text },
  }),
  stepGoneOn: shape({ ...step, epoch: count, batch: count, settings }),
  workKept: shape({ sizeBytes: count, elapsedMs: number }),
  workNotKept: shape({ sentence: text }),
  picturesRead: shape({ ...step, decodedCount: count, cachedCount: count }),
  pixelsNotKept: shape({ sentence: text }),
  stepEnded: shape({
    ...{ ...step, outcome: oneOf('done', 'stopped', 'failed'), elapsedMs: number, reading: text },
    ...{ imagesPerSecond: loss, memoryBytes: loss, error: orNull(shape({ code: text, sentence: text })) },
  }),
};

const split = oneOf('train', 'valid', 'test');
const DATASET = shape({
  ...{
    name: text,
    fingerprint: text,
    layout: oneOf('splitFolders', 'classFolders', 'csv'),
    labelKind: oneOf('oneClass', 'tags'),
  },
  splitOrigin: either(
    shape({ kind: oneOf('folders') }),
    shape({ kind: oneOf('all'), hasFolderSplit: flag }),
    shape({ kind: oneOf('fold'), fold: count, validationShare: number, seed: number }),
    shape({ kind: oneOf('stratified'), validationShare: number, seed: number }),
  ),
  classes: list(text),
  counts: list(shape({ className: text, train: count, valid: count, test: count })),
  pictures: list(shape({ id: count, path: text, split, classIndices: orNull(ids), widthPx: count, heightPx: count })),
  setAside: list(shape({ path: text, reason: text, sentence: text })),
  ignoredCount: count,
  warnings: list(shape({ code: text, sentence: text })),
});

export function isEngineEvent(value: unknown): value is EngineEvent {
  if (!isRecord(value) || !number(value.atMs) || typeof value.type !== 'string') return false;
  return Object.hasOwn(EVENTS, value.type) && EVENTS[value.type as EngineEventType](value);
}

/** Ids are positions, and classes those that there are. */
export function isDataset(value: unknown): value is DatasetSummary {
  if (!DATASET(value)) return false;
  const { pictures, classes } = value as DatasetSummary;
  return pictures.every(
    ({ id, classIndices }, place) => id === place && (classIndices ?? []).every((index) => index < classes.length),
  );
}

export function isBackend(value: unknown): value is BackendDescription {
  return backend(value);
}

/** Pictures and classes that an event speaks of are those of the data set. */
export function fitsDataset(event: EngineEvent, { pictures, classes }: DatasetSummary): boolean {
  const arePictures = (found: readonly number[]) => found.every((id) => id < pictures.length);
  switch (event.type) {
    case 'confusion': {
      const { matrix, predictions, classes: reports, galleries: shown } = event;
      const all = [
        shown.mostUncertain,
        shown.randomCorrect,
        shown.randomIncorrect,
        ...shown.classes.flatMap((one) => Object.values(one)),
      ];
      const size = matrix.classes.length;
      return (
        size === classes.length &&
        reports.length === size &&
        shown.classes.length === size &&
        matrix.counts.length === size &&
        matrix.counts.every((row) => row.length === size) &&
        predictions.every((one) => one.trueClassIndex < size && one.predictedClassIndex < size) &&
        arePictures([...predictions, ...shown.topLosses].map(({ pictureId }) => pictureId)) &&
        all.every(arePictures)
      );
    }
    case 'tagsJudged': {
      const size = classes.length;
      const areTags = (found: readonly number[]) => found.every((tag) => tag < size);
      return (
        event.classes.length === size &&
        event.reports.length === size &&
        event.cooccurrences.length === size &&
        event.cooccurrences.every((row) => row.length === size) &&
        event.predictions.every(
          (one) => areTags(one.trueTags) && areTags(one.predictedTags) && one.probabilities.length === size,
        ) &&
        arePictures(event.predictions.map(({ pictureId }) => pictureId))
      );
    }
    case 'testPredicted':
      return (
        event.probabilities.length === event.pictureIds.length * event.classes.length &&
        arePictures([...event.pictureIds, ...event.lostPictureIds])
      );
    default:
      return true;
  }
}
