// A training that is killed between two batches and goes on from its last checkpoint is the training that was not: bit by bit, on the
// reference executor.

import { describe, expect, test } from 'vitest';
import type { EpochRow } from '../../protocol/training.ts';
import { PRESETS } from '../augment/presets.ts';
import type { Targets } from '../data/targets.ts';
import type { LabelledBatch, Network, NumberBatch } from '../executors/executor.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { fingerprintValues } from '../graph/fingerprintValues.ts';
import { type Graph, GraphBuilder, type ParameterValues } from '../graph/graph.ts';
import type { Callback } from '../learner/callback.ts';
import { averageWeights } from '../learner/callbacks/averageWeights.ts';
import { followSchedule } from '../learner/callbacks/followSchedule.ts';
import { keepBestEpoch } from '../learner/callbacks/keepBestEpoch.ts';
import { keepCycleSnapshots } from '../learner/callbacks/keepCycleSnapshots.ts';
import { keepLastGood } from '../learner/callbacks/keepLastGood.ts';
import { normaliseDecay } from '../learner/callbacks/normaliseDecay.ts';
import { type FitKeeper, type FitState, fit } from '../learner/learner.ts';
import { trainOnPictures, validateOnPictures } from '../learner/pictureData.ts';
import { PictureShelf } from '../learner/pictureShelf.ts';
import {
  type TrainingData,
  trainOnFeatures,
  type ValidationData,
  validateOnFeatures,
} from '../learner/trainingData.ts';
import { DEFAULT_ADAMW, LESSON_SGD, type UpdateRule } from '../optimizers/optimizer.ts';
import { createMemoryStore, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import { createRandom, type Random } from '../random.ts';
import { EMPTY_STATE } from '../recipe/studioState.ts';
import { cosineRestarts } from '../schedules/cosineRestarts.ts';
import { useBackend } from '../testing/backends.ts';
import { formulaParameters, learnedNames } from '../testing/contractNetwork.ts';
import { formulaValues } from '../testing/formula.ts';
import { createPaintedDecoder } from '../testing/paintedDecoder.ts';
import { Checkpoints } from './checkpoints.ts';
import { decodeStudio, encodeStudio } from './studioCheckpoint.ts';

useBackend('cpu');

const CLASSES = 3;
/** Two cycles: of one epoch and of two. */
const EPOCHS = 3;
const EVERY_BATCH_COUNT = 5 * EPOCHS;
const SEED = 5;
const NORM = { epsilon: 1e-3, momentum: 0.1 };

interface Work {
  readonly graph: Graph;
  readonly train: TrainingData;
  readonly valid: ValidationData;
  readonly dispose: () => void;
}

/** What is left of a training: all of it is compared. */
interface Left {
  readonly parameters: unknown;
  readonly optimizer: unknown;
  readonly rows: readonly EpochRow[];
  readonly losses: readonly number[];
  readonly average: unknown;
  readonly best: unknown;
  readonly lastGood: unknown;
  readonly cycles: unknown;
  /** What the streams draw next. */
  readonly drawn: readonly number[];
}

class Killed extends Error {}

function targetsOf(count: number): Targets {
  return {
    kind: 'oneClass',
    values: Int32Array.from({ length: count }, (_, item) => item % CLASSES),
    classCount: CLASSES,
  };
}

/** The new layers on features: with batches of six, five an epoch, the last one larger. */
function headOnFeatures(batchSize = 6): Work {
  const [count, featureCount] = [31, 6];
  const set = { features: formulaValues(count * featureCount, 1), targets: targetsOf(count), featureCount };
  const builder = new GraphBuilder([featureCount]);
  const hidden = builder.linear('first', builder.batchNorm('norm', builder.input, NORM), 8);
  builder.linear('last', builder.dropout(builder.activation(hidden, 'relu'), 0.4), CLASSES);
  return {
    graph: builder.build(),
    train: trainOnFeatures(set, batchSize),
    valid: validateOnFeatures(set, batchSize),
    dispose: () => {},
  };
}

/** A network of two convolutions on pictures that change: turned, lit and cut anew each time. */
function networkOnPictures(): Work {
  const [count, sizePx] = [15, 8];
  const pictures = Array.from({ length: count }, (_, id) => {
    const rgb: [number, number, number] = [40 * (id % CLASSES) + 5 * id, 200 - 9 * id, 90];
    return { id, widthPx: 14, heightPx: 11, file: makePictureFile({ widthPx: 14, heightPx: 11, rgb }) };
  });
  const statistics = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  const openShelf = (side: number) =>
    new PictureShelf({
      pictures,
      sizePx: side,
      square: 'centreSquare',
      decoder: createPaintedDecoder(),
      store: createReferenceExecutor().createPictureStore({ budgetBytes: 1e6, statistics }),
    });
  const [trainShelf, validShelf] = [openShelf(10), openShelf(sizePx)];
  const labelled = { ids: pictures.map(({ id }) => id), targets: targetsOf(count) };
  const builder = new GraphBuilder([sizePx, sizePx, 3]);
  const stem = builder.conv2d('stem', builder.input, { outChannels: 4, kernelSize: 3, stride: 2, padding: 'same' });
  const first = builder.activation(builder.batchNorm('stemNorm', stem, NORM), 'relu');
  const body = builder.conv2d('body', first, { outChannels: 4, kernelSize: 3, padding: 'same' });
  const pooled = builder.concatPool(builder.batchNorm('bodyNorm', body, NORM));
  builder.linear('last', builder.dropout(pooled, 0.25), CLASSES);
  return {
    graph: builder.build(),
    train: trainOnPictures({
      shelf: trainShelf,
      pictures: labelled,
      sizePx,
      augmentation: { ...PRESETS.topDown, maxZoom: 1.25, padding: 0, crop: 'random' },
      augmentRandom: createRandom(SEED, 'augmentation'),
      batchSize: 3,
    }),
    valid: validateOnPictures(validShelf, labelled, { sizePx, batchSize: 3 }),
    dispose: () => [trainShelf, validShelf].forEach((shelf) => void shelf.dispose()),
  };
}

interface Cut {
  readonly resumeFrom?: FitState;
  readonly keeper?: FitKeeper;
  readonly killAtBatch?: number;
}

/** Trains on a page of its own: nothing is shared with another call. */
async function train(makeWork: () => Work, rule: UpdateRule, { resumeFrom, keeper, killAtBatch }: Cut): Promise<Left> {
  const work = makeWork();
  const names = learnedNames(work.graph);
  const network = await createReferenceExecutor().create(work.graph, {
    batchSize: work.train.largestBatch,
    learning: names,
  });
  try {
    network.writeParameters(formulaParameters(work.graph));
    return await trainNetwork(work, network, names, rule, { resumeFrom, keeper, killAtBatch });
  } finally {
    network.dispose();
    work.dispose();
  }
}

async function trainNetwork(
  { train: data, valid }: Work,
  network: Network,
  names: readonly string[],
  rule: UpdateRule,
  { resumeFrom, keeper, killAtBatch }: { [Key in keyof Cut]: Cut[Key] | undefined },
): Promise<Left> {
  const schedule = cosineRestarts({ cycles: 2, firstCycleBatches: data.batchesPerEpoch, cycleMultiplier: 2 });
  const [averager, best] = [averageWeights(network, 1), keepBestEpoch(network, 'loss')];
  const [lastGood, cycles] = [keepLastGood(network, () => true), keepCycleSnapshots(network, schedule)];
  const [rows, losses]: [EpochRow[], number[]] = [[], []];
  const story: Callback = {
    memory: {
      name: 'story',
      save: () => ({ facts: { rows: [...rows], losses: [...losses] }, sets: {} }),
      load({ facts }) {
        const saved = facts as { rows: EpochRow[]; losses: number[] };
        rows.push(...saved.rows);
        losses.push(...saved.losses);
      },
    },
    batchStarted({ batch }) {
      if (batch === killAtBatch) throw new Killed();
    },
    batchEnded: ({ loss, smoothedLoss }) => void losses.push(loss, smoothedLoss),
    epochEnded({ epoch, smoothedLoss, valid: judged }) {
      rows.push({ epoch, trainLoss: smoothedLoss, validLoss: judged?.loss ?? null, score: judged?.score ?? null });
    },
  };
  const streams = [createRandom(SEED, 'shuffle'), createRandom(SEED, 'dropout')] as [Random, Random];
  await fit(
    {
      network,
      groups: [
        { names: names.slice(0, 2), learningRate: 0.01, weightDecay: 0.1 },
        { names: names.slice(2), learningRate: 0.05, weightDecay: 0.01 },
      ],
      rule,
      maxGradientNorm: 5,
    },
    {
      train: data,
      valid,
      epochCount: EPOCHS,
      shuffleRandom: streams[0],
      dropoutRandom: streams[1],
      callbacks: [
        followSchedule(schedule),
        normaliseDecay(schedule.cycleEnds),
        lastGood,
        best,
        averager,
        cycles,
        story,
      ],
      signal: { aborted: false },
      resumeFrom: resumeFrom ?? null,
      keeper: keeper ?? null,
    },
  );
  const { parameters, optimizer } = await network.readState();
  return {
    rows,
    losses,
    parameters: print(parameters),
    optimizer: [optimizer.stepCount, print(optimizer.velocities), print(optimizer.squares)],
    average: print(averager.average()),
    best: [best.best()?.epoch, best.best()?.loss, print(best.best()?.parameters)],
    lastGood: print(lastGood.lastGood()),
    cycles: cycles.snapshots().map((one) => ({ ...one, parameters: print(one.parameters) })),
    drawn: [...streams, ...(data.looks ? [data.looks] : [])].map((stream) => stream.uint32()),
  };
}

/** Of every bit. */
function print(values: ParameterValues | null | undefined): string | null {
  return values ? fingerprintValues(values) : null;
}

/** Through the very files that the browser keeps. */
async function throughFiles(state: FitState, checkpoints: Checkpoints): Promise<FitState> {
  await checkpoints.write(
    encodeStudio({
      state: EMPTY_STATE,
      origin: { split: { validationShare: 0.2, seed: 1 }, labels: null, address: null },
      log: { runNumber: 1, eventCount: 0, lastAtMs: 0 },
      adapter: 'test',
      recipeId: 'eight',
      running: {
        ...{ recipeId: 'eight', stepId: 'trainHead', settings: {}, seed: SEED, start: null },
        cutOff: { fit: state, elapsedMs: 1 },
      },
    }),
  );
  const stored = await checkpoints.read();
  return decodeStudio(stored as NonNullable<typeof stored>).running?.cutOff.fit as FitState;
}

const draw = createRandom(11, 'cuts');
/** After how many batches the state is kept, and how many more are trained in vain before the page goes. */
const CUTS = Array.from({ length: 3 }, () => [1 + draw.below(EVERY_BATCH_COUNT - 3), 1 + draw.below(2)] as const);

describe.each([
  ['new layers on features', () => headOnFeatures()],
  ['a network on changing pictures', networkOnPictures],
] as const)('%s', (_, makeWork) => {
  describe.each([
    ['SGD with momentum', LESSON_SGD],
    ['AdamW', DEFAULT_ADAMW],
  ] as const)('under %s', (__, rule) => {
    test('killed once, and again, go on as if nothing had been', async () => {
      const whole = await train(makeWork, rule, {});
      expect(whole.rows).toHaveLength(EPOCHS);
      expect(whole.losses).toHaveLength(2 * EVERY_BATCH_COUNT);
      for (const [keptAt, inVain] of CUTS) {
        const checkpoints = new Checkpoints(createMemoryStore(), 'session');
        const first = await trainUntilKilled(makeWork, rule, keptAt, inVain);
        const kept = await throughFiles(first, checkpoints);
        expect(kept.batch).toBe(keptAt);
        const second = await trainUntilKilled(makeWork, rule, keptAt + 1, 0, kept);
        const left = await train(makeWork, rule, { resumeFrom: await throughFiles(second, checkpoints) });
        expect(left, `kept after batch ${keptAt}`).toEqual(whole);
      }
    });

    test('killed between two epochs, or before an epoch’s end, go on the same', async () => {
      const whole = await train(makeWork, rule, {});
      const states: FitState[] = [];
      const watched = await train(makeWork, rule, {
        keeper: { isDue: () => true, keep: (state) => void states.push(state) },
      });
      expect(watched, 'keeping changes nothing').toEqual(whole);
      // Every batch, and the ends of all epochs but the last.
      expect(states).toHaveLength(EVERY_BATCH_COUNT + EPOCHS - 1);
      const atEnds = states.filter(({ batch }) => batch % 5 === 0);
      const places = [
        [0, 5],
        [1, 5],
        [1, 10],
        [2, 10],
        [2, 15],
      ]; // [epoch that goes on, batches trained]
      expect(atEnds.map(({ epoch, batch }) => [epoch, batch])).toEqual(places);
      for (const state of atEnds) expect(await train(makeWork, rule, { resumeFrom: state })).toEqual(whole);
    });
  });
});

describe('a training that goes on with smaller batches', () => {
  const [keptAt, itemsPerEpoch] = [7, 31];
  /** Of an epoch: how many items came in each batch, and which. */
  const seen: { count: number; items: number[] }[] = [];
  const watched = (batchSize: number): Work => {
    const work = headOnFeatures(batchSize);
    const { train: data } = work;
    return {
      ...work,
      train: {
        ...data,
        *epoch(random, firstItem) {
          const of = { count: 0, items: [] as number[] };
          seen.push(of);
          for (const batch of data.epoch(random, firstItem) as Iterable<NumberBatch>) {
            of.count += 1;
            for (let row = 0; row < batch.count; row++) of.items.push(batch.inputs[row * 6] as number);
            yield batch as LabelledBatch;
          }
        },
      },
    };
  };

  test.each([3, 4, 2])(
    'of %i sees the rest of the epoch’s items, each once, and ends where the schedule does',
    async (size) => {
      const state = await trainUntilKilled(() => watched(6), LESSON_SGD, keptAt, 1);
      expect([state.epoch, state.trainedItems]).toEqual([1, 12]);
      const begun = seen.at(-1)?.items.slice(0, 12) as number[];
      seen.length = 0;
      const left = await train(() => watched(size), LESSON_SGD, { resumeFrom: state });
      expect(seen).toHaveLength(2);
      const [rest, last] = seen as [(typeof seen)[number], (typeof seen)[number]];
      expect(rest.items).toHaveLength(itemsPerEpoch - 12);
      expect(new Set([...begun, ...rest.items]).size).toBe(itemsPerEpoch);
      expect(new Set(last.items).size).toBe(itemsPerEpoch);
      // Both cycles are there, so the last batch was where the schedule has its end.
      expect(left.rows.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
      expect((left.cycles as { epoch: number }[]).map(({ epoch }) => epoch)).toEqual([0, 2]);
      expect(left.losses).toHaveLength(2 * (keptAt + rest.count + last.count));
    },
  );
});

/** The state that was kept after so many batches; the page went some batches later. */
async function trainUntilKilled(
  makeWork: () => Work,
  rule: UpdateRule,
  keptAt: number,
  inVain: number,
  resumeFrom?: FitState,
): Promise<FitState> {
  const kept: FitState[] = [];
  const keeper: FitKeeper = { isDue: () => true, keep: (state) => void (state.batch === keptAt && kept.push(state)) };
  const cut = { keeper, killAtBatch: keptAt + inVain, ...(resumeFrom ? { resumeFrom } : {}) };
  await expect(train(makeWork, rule, cut)).rejects.toThrow(Killed);
  return kept[0] as FitState;
}
