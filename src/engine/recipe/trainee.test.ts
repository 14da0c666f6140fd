// The head on cached features and the whole network on pictures are the same network: with the real body at its smallest size.

import { describe, expect, test } from 'vitest';
import type { SquareRule } from '../../protocol/looks.ts';
import { ActivationCache } from '../activations/activationCache.ts';
import { indexDataset } from '../data/datasetIndex.ts';
import { readFolder } from '../data/readers/folder.ts';
import { readPictures } from '../data/readPictures.ts';
import { pickTargets } from '../data/targets.ts';
import type { NetworkOptions } from '../executors/executor.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { fit, inferAll } from '../learner/learner.ts';
import { PictureLibrary } from '../learner/pictureLibrary.ts';
import type { ValidationData } from '../learner/trainingData.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { createMemoryPlatform, createMemoryWeights, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import type { Platform, WeightsCard } from '../platform/ports.ts';
import { createRandom } from '../random.ts';
import { useBackend } from '../testing/backends.ts';
import { readBytes, readJson } from '../testing/fixtures.ts';
import { createPaintedDecoder } from '../testing/paintedDecoder.ts';
import { prepareFeatures } from './prepareFeatures.ts';
import { createProgressReporter } from './progress.ts';
import type { StepContext } from './stepContext.ts';
import { EMPTY_STATE, type StudioState } from './studioState.ts';
import { createHeadTrainee, createPictureTrainee, type Trainee } from './trainee.ts';

useBackend('wasm');

const GO_ON = { aborted: false };
const platform: Platform = {
  ...createMemoryPlatform(
    createMemoryWeights(
      new Map([
        [
          'efficientnet-lite0',
          {
            card: readJson<WeightsCard>('public/weights/efficientnet-lite0.json'),
            bytes: readBytes('public/weights/efficientnet-lite0.safetensors'),
          },
        ],
      ]),
    ),
  ),
  // A colour alone looks the same cut and squashed.
  decoder: createPaintedDecoder(),
};

async function openShades(counts = [6, 6]) {
  const files = ['dark', 'light'].flatMap((className, label) =>
    Array.from({ length: counts[label] as number }, (_, index) => {
      const shade = 150 * label + 15 * index;
      const file = makePictureFile({ widthPx: 40, heightPx: 30, rgb: [shade, 255 - shade, 90] });
      return { path: `${className}/${index}.png`, file };
    }),
  );
  const reading = readFolder(files);
  const checked = await readPictures(reading.entries, platform.decoder, GO_ON, () => {});
  return indexDataset(reading, checked, { name: 'shades', validationShare: 0.34, seed: 1 });
}

const cache = new ActivationCache();
const library = new PictureLibrary();
const executor = createReferenceExecutor();

function contextOf(state: StudioState, settings: StepContext['settings']): StepContext {
  return {
    stepId: 'test',
    settings: { startFrom: 'newLayers', batchSize: 4, augmentation: 'none', ...settings },
    seed: 3,
    state,
    executor,
    platform,
    activationCache: cache,
    pictureLibrary: library,
    emit: () => {},
    signal: GO_ON,
  };
}

interface PrepareOptions {
  readonly counts?: number[];
  readonly square?: SquareRule;
}

async function prepare({ counts, square = 'centreSquare' }: PrepareOptions = {}): Promise<StudioState> {
  const state = { ...EMPTY_STATE, dataset: await openShades(counts) };
  const settings = { backbone: 'efficientnet-lite0', imageSizePx: 32, square, batchSize: 4 };
  return (await prepareFeatures(contextOf(state, settings))).state;
}

const createPictures = async (context: StepContext) =>
  (await createPictureTrainee(
    context,
    { isBodyFrozen: false },
    createProgressReporter('test', platform.clock, () => {}),
  )) as Trainee;

const trainTwoEpochs = (trainee: Trainee) =>
  fit(
    {
      network: trainee.network,
      groups: trainee.groups.map(({ names, rateShare }) => ({ names, learningRate: 0.01 * rateShare, weightDecay: 0 })),
      rule: LESSON_SGD,
      maxGradientNorm: null,
    },
    {
      train: trainee.train,
      valid: null,
      epochCount: 2,
      shuffleRandom: createRandom(1, 'shuffle'),
      dropoutRandom: createRandom(1, 'dropout'),
      callbacks: [],
      signal: GO_ON,
    },
  );

describe('training on cached features', () => {
  test.each(['centreSquare', 'squashed'] as const)(
    'is training on pictures that do not change, before it and after two epochs: %s',
    async (square) => {
      const context = contextOf(await prepare({ square }), {});
      const head = await createHeadTrainee(
        context,
        createProgressReporter('test', platform.clock, () => {}),
      );
      const pictures = await createPictures(context);
      expect(pictures.validIds).toEqual(head.validIds);
      expect(pictures.train.batchesPerEpoch).toBe(head.train.batchesPerEpoch);
      for (const train of [false, true]) {
        if (train) await Promise.all([head, pictures].map(trainTwoEpochs));
        const [cached, live] = await Promise.all(
          [head, pictures].map(({ network, valid }) => inferAll(network, valid as ValidationData)),
        );
        // The same pixels; while training, batch norms that are not folded into kernels round differently.
        const tolerance = train ? 5e-3 : 1e-6;
        const largest = Math.max(...(cached as Float32Array).map(Math.abs));
        (cached as Float32Array).forEach((logit, index) => {
          expect(Math.abs(logit - ((live as Float32Array)[index] as number))).toBeLessThan(tolerance * largest);
        });
      }
      head.dispose();
      pictures.dispose();
      library.clear();
    },
  );
});

test('features of cut and of squashed pictures are kept apart', async () => {
  const [cut, squashed] = [await prepare(), await prepare({ square: 'squashed' })];
  const featuresOf = ({ activations }: StudioState) => activations?.train.features as Float32Array;
  const difference = featuresOf(cut).map((value, at) => Math.abs(value - (featuresOf(squashed)[at] as number)));
  expect(Math.max(...difference)).toBeGreaterThan(0.05 * Math.max(...featuresOf(cut).map(Math.abs)));
  expect((await prepare()).activations).toBe(cut.activations);
});

describe('repeating rare classes', () => {
  test('repeats training pictures only: what validates is the same, and none of it is trained on', async () => {
    const state = await prepare();
    const { activations } = state as { activations: NonNullable<StudioState['activations']> };
    // All four of the first class that train, and one of the second.
    const { train, featureCount } = activations;
    const kept = train.pictureIds.length - 3;
    const fewer = {
      features: train.features.subarray(0, kept * featureCount),
      targets: pickTargets(
        train.targets,
        Array.from({ length: kept }, (_, row) => row),
      ),
      pictureIds: train.pictureIds.slice(0, kept),
    };
    const context = contextOf({ ...state, activations: { ...activations, train: fewer } }, { rareClasses: 'repeat' });
    const head = await createHeadTrainee(
      context,
      createProgressReporter('test', platform.clock, () => {}),
    );
    const counts = [0, 0];
    for await (const { labels } of head.train.epoch(createRandom(1, 'shuffle'))) {
      for (const label of labels) counts[label] = (counts[label] as number) + 1;
    }
    expect([kept, ...counts]).toEqual([5, 4, 4]);
    expect(head.validIds).toEqual(activations.valid.pictureIds);
    expect(head.valid?.targets).toEqual(activations.valid.targets);
    expect(head.validIds.filter((id) => fewer.pictureIds.includes(id))).toEqual([]);
    head.dispose();
  });
});

describe('batch norms that keep what they have measured', () => {
  const keeping = async () => {
    const state = await prepare();
    const network = { ...(state.network as NonNullable<StudioState['network']>), keepsBatchNorms: true };
    return { ...state, network: { ...network, firstLearningGroup: 0 } };
  };

  test('keep the statistics of the whole network, its head too, while every scale and shift learns', async () => {
    const trainee = await createPictures(contextOf(await keeping(), {}));
    const before = await trainee.network.readParameters();
    await trainTwoEpochs(trainee);
    const after = await trainee.network.readParameters();
    for (const { name, isLearned } of trainee.network.graph.parameters) {
      const hasMoved = before.get(name)?.some((value, index) => value !== after.get(name)?.[index]);
      expect(hasMoved, name).toBe(isLearned);
    }
    trainee.dispose();
    library.clear();
  });

  test('measure anew in a step that trains only the head', async () => {
    const context = contextOf(await keeping(), {});
    const progress = createProgressReporter('test', platform.clock, () => {});
    const trainees = [
      await createHeadTrainee(context, progress),
      (await createPictureTrainee(context, { isBodyFrozen: true }, progress)) as Trainee,
      await createPictures(context),
    ];
    expect(trainees.map(({ network }) => network.keepsStatistics)).toEqual([false, false, true]);
    for (const trainee of trainees) trainee.dispose();
    library.clear();
  });
});

describe('rare classes that are weighed', () => {
  test('weigh so much in the loss of the head on features and of the network on pictures', async () => {
    const state = await prepare({ counts: [9, 3] });
    const made: NetworkOptions[] = [];
    const spied: StepContext['executor'] = {
      ...executor,
      create: async (graph, options) => {
        made.push(options);
        return await executor.create(graph, options);
      },
    };
    for (const rareClasses of ['weigh', 'repeat', 'asTheyAre']) {
      const context = { ...contextOf(state, { rareClasses }), executor: spied };
      const progress = createProgressReporter('test', platform.clock, () => {});
      for (const trainee of [await createHeadTrainee(context, progress), await createPictures(context)]) {
        expect(trainee.train.itemCount).toBe(rareClasses === 'repeat' ? 12 : 8);
        trainee.dispose();
      }
    }
    // Six and two of the pictures train: 8 / (2 * 6) and 8 / (2 * 2).
    const weights = Float32Array.of(2 / 3, 2);
    expect(made.map(({ classWeights }) => classWeights)).toEqual([weights, weights, ...Array(4).fill(undefined)]);
    library.clear();
  });
});

describe('a frozen network', () => {
  test.each([
    ['but its head', 2],
    ['but its later layers and its head', 1],
  ])('has nothing %s change, statistics included', async (_, firstLearningGroup) => {
    const state = await prepare();
    const network = { ...(state.network as NonNullable<StudioState['network']>), firstLearningGroup };
    const trainee = await createPictures(contextOf({ ...state, network }, {}));
    const before = await trainee.network.readParameters();
    await trainTwoEpochs(trainee);
    const after = await trainee.network.readParameters();
    const groups = ['_conv_stem.', '_blocks.0.', '_blocks.4.', '_blocks.15.', '_bn1.', 'head.'];
    const hasMoved = groups.map((prefix) =>
      [...before].some(([name, values]) => {
        return name.startsWith(prefix) && values.some((value, index) => value !== after.get(name)?.[index]);
      }),
    );
    const isFrozenBefore = firstLearningGroup === 2 ? 5 : 3;
    expect(hasMoved).toEqual(groups.map((_prefix, place) => place >= isFrozenBefore));

    const kept = trainee.keep(after);
    expect(kept.head?.get('head.fc2.weight')).toEqual(after.get('head.fc2.weight'));
    expect(kept.network?.body === null).toBe(firstLearningGroup === 2);
    expect(kept.activations === null).toBe(firstLearningGroup === 1);
    trainee.dispose();
    library.clear();
  });
});
