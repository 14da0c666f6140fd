import { describe, expect, test } from 'vitest';
import type { SettingValues } from '../../protocol/recipe.ts';
import type { Activations } from '../activations/activationCache.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import type { Executor, MemoryEstimate, NetworkOptions } from '../executors/executor.ts';
import type { Graph } from '../graph/graph.ts';
import { createMemoryPlatform, createMemoryWeights } from '../platform/memory/memoryPlatform.ts';
import type { WeightsCard } from '../platform/ports.ts';
import { LITE0_WEIGHTS } from '../testing/weights.ts';
import { estimateStep, UNKNOWN_NEED } from './estimateStep.ts';
import { findStep } from './runStep.ts';
import { type ChosenNetwork, EMPTY_STATE, type StudioState } from './studioState.ts';

const NETWORK: ChosenNetwork = {
  weights: LITE0_WEIGHTS,
  imageSizePx: 64,
  square: 'centreSquare',
  body: null,
  firstLearningGroup: 2,
  keepsBatchNorms: false,
  rateShares: [0.01, 0.1, 1],
};

// Of the card an estimate reads which architecture it is, and of the bytes nothing.
const card = LITE0_WEIGHTS as WeightsCard;
const platform = createMemoryPlatform(createMemoryWeights(new Map([[card.id, { card, bytes: new Uint8Array() }]])));

/** 100 pictures to learn from and 20 to check with; no other part of a data set plays a part here. */
const dataset = {
  summary: {
    labelKind: 'classes',
    classes: ['cats', 'dogs'],
    pictures: Array.from({ length: 120 }, (_, id) => ({ id, split: id < 100 ? 'train' : 'valid', classIndex: id % 2 })),
  },
} as unknown as DatasetIndex;

interface Asked {
  readonly graph: Graph;
  readonly options: NetworkOptions;
}

/** 10 MB for each picture of a batch; more than the limit does not fit. */
function createExecutor(limitBytes = Number.POSITIVE_INFINITY, isCounted = true) {
  const asked: Asked[] = [];
  const estimateMemory = (graph: Graph, options: NetworkOptions): MemoryEstimate => {
    asked.push({ graph, options });
    const totalBytes = 1e7 * options.batchSize;
    return {
      totalBytes,
      place: 'on the graphics card',
      isCounted,
      obstacle: totalBytes > limitBytes ? 'this card allows less' : null,
    };
  };
  // A step's estimate asks for nothing else: making a network here would be a mistake.
  return { executor: { estimateMemory } as unknown as Executor, asked };
}

async function estimate(
  stepId: string,
  settings: SettingValues = {},
  {
    state = { ...EMPTY_STATE, dataset, network: NETWORK } as StudioState,
    limit = Number.POSITIVE_INFINITY,
    isCounted = true,
  } = {},
) {
  const { executor, asked } = createExecutor(limit, isCounted);
  return { asked, result: await estimateStep(findStep('eight', stepId), { settings, state, executor, platform }) };
}

describe('what a step would need', () => {
  test('is said with what half the batch would need', async () => {
    const { result } = await estimate('augment', { batchSize: 64 });
    expect(result).toEqual({
      bytes: 6.4e8,
      fits: true,
      sentence: 'Needs about 640 MB on the graphics card at these settings; a batch of 32 would need 320 MB.',
    });
    expect((await estimate('augment', { batchSize: 2 })).result.sentence).toBe(
      'Needs about 20 MB on the graphics card at these settings.',
    );
  });

  test('is called an estimate where it is one', async () => {
    const { sentence } = (await estimate('augment', { batchSize: 16 }, { isCounted: false })).result;
    expect(sentence).toContain(
      'Needs roughly 160 MB on the graphics card at these settings, estimated from its layers;',
    );
  });

  test('that will not fit is said plainly, with the batch that would', async () => {
    const { result } = await estimate('augment', { batchSize: 64 }, { limit: 2e8 });
    expect(result.fits).toBe(false);
    expect(result.sentence).toBe(
      'This will not fit: at these settings it needs about 640 MB on the graphics card, and this card allows less. A batch of 16 fits: 160 MB.',
    );
    expect((await estimate('augment', { batchSize: 64 }, { limit: 1 })).result.sentence).toContain(
      'choose smaller pictures',
    );
  });

  test('is of the network that the step makes: what learns, at which size, for how many pictures at once', async () => {
    const state = { ...EMPTY_STATE, dataset, network: { ...NETWORK, firstLearningGroup: 0 } };
    const [whole] = (await estimate('fineTune', { batchSize: 64 }, { state })).asked;
    const [frozen] = (await estimate('augment', { batchSize: 64 }, { state })).asked;
    const [judging] = (await estimate('tta', { batchSize: 64 }, { state })).asked;
    const [preparing] = (await estimate('prepare', { imageSizePx: 96, batchSize: 512 }, { state })).asked;
    expect(whole?.graph.inputShape).toEqual([64, 64, 3]);
    expect(whole?.options.learning.some((name) => name.startsWith('_blocks.0.'))).toBe(true);
    expect(frozen?.options.learning.every((name) => name.startsWith('head.'))).toBe(true);
    expect(judging?.options).toMatchObject({ learning: [], batchSize: 20 });
    expect(preparing?.graph.inputShape).toEqual([96, 96, 3]);
    expect(preparing?.options).toMatchObject({ learning: [], batchSize: 120 });
    // A hundred pictures, and a last one would join the batch before it.
    expect((await estimate('fineTune', { batchSize: 99 }, { state })).asked[0]?.options.batchSize).toBe(100);
    expect((await estimate('fineTune', { batchSize: 200 }, { state })).asked[0]?.options.batchSize).toBe(100);
    expect(
      (await estimate('fineTune', { batchSize: 200, rareClasses: 'repeat' }, { state })).asked[0]?.options.batchSize,
    ).toBe(200);
  });

  test('is of a network that keeps its statistics where the step makes one', async () => {
    const state = { ...EMPTY_STATE, dataset, network: { ...NETWORK, firstLearningGroup: 0, keepsBatchNorms: true } };
    const [whole] = (await estimate('fineTune', {}, { state })).asked;
    const [head] = (await estimate('augment', {}, { state })).asked;
    expect([whole, head].map((asked) => asked?.options.keepsStatistics)).toEqual([true, false]);
  });

  test('of the head is that of its features', async () => {
    const activations = { featureCount: 2560, train: { pictureIds: [1, 2, 3, 4, 5] } } as unknown as Activations;
    const state = { ...EMPTY_STATE, dataset, network: NETWORK, activations };
    const [head] = (await estimate('trainHead', { batchSize: 64 }, { state })).asked;
    expect(head?.graph.inputShape).toEqual([2560]);
    expect(head?.options.batchSize).toBe(5);
  });

  test.each([
    ['before there are pictures', 'augment', EMPTY_STATE],
    ['before a network is chosen', 'augment', { ...EMPTY_STATE, dataset }],
    ['before there are features', 'trainHead', { ...EMPTY_STATE, dataset, network: NETWORK }],
    ['for a step that makes no network', 'unfreeze', { ...EMPTY_STATE, dataset, network: NETWORK }],
  ])('is not known %s', async (_, stepId, state) => {
    const { asked, result } = await estimate(stepId, {}, { state });
    expect(result).toBe(UNKNOWN_NEED);
    expect(asked).toEqual([]);
  });

  test('is not said of settings that cannot be used', async () => {
    await expect(estimate('augment', { batchSize: 0 })).rejects.toThrow('“Batch size” takes a whole number');
  });
});
