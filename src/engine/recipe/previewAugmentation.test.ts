// What the preview shows is what training sees: the same pictures on a shelf, the same draws, the same pixels.

import { describe, expect, test } from 'vitest';
import type { CommandParams } from '../../protocol/commands.ts';
import type { SquareRule } from '../../protocol/looks.ts';
import type { SettingValues } from '../../protocol/recipe.ts';
import { indexDataset } from '../data/datasetIndex.ts';
import { readFolder } from '../data/readers/folder.ts';
import { readPictures } from '../data/readPictures.ts';
import { makeTargets } from '../data/targets.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { inputsOfBatch } from '../executors/reference/referencePictureStore.ts';
import { GraphBuilder } from '../graph/graph.ts';
import { trainOnPictures, validateOnPictures } from '../learner/pictureData.ts';
import { PictureShelf } from '../learner/pictureShelf.ts';
import { makePictureFile } from '../platform/memory/memoryPlatform.ts';
import { createRandom } from '../random.ts';
import { createPaintedDecoder } from '../testing/paintedDecoder.ts';
import { augmentationSettings } from './augmentationSettings.ts';
import { previewAugmentation } from './previewAugmentation.ts';
import { findRecipe, findStep } from './runStep.ts';
import { completeSettings } from './settings.ts';
import type { ChosenNetwork } from './studioState.ts';

const SIZE_PX = 24;
const GO_ON = { aborted: false };
const decoder = createPaintedDecoder();
const RECIPE = findRecipe('eight');

async function openFolder() {
  const files = ['ants', 'bees'].flatMap((className, label) =>
    Array.from({ length: 6 }, (_, index) => {
      const file = makePictureFile({ widthPx: 60 + index, heightPx: 40, rgb: [200 * label, 20 * index, 90] });
      return { path: `${className}/${index}.png`, file };
    }),
  );
  const reading = readFolder(files);
  const checked = await readPictures(reading.entries, decoder, GO_ON, () => {});
  return indexDataset(reading, checked, { name: 'insects', validationShare: 0.34, seed: 1 });
}

const dataset = await openFolder();

// Of a network only its input plays a part here.
const networkOf = (square: SquareRule, imageSizePx = SIZE_PX) => ({ square, imageSizePx }) as ChosenNetwork;

function preview(
  settings: SettingValues,
  { stepId = 'augment', network = networkOf('centreSquare') as ChosenNetwork | null, ...params } = {} as {
    stepId?: string;
    network?: ChosenNetwork | null;
  } & Partial<CommandParams<'previewAugmentation'>>,
) {
  const asked = {
    ...{ recipeId: 'eight', stepId, settings, settingsByStep: {}, pictureNumber: 0, seed: 7, lookCount: 8 },
    ...params,
  };
  return previewAugmentation({ dataset, network }, RECIPE, findStep('eight', stepId), asked, decoder);
}

const targetsOf = (count: number) => makeTargets('oneClass', Array(count).fill([0]), 2);

/** The first batch that training draws from the stream of the same name: the same picture eight times, as the network gets it. */
async function trainingBatch(pictureId: number, settings: SettingValues, square: SquareRule) {
  const augmentation = augmentationSettings(completeSettings(findStep('eight', 'augment'), settings));
  const executor = createReferenceExecutor();
  const { widthPx, heightPx } = dataset.summary.pictures[pictureId] as { widthPx: number; heightPx: number };
  const pictures = [{ id: pictureId, widthPx, heightPx, file: dataset.files[pictureId] as Blob }];
  const shelfOf = (maxZoom: number) =>
    new PictureShelf({
      ...{ pictures, sizePx: Math.floor(SIZE_PX * maxZoom), square, decoder },
      store: executor.createPictureStore({ budgetBytes: 1e9, statistics: { mean: [0, 0, 0], std: [1, 1, 1] } }),
    });
  const train = trainOnPictures({
    shelf: shelfOf(augmentation.maxZoom),
    pictures: { ids: Array(8).fill(pictureId), targets: targetsOf(8) },
    sizePx: SIZE_PX,
    augmentation,
    augmentRandom: createRandom(7, 'augment preview'),
    batchSize: 8,
  });
  const valid = validateOnPictures(
    shelfOf(1),
    { ids: [pictureId], targets: targetsOf(1) },
    { sizePx: SIZE_PX, batchSize: 1 },
  );
  const builder = new GraphBuilder([SIZE_PX, SIZE_PX, 3]);
  builder.averagePool(builder.input);
  const graph = builder.build();
  const batches: Float32Array[] = [];
  for await (const batch of valid.batches()) batches.push(inputsOfBatch(graph, batch));
  for await (const batch of train.epoch(createRandom(1, 'order'))) batches.push(inputsOfBatch(graph, batch));
  const [plain, looks] = batches as [Float32Array, Float32Array];
  return { plain, looks };
}

const coloursOf = (pixels: Uint8ClampedArray) => pixels.filter((_, at) => at % 4 !== 3);
const shown = (values: Float32Array) => Uint8ClampedArray.from(values, (value) => 255 * value);

describe('a preview', () => {
  const LIST = {
    augmentation: 'custom',
    flips: 'dihedral',
    maxDegrees: 40,
    padding: 0.25,
    maxZoom: 1.4,
    contrast: 0.4,
  };

  test.each<[SquareRule, SettingValues]>([
    ['centreSquare', {}],
    ['centreSquare', LIST],
    ['squashed', LIST],
    ['squashed', { augmentation: 'none' }],
  ])('shows the very pixels that training sees with the same seed: %s %j', async (square, settings) => {
    const found = await preview(settings, { network: networkOf(square) });
    expect([found.sizePx, found.square, found.looks.length]).toEqual([SIZE_PX, square, 8]);
    const batch = await trainingBatch(found.pictureId, settings, square);
    expect(coloursOf(found.plain)).toEqual(shown(batch.plain));
    const length = SIZE_PX * SIZE_PX * 3;
    found.looks.forEach((look, row) => {
      expect(coloursOf(look), `look ${row}`).toEqual(shown(batch.looks.subarray(row * length, (row + 1) * length)));
    });
    const kinds = new Set(found.looks.map((look) => look.join()));
    expect(kinds.size).toBe(settings.augmentation === 'none' ? 1 : 8);
    if (settings.augmentation === 'none') expect(found.looks[0]).toEqual(found.plain);
  });

  test('gives the same looks for the same seed and others for another', async () => {
    const [once, again, other] = await Promise.all([preview({}), preview({}), preview({}, { seed: 8 })]);
    expect(again).toEqual(once);
    expect(other.pictureId).toBe(once.pictureId);
    expect(other.looks).not.toEqual(once.looks);
    expect(other.plain).toEqual(once.plain);
  });

  test('goes through the pictures that the step looks at, and begins anew after the last', async () => {
    const idsOf = async (stepId: string, split: 'train' | 'valid') => {
      const wanted = dataset.summary.pictures.filter((picture) => picture.split === split).map(({ id }) => id);
      const numbers = [...wanted.keys(), wanted.length];
      const ids = await Promise.all(
        numbers.map(async (pictureNumber) => (await preview({}, { stepId, pictureNumber, lookCount: 1 })).pictureId),
      );
      return { ids, wanted };
    };
    for (const [stepId, split] of [
      ['augment', 'train'],
      ['tta', 'valid'],
    ] as const) {
      const { ids, wanted } = await idsOf(stepId, split);
      expect(ids.at(-1)).toBe(ids[0]);
      expect(ids.slice(0, -1).sort((a, b) => a - b)).toEqual(wanted);
    }
  });

  test('takes size and squares from the settings of the first step while no network is chosen', async () => {
    const unchosen = { network: null, lookCount: 1 };
    expect(await preview({}, unchosen)).toMatchObject({ sizePx: 224, square: 'centreSquare' });
    const settingsByStep = { prepare: { imageSizePx: 48, square: 'squashed' } };
    const found = await preview({}, { ...unchosen, settingsByStep });
    expect(found).toMatchObject({ sizePx: 48, square: 'squashed' });
    expect(found.plain).toHaveLength(48 * 48 * 4);
    expect(await preview({}, { lookCount: 1, settingsByStep })).toMatchObject({ sizePx: SIZE_PX });
  });

  test('answers what cannot be shown with a sentence', async () => {
    await expect(preview({ augmentation: 'custom', maxDegrees: 500 })).rejects.toThrow('“Largest turn” takes a number');
    const nothing = previewAugmentation(
      { dataset: null, network: null },
      RECIPE,
      findStep('eight', 'augment'),
      {
        recipeId: 'eight',
        stepId: 'augment',
        settings: {},
        settingsByStep: {},
        pictureNumber: 0,
        seed: 1,
        lookCount: 8,
      },
      decoder,
    );
    await expect(nothing).rejects.toThrow('There are no pictures yet');
  });
});
