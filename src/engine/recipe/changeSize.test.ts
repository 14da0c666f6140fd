// Going on with larger pictures, with the real network at its smallest sizes: nothing that is trained changes, nothing stale is used.

import { beforeEach, describe, expect, test } from 'vitest';
import { ActivationCache } from '../activations/activationCache.ts';
import { indexDataset } from '../data/datasetIndex.ts';
import { readFolder } from '../data/readers/folder.ts';
import { readPictures } from '../data/readPictures.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { PictureLibrary } from '../learner/pictureLibrary.ts';
import { createMemoryPlatform, createMemoryWeights, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import type { WeightsCard } from '../platform/ports.ts';
import { useBackend } from '../testing/backends.ts';
import { readBytes, readJson } from '../testing/fixtures.ts';
import { changeSize } from './changeSize.ts';
import { unfreeze } from './layerSteps.ts';
import { prepareFeatures } from './prepareFeatures.ts';
import type { StepContext, StepResult } from './stepContext.ts';
import { type ChosenNetwork, EMPTY_STATE, makeTrainedBody, type StudioState, type TrainedBody } from './studioState.ts';

useBackend('wasm');

const GO_ON = { aborted: false };
const platform = createMemoryPlatform(
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
);
const [SMALL, LARGE] = [32, 64];
let cache = new ActivationCache();

beforeEach(() => {
  cache = new ActivationCache();
});

function contextOf(state: StudioState, settings: StepContext['settings']): StepContext {
  return {
    stepId: 'test',
    settings,
    seed: 3,
    state,
    executor: createReferenceExecutor(),
    platform,
    activationCache: cache,
    pictureLibrary: new PictureLibrary(),
    emit: () => {},
    signal: GO_ON,
  };
}

async function openShades() {
  const files = ['dark', 'light'].flatMap((className, label) =>
    Array.from({ length: 4 }, (_, index) => {
      const shade = 150 * label + 15 * index;
      const file = makePictureFile({ widthPx: 40, heightPx: 30, rgb: [shade, 255 - shade, 90] });
      return { path: `${className}/${index}.png`, file };
    }),
  );
  const reading = readFolder(files);
  const checked = await readPictures(reading.entries, platform.decoder, GO_ON, () => {});
  return indexDataset(reading, checked, { name: 'shades', validationShare: 0.5, seed: 1 });
}

const prepareAt = (state: StudioState, imageSizePx: number): Promise<StepResult> =>
  prepareFeatures(
    contextOf(state, { backbone: 'efficientnet-lite0', imageSizePx, square: 'centreSquare', batchSize: 4 }),
  );
const growTo = (state: StudioState, imageSizePx: number): Promise<StepResult> =>
  changeSize(contextOf(state, { imageSizePx }));

/** A body with one value that a training would have moved; its other values are missing, and nobody looks. */
const trainedBody = (value: number): TrainedBody =>
  makeTrainedBody(new Map([['_conv_stem.weight', Float32Array.of(value, 2)]]));

async function prepared(): Promise<StudioState & { readonly network: ChosenNetwork }> {
  const { state } = await prepareAt({ ...EMPTY_STATE, dataset: await openShades() }, SMALL);
  return { ...state, network: state.network as ChosenNetwork };
}

describe('going on with larger pictures', () => {
  test('keeps every trained value and the shares of the rate, and freezes all but the new layers', async () => {
    const start = await prepared();
    const body = trainedBody(0.1);
    const head = new Map([['head.fc2.weight', Float32Array.of(0.3, -0.1)]]);
    const rateShares = [1 / 9, 1 / 3, 1];
    const network = { ...start.network, body, rateShares, firstLearningGroup: 0, keepsBatchNorms: true };
    const { state, outcome } = await growTo({ ...start, head, network }, LARGE);
    expect(outcome).toBe('done');
    expect(state.network).toEqual({ ...network, imageSizePx: LARGE, firstLearningGroup: 2 });
    expect(state.network?.body?.values.get('_conv_stem.weight')).toEqual(Float32Array.of(0.1, 2));
    expect(state.head?.get('head.fc2.weight')).toEqual(Float32Array.of(0.3, -0.1));
  });

  test('reads what was carried over, from which size to which, and how many parameters learn', async () => {
    const start = await prepared();
    const fresh = await growTo(start, LARGE);
    expect(fresh.reading).toMatch(
      /^The pictures go from 32 px to 64 px\. EfficientNet-Lite0 goes on as it was shipped, and the new layers are not trained yet\. It is frozen again: 1,\d{3},\d{3} of 4,\d{3},\d{3} parameters learn now/,
    );
    const head = new Map([['head.fc2.weight', Float32Array.of(1)]]);
    const { reading } = await growTo({ ...start, head, network: { ...start.network, body: trainedBody(1) } }, LARGE);
    expect(reading).toContain('goes on as you trained it, and the new layers as they are trained.');
    // What unfreezing says to learn of all is what growing says, too.
    const unfrozen = await unfreeze(contextOf(start, { learns: 'everything', batchNorms: 'learn' }));
    const everything = /of ([\d,]+) parameters/.exec(unfrozen.reading)?.[1];
    expect(reading).toContain(`of ${everything} parameters learn now`);
  });

  test('drops features of the old size, and finds them again on the way back', async () => {
    const start = await prepared();
    const { state: large } = await growTo(start, LARGE);
    expect(large.activations).toBeNull();
    const { state: back, reading } = await growTo(large, SMALL);
    expect(back.activations).toBe(start.activations);
    expect(reading).toContain('from 64 px to 32 px, which is smaller');
    expect(reading).toContain('Features of this size were here already.');
    expect((await prepareAt(back, SMALL)).reading).toContain('here already');
  });

  test('finds no features of a body that was trained since, however often and wherever it was', async () => {
    const start = await prepared();
    const { activations } = start;
    if (!activations) throw new Error('Nothing was prepared.');
    const withBody = (value: number): StudioState => ({
      ...start,
      network: { ...start.network, body: trainedBody(value) },
    });
    expect((await growTo(withBody(1), SMALL)).state.activations).toBeNull();

    // The features of one trained body are kept: another that was trained as often is not taken for it.
    const ofTrained = {
      ...activations,
      key: { ...activations.key, weights: `${activations.key.weights}, trained ${trainedBody(1).fingerprint}` },
    };
    cache.store(ofTrained);
    expect((await growTo(withBody(1), SMALL)).state.activations).toBe(ofTrained);
    expect((await growTo(withBody(1 + 2 ** -23), SMALL)).state.activations).toBeNull();
  });

  test('needs pictures and a network', async () => {
    await expect(growTo(EMPTY_STATE, LARGE)).rejects.toMatchObject({ code: 'preconditionMissing' });
    await expect(growTo({ ...EMPTY_STATE, dataset: await openShades() }, LARGE)).rejects.toThrow(
      'No network has been chosen yet.',
    );
  });
});
