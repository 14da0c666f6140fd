// A network of each kind through ten steps, against PyTorch. Every network's gradients are in networkGradients.gpu.test.ts.

import { beforeAll, expect, test } from 'vitest';
import { createTestExecutor, useGpu } from '../../testing/gpu.ts';
import { type NetworkTrainingFixture, repeatTraining } from '../../testing/networkTraining.ts';
import type { WebGpuExecutor } from './webgpuExecutor.ts';

const gpu = useGpu();

/** One for all: it compiles once what several networks have in common. */
let executor: WebGpuExecutor;

beforeAll(() => {
  executor = createTestExecutor(gpu());
});

const fixtures = import.meta.glob<NetworkTrainingFixture>('/fixtures/parity/networkTraining/*.json', {
  eager: true,
  import: 'default',
});
const runs = Object.values(fixtures).flatMap((fixture) =>
  Object.entries(fixture.runs).map(([name, run]) => ({
    title: `${fixture.network}, ${name === 'whole' ? 'all of it' : 'its first group frozen'}`,
    fixture,
    run,
  })),
);

test('there are runs of a network of each kind, two of them with a frozen group', () => {
  expect(new Set(runs.map(({ fixture }) => fixture.network)).size).toBe(4);
  expect(runs.filter(({ run }) => run.frozen.length > 0)).toHaveLength(2);
});

test.each(runs)('steps of SGD with momentum end where PyTorch’s do: $title', async ({ fixture, run }) => {
  const difference = await repeatTraining(executor, fixture, run);
  expect(difference.losses.error, difference.losses.name).toBeLessThan(1e-4);
  expect(difference.parameters.error, difference.parameters.name).toBeLessThan(1e-3);
  expect(difference.runningStatistics.error, difference.runningStatistics.name).toBeLessThan(1e-3);
  expect(difference.evaluationLogits.error, difference.evaluationLogits.name).toBeLessThan(1e-3);
});
