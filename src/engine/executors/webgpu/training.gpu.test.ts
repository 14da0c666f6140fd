import { describe, test } from 'vitest';
import headTraining from '../../../../fixtures/parity/headTraining.json' with { type: 'json' };
import rules from '../../../../fixtures/parity/headTrainingRules.json' with { type: 'json' };
import smallNetwork from '../../../../fixtures/parity/smallNetworkTraining.json' with { type: 'json' };
import type { SgdRule } from '../../optimizers/optimizer.ts';
import { createTestExecutor, useGpu } from '../../testing/gpu.ts';
import { buildSmallHead, buildSmallNetwork, expectSameTraining } from '../../testing/trainingParity.ts';

const gpu = useGpu();
const sgd = (momentum: number, decay: SgdRule['decay'] = 'coupled'): SgdRule => ({ kind: 'sgd', momentum, decay });

describe('on the device, the head equals PyTorch after five steps', () => {
  const graph = buildSmallHead(headTraining.batchNorm);
  const { runs, initial } = rules;

  test('with SGD, momentum and weight decay', async () => {
    const { optimizer } = headTraining;
    const settings = { ...headTraining, ...optimizer, rule: sgd(optimizer.momentum) };
    await expectSameTraining(createTestExecutor(gpu()), graph, settings, headTraining);
  });

  test('with AdamW and weight decay', async () => {
    const { optimizer, batches } = runs.adamW;
    const settings = { ...optimizer, batches, initial, rule: { kind: 'adamW', ...optimizer } as const };
    await expectSameTraining(createTestExecutor(gpu()), graph, settings, runs.adamW);
  });

  test('with gradients that are clipped in some steps and in others not', async () => {
    const { optimizer, batches, maxGradientNorm } = runs.clippedSgd;
    const settings = { ...optimizer, batches, initial, rule: sgd(optimizer.momentum), maxGradientNorm };
    await expectSameTraining(createTestExecutor(gpu()), graph, settings, runs.clippedSgd);
  });

  test('with weight decay apart from the gradient', async () => {
    const { optimizer, batches } = runs.decoupledSgd;
    const settings = { ...optimizer, batches, initial, rule: sgd(optimizer.momentum, 'decoupled') };
    await expectSameTraining(createTestExecutor(gpu()), graph, settings, runs.decoupledSgd);
  });

  test('with classes that weigh differently, uneven batches included', async () => {
    const { optimizer, batches } = runs.weightedCrossEntropy;
    const settings = { ...optimizer, batches, initial, rule: sgd(optimizer.momentum) };
    await expectSameTraining(createTestExecutor(gpu()), graph, settings, runs.weightedCrossEntropy);
  });

  test('with several true classes and binary cross-entropy', async () => {
    const { optimizer, batches } = runs.binaryCrossEntropy;
    const settings = {
      ...optimizer,
      batches,
      initial,
      rule: sgd(optimizer.momentum),
      loss: 'binaryCrossEntropy',
    } as const;
    await expectSameTraining(createTestExecutor(gpu()), graph, settings, runs.binaryCrossEntropy);
  });
});

describe('on the device, a small convolutional network with a residual block', () => {
  const graph = buildSmallNetwork(smallNetwork.batchNorm);
  const { optimizer, batches, initial, runs, frozenInStemFrozen } = smallNetwork;
  const settings = { ...optimizer, batches, initial, rule: sgd(optimizer.momentum) };

  test('trains as in PyTorch, every parameter and running statistic', async () => {
    await expectSameTraining(createTestExecutor(gpu()), graph, settings, runs.whole);
  });

  test('keeps a frozen stem and its statistics bit-identical while the rest trains as in PyTorch', async () => {
    await expectSameTraining(
      createTestExecutor(gpu()),
      graph,
      { ...settings, frozen: frozenInStemFrozen },
      runs.stemFrozen,
    );
  });

  test('keeps all running statistics bit-identical while scales and shifts train as in PyTorch', async () => {
    const kept = { ...settings, keepsStatistics: true };
    await expectSameTraining(createTestExecutor(gpu()), graph, kept, runs.statisticsKept);
  });
});
