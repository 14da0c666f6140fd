// The estimate beside tfjs's own count of bytes while a real network trains and judges, on the backend that runs out first.

import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../graph/graph.ts';
import { groupParameters } from '../../graph/layerGroups.ts';
import { findArchitecture } from '../../models/catalog.ts';
import { buildFullNetwork, fullNetworkGroups } from '../../models/fullNetwork.ts';
import { buildHead } from '../../models/head.ts';
import { LESSON_SGD } from '../../optimizers/optimizer.ts';
import { useBackend } from '../../testing/backends.ts';
import { learnedNames } from '../../testing/contractNetwork.ts';
import * as tf from '../../tf.ts';
import { estimateBytes } from './estimateMemory.ts';
import { createReferenceExecutor } from './referenceExecutor.ts';

useBackend('wasm');

const SIZE_PX = 64;
const architecture = findArchitecture('efficientnet-lite0');
const graph = buildFullNetwork(architecture, SIZE_PX, 3);
/** Names that learn when the groups before this one are frozen. */
const learningFrom = (firstGroup: number): readonly string[] =>
  groupParameters(graph, fullNetworkGroups(architecture))
    .slice(firstGroup)
    .flatMap((group) => group.filter(({ isLearned }) => isLearned).map(({ name }) => name));

/** The most bytes that tfjs counts in one step, the network's own included. */
async function measureStep(
  learning: readonly string[],
  count: number,
  { keepsStatistics = false } = {},
): Promise<number> {
  const network = await createReferenceExecutor().create(graph, { batchSize: count, learning, keepsStatistics });
  network.writeParameters(
    new Map(
      graph.parameters.map(({ name, kind, shape }) => {
        const value = kind === 'scale' || kind === 'runningVariance' ? 1 : 0.01;
        return [name, new Float32Array(sizeOf(shape)).fill(value)];
      }),
    ),
  );
  const held = tf.memory().numBytes;
  const inputs = Float32Array.from({ length: count * sizeOf(graph.inputShape) }, (_, index) => Math.sin(index));
  const batch = { count, inputs, labels: new Int32Array(count) };
  const groups = [{ names: learning, learningRate: 1e-3, weightDecay: 0 }];
  const { peakBytes } = await tf.profile(async () => {
    await network.trainStep(batch, { groups, rule: LESSON_SGD, maxGradientNorm: null, dropoutSeed: 1 });
  });
  network.dispose();
  return Math.max(peakBytes, held);
}

describe('the estimate of a step', () => {
  test.each([
    ['everything learns', 0, [2, 6], {}],
    ['everything learns and statistics are kept', 0, [2, 6], { keepsStatistics: true }],
    ['the later layers and the new ones learn', 1, [2, 6], {}],
    // With fewer the gradients of the new layers are more than all that a picture takes.
    ['only the new layers learn', 2, [48, 72], {}],
  ] as const)(
    'is near what tfjs counts where %s, for the whole and for a picture more',
    async (_, firstGroup, sizes, options) => {
      const learning = learningFrom(firstGroup);
      const estimates = sizes.map((batchSize) => estimateBytes(graph, { batchSize, learning, copiesSaved: true }));
      const counts = [await measureStep(learning, sizes[0], options), await measureStep(learning, sizes[1], options)];
      for (const [index, estimate] of estimates.entries()) {
        expect(estimate / (counts[index] as number)).toBeGreaterThan(0.8);
        expect(estimate / (counts[index] as number)).toBeLessThan(1.25);
      }
      const more = ([few, many]: readonly number[]) => (many as number) - (few as number);
      expect(more(estimates) / more(counts)).toBeGreaterThan(0.8);
      expect(more(estimates) / more(counts)).toBeLessThan(1.25);
    },
  );

  test('is less the more is frozen, less still for inference, and least for a head on features', () => {
    const at = (learning: readonly string[], from = graph) =>
      estimateBytes(from, { batchSize: 32, learning, copiesSaved: true });
    const head = buildHead(2560, 3);
    const needs = [at(learningFrom(0)), at(learningFrom(1)), at(learningFrom(2)), at([])];
    expect(needs).toEqual(needs.toSorted((a, b) => b - a));
    expect(at(learnedNames(head), head)).toBeLessThan(needs[3] as number);
    // Where only the new layers learn a step needs hardly more than judging by inference does.
    expect((needs[2] as number) / (needs[3] as number)).toBeLessThan(2);
    expect((needs[2] as number) / (needs[1] as number)).toBeLessThan(0.5);
  });
});

describe('the reference executor on WebAssembly', () => {
  const executor = createReferenceExecutor();
  const need = (batchSize: number) => executor.estimateMemory(graph, { batchSize, learning: learningFrom(0) });

  test('says where it would lie, that it is an estimate, and that a WebAssembly has an end', () => {
    expect(need(8)).toMatchObject({ place: 'in WebAssembly', isCounted: false, obstacle: null });
    expect(need(256).totalBytes).toBeGreaterThan(2 ** 32);
    expect(need(256).obstacle).toBe('a WebAssembly has 4.3 GB at most');
  });

  test('makes no tensor for it', () => {
    const before = tf.memory();
    need(16);
    expect(tf.memory().numTensors).toBe(before.numTensors);
  });
});
