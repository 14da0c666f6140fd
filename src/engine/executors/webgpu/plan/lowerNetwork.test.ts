import { describe, expect, test } from 'vitest';
import { groupParameters } from '../../../graph/layerGroups.ts';
import { ARCHITECTURES, findArchitecture } from '../../../models/catalog.ts';
import { buildClassifier } from '../../../models/head.ts';
import { type LowerOptions, lowerInference, lowerTraining, planNetworkBuffers } from './lowerNetwork.ts';
import { planMemory } from './memoryPlan.ts';
import { layOutParameters } from './parameterLayout.ts';
import type { Dispatch } from './plan.ts';
import { chooseFixedTile } from './tiles.ts';

const CLASSES = 10;
const GIGABYTE = 1e9;

function lower(id: string, batch: number, { frozenGroups = 0, isWeighted = false, keepsStatistics = false } = {}) {
  const architecture = findArchitecture(id);
  const graph = buildClassifier(architecture, architecture.imageSizePx, CLASSES);
  const groups = groupParameters(graph, [...architecture.bodyGroups, ['fc.', '_fc.', 'classifier.']]);
  const names = groups.slice(frozenGroups).flatMap((group) => group.filter((spec) => spec.isLearned));
  const learning = new Set(names.map(({ name }) => name));
  const layout = layOutParameters(graph, { learning, keepsStatistics, maxSegmentBytes: 2 ** 31 });
  const network = { graph, batch, loss: 'crossEntropy', isWeighted, layout } as const;
  const options: LowerOptions = {
    ...network,
    learning,
    keepsStatistics,
    buffers: planNetworkBuffers(network),
    chooseTile: chooseFixedTile,
  };
  const training = lowerTraining(options);
  const step = [...training.dispatches, ...training.update('sgd')];
  const inference = lowerInference(options);
  const memory = planMemory(
    [
      { dispatches: [...training.preparation, ...step], kept: [] },
      { dispatches: [...inference.preparation, ...inference.dispatches], kept: [inference.output.buffer] },
    ],
    [],
  );
  const convolutions = graph.nodes.filter(({ op }) => op === 'conv2d').length;
  return { step, inference, memory, convolutions };
}

function count(dispatches: readonly Dispatch[], family: string): number {
  return dispatches.filter(({ kernel }) => kernel.family === family).length;
}

describe('the plan of a step', () => {
  test.each(ARCHITECTURES)('of $label has at most eight dispatches for each convolution', ({ id }) => {
    const { step, inference, convolutions } = lower(id, 64);
    expect(step.length).toBeLessThanOrEqual(8 * convolutions);
    // The batch comes in, and there are a max pool, the last pool and the classifier.
    expect(inference.dispatches.length).toBeLessThanOrEqual(convolutions + 4);
    // WebGPU guarantees eight storage buffers for a kernel, and 65,535 workgroups in each dimension.
    for (const { kernel } of [...step, ...inference.dispatches]) {
      const storage = kernel.bindings.filter(({ access }) => access !== 'uniform').length;
      expect(storage, kernel.family).toBeLessThanOrEqual(8);
      expect(Math.max(...kernel.workgroups), kernel.family).toBeLessThanOrEqual(65_535);
    }
  });

  test.each(['resnet18', 'resnet34', 'resnet50', 'resnext50', 'mobilenet-v2', 'efficientnet-lite0'])(
    'of %s, which the acceptance table measures, has at most 400 dispatches',
    (id) => {
      const { step, inference } = lower(id, 64);
      expect(step.length).toBeLessThanOrEqual(400);
      expect(inference.dispatches.length).toBeLessThanOrEqual(70);
    },
  );

  test('fits into 3 GB for ResNet-34 and into 6 GB for ResNet-50, at 224 px and a batch of 64', () => {
    expect(lower('resnet34', 64).memory.totalBytes).toBeLessThanOrEqual(3 * GIGABYTE);
    expect(lower('resnet50', 64).memory.totalBytes).toBeLessThanOrEqual(6 * GIGABYTE);
  });

  test('computes nothing backward for frozen groups, and keeps none of their activations', () => {
    const [whole, headOnly] = [lower('resnet34', 16), lower('resnet34', 16, { frozenGroups: 2 })];
    expect(count(whole.step, 'filterGradient')).toBe(37);
    expect(count(whole.step, 'inputGradient')).toBe(36);
    expect(count(headOnly.step, 'filterGradient')).toBe(1);
    expect(count(headOnly.step, 'inputGradient')).toBe(0);
    // Batch norms of a frozen body are folded into its convolutions, and its sums too.
    expect(count(headOnly.step, 'batchNorm')).toBe(0);
    expect(headOnly.memory.totalBytes).toBeLessThan(0.5 * whole.memory.totalBytes);
  });

  test('goes backward as far as the first group that learns', () => {
    const { step } = lower('resnet34', 16, { frozenGroups: 1 });
    // layer3 and layer4 have 12 + 6 convolutions and two shortcuts with one; the classifier is one more.
    expect(count(step, 'filterGradient')).toBe(21);
    // The first convolution of layer3 and its shortcut read what nothing learns before.
    expect(count(step, 'inputGradient')).toBe(19);
  });

  test('takes no moments of the batch where statistics are kept, and needs neither more dispatches nor more memory for it', () => {
    const [whole, kept] = [lower('resnet50', 64), lower('resnet50', 64, { keepsStatistics: true })];
    const writesStatistics = ({ kernel }: Dispatch) =>
      kernel.bindings.some(({ name, access }) => /batchStatistics|running/.test(name) && access === 'readWrite');
    expect(whole.step.filter(writesStatistics).length).toBe(53 + 1);
    expect(kept.step.filter(writesStatistics).length).toBe(0);
    expect(kept.step.length).toBeLessThanOrEqual(whole.step.length);
    expect(kept.memory.totalBytes).toBeLessThanOrEqual(whole.memory.totalBytes);
    for (const { kernel } of kept.step) {
      expect(kernel.bindings.filter(({ access }) => access !== 'uniform').length, kernel.family).toBeLessThanOrEqual(8);
    }
  });

  test('is the same dispatches where classes have weights; only the loss is another and its labels take twice the room', () => {
    const [plain, weighted] = [lower('resnet18', 64), lower('resnet18', 64, { isWeighted: true })];
    expect(weighted.step.length).toBe(plain.step.length);
    const changed = weighted.step.filter(({ kernel }, index) => kernel.code !== plain.step[index]?.kernel.code);
    expect(changed.map(({ kernel }) => kernel.family)).toEqual(['loss']);
    expect(weighted.memory.others.length).toBe(plain.memory.others.length);
    expect(weighted.memory.totalBytes - plain.memory.totalBytes).toBe(4 * 64);
  });
});
