// When a training says that the finder should be run again: with the real network at its smallest size.

import { beforeAll, describe, expect, test } from 'vitest';
import type { EngineEventBody } from '../../protocol/events.ts';
import type { SettingValues } from '../../protocol/recipe.ts';
import { ActivationCache } from '../activations/activationCache.ts';
import { indexDataset } from '../data/datasetIndex.ts';
import { readFolder } from '../data/readers/folder.ts';
import { readPictures } from '../data/readPictures.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { PictureLibrary } from '../learner/pictureLibrary.ts';
import type { FinderSetup } from '../learner/whyFindRateAgain.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { createMemoryPlatform, createMemoryWeights, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import type { WeightsCard } from '../platform/ports.ts';
import { useBackend } from '../testing/backends.ts';
import { readBytes, readJson } from '../testing/fixtures.ts';
import { keepSetup, whyRateIsOutdated } from './finderSetups.ts';
import { findStep, runStep } from './runStep.ts';
import { EMPTY_STATE, type StudioState } from './studioState.ts';

useBackend('wasm');

const GO_ON = { aborted: false };
const weights = createMemoryWeights(
  new Map([
    [
      'efficientnet-lite0',
      {
        card: readJson<WeightsCard>('public/weights/efficientnet-lite0.json'),
        bytes: readBytes('public/weights/efficientnet-lite0.safetensors'),
      },
    ],
  ]),
);
const fixed = {
  seed: 1,
  executor: createReferenceExecutor(),
  platform: createMemoryPlatform(weights),
  activationCache: new ActivationCache(),
  pictureLibrary: new PictureLibrary(),
  signal: GO_ON,
};

async function openShades(): Promise<StudioState> {
  const files = ['dark', 'light'].flatMap((className, label) =>
    Array.from({ length: 6 }, (_, index) => {
      const shade = 150 * label + 15 * index;
      const file = makePictureFile({ widthPx: 40, heightPx: 30, rgb: [shade, 255 - shade, 90] });
      return { path: `${className}/${index}.png`, file };
    }),
  );
  const reading = readFolder(files);
  const checked = await readPictures(reading.entries, fixed.platform.decoder, GO_ON, () => {});
  const dataset = indexDataset(reading, checked, { name: 'shades', validationShare: 0.34, seed: 1 });
  return { ...EMPTY_STATE, dataset };
}

/** Runs a step of the eight. */
async function run(state: StudioState, stepId: string, settings: SettingValues) {
  const events: EngineEventBody[] = [];
  const result = await runStep(findStep('eight', stepId), {
    ...fixed,
    stepId,
    settings,
    state,
    emit: (event) => events.push(event),
  });
  const reasons = events.flatMap((event) => (event.type === 'finderOutdated' ? event.reasons : []));
  const suggested = events.find((event) => event.type === 'lrSuggested');
  return { ...result, reasons, suggested };
}

const SWEEP = { batchSize: 8, iterations: 40 };
const HEAD = { batchSize: 8, epochs: 1 };
const CYCLE = { batchSize: 8, cycles: 1 };

describe('a training', () => {
  let prepared: StudioState;
  let found: StudioState;

  let suggested: Awaited<ReturnType<typeof run>>['suggested'];

  beforeAll(async () => {
    prepared = (await run(await openShades(), 'prepare', { imageSizePx: 32, batchSize: 8 })).state;
    ({ state: found, suggested } = await run(prepared, 'findRate', SWEEP));
  }, 120_000);

  test('has a finder before it that tells its rates and the zones of its curve', () => {
    expect(suggested?.suggestions.length).toBeGreaterThanOrEqual(3);
    const zones = suggested?.zones ?? [];
    expect(zones.length).toBeGreaterThan(0);
    zones.slice(1).forEach((zone, index) => {
      expect(zone.fromRate).toBe(zones[index]?.toRate);
    });
    const recommended = suggested?.suggestions.find(({ isRecommended }) => isRecommended)?.learningRate ?? 0;
    const good = zones.find(({ kind }) => kind === 'good');
    expect(recommended).toBeGreaterThanOrEqual(good?.fromRate ?? Number.POSITIVE_INFINITY);
    expect(recommended).toBeLessThanOrEqual(good?.toRate ?? 0);
  });

  test('without a finder says that none has run', async () => {
    expect((await run(prepared, 'trainHead', HEAD)).reasons).toEqual(['No learning rate has been looked for yet.']);
  });

  test('of what the finder was run for says nothing, on features and on pictures', async () => {
    const head = await run(found, 'trainHead', HEAD);
    expect(head.outcome).toBe('done');
    expect(head.reasons).toEqual([]);
    expect((await run(head.state, 'augment', CYCLE)).reasons).toEqual([]);
  });

  test('with another optimizer says how it differs', async () => {
    expect((await run(found, 'trainHead', { ...HEAD, momentum: 0.5 })).reasons).toEqual([
      'The momentum is now 0.5, not 0.9.',
    ]);
  });

  test('on pictures of another size says so', async () => {
    const larger = await run(found, 'prepare', { imageSizePx: 48, batchSize: 8 });
    expect((await run(larger.state, 'trainHead', HEAD)).reasons).toEqual(['Pictures are now 48 px wide, not 32 px.']);
  });

  test('after unfreezing says what learns now', async () => {
    const { state } = await run(found, 'unfreeze', {});
    expect((await run(state, 'fineTune', CYCLE)).reasons).toEqual([
      'What learns is now the early layers, the later layers, the new layers; it was the new layers.',
    ]);
  });
});

describe('a finder of the whole network', () => {
  const head: FinderSetup = {
    data: 'shades',
    network: 'small',
    groups: [{ name: 'the new layers', rateRatio: 1 }],
    imageSizePx: 32,
    square: 'centreSquare',
    batchSize: 8,
    rule: LESSON_SGD,
    loss: 'crossEntropy',
  };
  const network: FinderSetup = { ...head, groups: [{ name: 'the later layers', rateRatio: 0.1 }, ...head.groups] };

  test('holds for the whole network, and leaves the head’s own as it was', () => {
    const state = keepSetup(keepSetup(EMPTY_STATE, { ...head, batchSize: 64 }), network);
    expect(whyRateIsOutdated(state, network)).toEqual([]);
    expect(whyRateIsOutdated(state, { ...head, batchSize: 64 })).toEqual([]);
    expect(whyRateIsOutdated(state, head)).toEqual(['Batches now hold 8 pictures, not 64.']);
  });

  test('is what the head is compared with where it has none of its own', () => {
    expect(whyRateIsOutdated(keepSetup(EMPTY_STATE, network), head)).toEqual([
      'What learns is now the new layers; it was the later layers, the new layers.',
    ]);
  });
});
