import { describe, expect, test } from 'vitest';
import type { SgdRule } from '../../optimizers/optimizer.ts';
import { useBackend } from '../../testing/backends.ts';
import { readJson } from '../../testing/fixtures.ts';
import { formulaValues, largestRelativeError } from '../../testing/formula.ts';
import {
  buildSmallHead,
  buildSmallNetwork,
  expectSameTraining,
  type RecordedRun,
  type RunSettings,
  type TrainingBatches,
} from '../../testing/trainingParity.ts';
import * as tf from '../../tf.ts';
import { maxPool } from './maxPool.ts';
import { createReferenceExecutor } from './referenceExecutor.ts';

interface SgdFixture {
  batchNorm: { epsilon: number; momentum: number };
  optimizer: { learningRate: number; momentum: number; weightDecay: number };
  batches: TrainingBatches;
  initial: RunSettings['initial'];
}

interface Variant extends RecordedRun {
  optimizer: { learningRate: number; weightDecay: number; momentum: number };
  batches: TrainingBatches;
}

interface RulesFixture {
  batchNorm: { epsilon: number; momentum: number };
  initial: RunSettings['initial'];
  runs: {
    adamW: RecordedRun & { batches: TrainingBatches; optimizer: Record<AdamWSetting, number> };
    clippedSgd: Variant & { maxGradientNorm: number };
    decoupledSgd: Variant;
    weightedCrossEntropy: Variant;
    binaryCrossEntropy: Variant;
  };
}

type AdamWSetting = 'learningRate' | 'beta1' | 'beta2' | 'epsilon' | 'weightDecay';

interface PoolCase {
  name: string;
  inputShape: [number, number, number, number];
  outputShape: [number, number, number, number];
  kernelSize: number;
  stride: number;
  padding: number;
  isRectified: boolean;
  offset: number;
  salts: { x: number; r: number };
  y: number[];
  dx: number[];
}

const sgd = (momentum: number, decay: SgdRule['decay'] = 'coupled'): SgdRule => ({ kind: 'sgd', momentum, decay });
const settingsOf = ({ batches, initial, optimizer }: SgdFixture): RunSettings => ({
  batches,
  initial,
  ...optimizer,
  rule: sgd(optimizer.momentum),
});

// The ladder's last two rungs train everything too, with gradients that wasm lacks made of ops that it has.
describe.each(['cpu', 'wasm'] as const)('on the %s backend', (backend) => {
  useBackend(backend);

  test('a head trained with SGD, momentum and weight decay equals PyTorch after five steps', async () => {
    const fixture = readJson<SgdFixture & RecordedRun>('fixtures/parity/headTraining.json');
    await expectSameTraining(
      createReferenceExecutor(),
      buildSmallHead(fixture.batchNorm),
      settingsOf(fixture),
      fixture,
    );
  });

  describe('the same head equals PyTorch after five steps', () => {
    const { runs, initial, batchNorm } = readJson<RulesFixture>('fixtures/parity/headTrainingRules.json');
    const expectSame = (settings: Omit<RunSettings, 'initial'>, expected: RecordedRun) =>
      expectSameTraining(createReferenceExecutor(), buildSmallHead(batchNorm), { ...settings, initial }, expected);

    test('with AdamW and weight decay', async () => {
      const { optimizer, batches } = runs.adamW;
      await expectSame({ ...optimizer, batches, rule: { kind: 'adamW', ...optimizer } }, runs.adamW);
    });

    test('with gradients that are clipped in some steps and in others not', async () => {
      const { optimizer, batches, maxGradientNorm } = runs.clippedSgd;
      await expectSame({ ...optimizer, batches, rule: sgd(optimizer.momentum), maxGradientNorm }, runs.clippedSgd);
    });

    test('with weight decay apart from the gradient', async () => {
      const { optimizer, batches } = runs.decoupledSgd;
      await expectSame({ ...optimizer, batches, rule: sgd(optimizer.momentum, 'decoupled') }, runs.decoupledSgd);
    });

    test('with classes that weigh differently, uneven batches included', async () => {
      const { optimizer, batches } = runs.weightedCrossEntropy;
      await expectSame({ ...optimizer, batches, rule: sgd(optimizer.momentum) }, runs.weightedCrossEntropy);
    });

    test('with several true classes and binary cross-entropy', async () => {
      const { optimizer, batches } = runs.binaryCrossEntropy;
      const rule = sgd(optimizer.momentum);
      await expectSame({ ...optimizer, batches, rule, loss: 'binaryCrossEntropy' }, runs.binaryCrossEntropy);
    });
  });

  describe('a small convolutional network with a residual block', () => {
    const fixture = readJson<
      SgdFixture & {
        runs: { whole: RecordedRun; stemFrozen: RecordedRun; statisticsKept: RecordedRun };
        frozenInStemFrozen: string[];
      }
    >('fixtures/parity/smallNetworkTraining.json');
    const graph = buildSmallNetwork(fixture.batchNorm);

    test('trains as in PyTorch, every parameter and running statistic', async () => {
      await expectSameTraining(createReferenceExecutor(), graph, settingsOf(fixture), fixture.runs.whole);
    });

    test('keeps a frozen stem and its statistics bit-identical while the rest trains as in PyTorch', async () => {
      const settings = { ...settingsOf(fixture), frozen: fixture.frozenInStemFrozen };
      await expectSameTraining(createReferenceExecutor(), graph, settings, fixture.runs.stemFrozen);
    });

    test('keeps all running statistics bit-identical while scales and shifts train as in PyTorch', async () => {
      const settings = { ...settingsOf(fixture), keepsStatistics: true };
      await expectSameTraining(createReferenceExecutor(), graph, settings, fixture.runs.statisticsKept);
    });
  });

  const { cases } = readJson<{ cases: PoolCase[] }>('fixtures/parity/maxPooling.json');

  test.each(cases)('max pooling and its gradient equal PyTorch: $name', (expected) => {
    tf.tidy(() => {
      const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
      const formula = formulaValues(size(expected.inputShape), expected.salts.x, 1, expected.offset);
      const values = expected.isRectified ? formula.map((value) => Math.max(value, 0)) : formula;
      const x = tf.tensor4d(values, expected.inputShape);
      const r = tf.tensor4d(formulaValues(size(expected.outputShape), expected.salts.r), expected.outputShape);
      const y = maxPool(x, expected);
      const dx = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(maxPool(x as tf.Tensor4D, expected), r)))(x);
      expect(y.shape).toEqual(expected.outputShape);
      expect(largestRelativeError(y.dataSync(), expected.y)).toBeLessThan(1e-6);
      expect(largestRelativeError(dx.dataSync(), expected.dx)).toBeLessThan(1e-6);
    });
  });
});
