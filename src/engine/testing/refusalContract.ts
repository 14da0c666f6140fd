// What a network must refuse by executors/executor.ts, as tests for any executor.

import { describe, expect, test } from 'vitest';
import type { Executor, LabelledBatch, LossKind, Network, TrainStepOptions } from '../executors/executor.ts';
import { CLASSES, createNetwork, formulaParameters, makeBatch, stepWith } from './contractNetwork.ts';

/** Call inside a describe whose backend or device is set up. */
export function describeRefusals(makeExecutor: () => Executor): void {
  describe('a network refuses', () => {
    const expectRefused = async (batch: LabelledBatch, options: TrainStepOptions, words: string, network: Network) => {
      await expect(network.trainStep(batch, options)).rejects.toThrow(RangeError);
      await expect(network.trainStep(batch, options)).rejects.toThrow(words);
    };

    test('batches and labels that do not fit, before anything is computed', async () => {
      const network = await createNetwork(makeExecutor());
      const good = makeBatch(8);
      await expectRefused(makeBatch(9), stepWith(), '1 to 8, not of 9', network);
      await expectRefused(makeBatch(0), stepWith(), 'not of 0', network);
      await expectRefused({ ...good, inputs: new Float32Array(5) }, stepWith(), '48 numbers, not 5', network);
      await expectRefused({ ...good, labels: new Float32Array(8) }, stepWith(), 'Int32Array', network);
      await expectRefused({ ...good, labels: new Int32Array(7) }, stepWith(), '8 labels', network);
      await expectRefused({ ...good, labels: new Int32Array(8).fill(CLASSES) }, stepWith(), '0 to 2', network);
      await expectRefused({ ...good, labels: new Int32Array(8).fill(-1) }, stepWith(), '-1 is no label', network);
      await expect(network.infer(makeBatch(9))).rejects.toThrow(RangeError);
      expect(await network.finishSteps()).toEqual([]);
      network.dispose();
    });

    test('labels other than 0 and 1 where several classes may be true', async () => {
      const network = await createNetwork(makeExecutor(), { loss: 'binaryCrossEntropy' });
      await expectRefused(makeBatch(8), stepWith(), 'Float32Array', network);
      await expectRefused({ ...makeBatch(8), labels: new Float32Array(8) }, stepWith(), '24 labels', network);
      const halves = new Float32Array(8 * CLASSES).fill(0.5);
      await expectRefused({ ...makeBatch(8), labels: halves }, stepWith(), '0.5 is no label', network);
      network.dispose();
    });

    test('groups that are not exactly what it was made to learn', async () => {
      const learning = ['last.weight', 'last.bias'];
      const network = await createNetwork(makeExecutor(), { learning });
      const groups = (...lists: string[][]): TrainStepOptions => ({
        ...stepWith(),
        groups: lists.map((names) => ({ names, learningRate: 0.1, weightDecay: 0 })),
      });
      await expectRefused(makeBatch(8), groups(['last.weight']), 'last.bias learns', network);
      await expectRefused(makeBatch(8), groups(learning, ['first.bias']), 'first.bias is in a group', network);
      await expectRefused(makeBatch(8), groups(learning, ['last.bias']), 'two groups', network);
      await expectRefused(makeBatch(8), groups([...learning, 'nobody']), 'nobody', network);
      await network.trainStep(makeBatch(8), groups(['last.weight'], ['last.bias']));
      network.dispose();
    });

    test('to train when it was made for inference, and to learn what it does not have', async () => {
      const network = await createNetwork(makeExecutor(), { learning: [] });
      await expectRefused(makeBatch(8), { ...stepWith(), groups: [] }, 'for inference', network);
      network.dispose();
      await expect(createNetwork(makeExecutor(), { learning: ['nobody'] })).rejects.toThrow('nobody');
    });

    test('class weights that do not fit, and a batch whose classes all weigh nothing', async () => {
      const create = (weights: number[], loss: LossKind = 'crossEntropy') =>
        createNetwork(makeExecutor(), { loss, classWeights: Float32Array.from(weights) });
      await expect(create([1, 1])).rejects.toThrow('3 class weights are needed, not 2');
      await expect(create([1, -1, 1])).rejects.toThrow('-1 is no class weight');
      await expect(create([1, Number.NaN, 1])).rejects.toThrow('NaN is no class weight');
      await expect(create([1, Number.POSITIVE_INFINITY, 1])).rejects.toThrow('Infinity is no class weight');
      await expect(create([1, 1, 1], 'binaryCrossEntropy')).rejects.toThrow(RangeError);
      const network = await create([1, 0, 1]);
      await expectRefused({ ...makeBatch(8), labels: new Int32Array(8).fill(1) }, stepWith(), 'weigh 0', network);
      await network.trainStep(makeBatch(8), stepWith());
      expect(await network.finishSteps()).toHaveLength(1);
      network.dispose();
    });

    test('parameters of a wrong size or name, and then writes none', async () => {
      const network = await createNetwork(makeExecutor());
      const good: [string, Float32Array] = ['last.bias', new Float32Array(CLASSES)];
      expect(() => network.writeParameters(new Map([good, ['first.bias', new Float32Array(3)]]))).toThrow(RangeError);
      expect(() => network.writeParameters(new Map([good, ['nobody', new Float32Array(3)]]))).toThrow('nobody');
      const expected = formulaParameters(network.graph).get('last.bias') as Float32Array;
      expect((await network.readParameters()).get('last.bias')).toEqual(expected);
      network.dispose();
    });
  });
}
