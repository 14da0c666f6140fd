// Whole networks through their first steps, against PyTorch: one that learns as a whole, one behind a frozen group. More of them are in
// networkTraining.gpu.test.ts, and every network's gradients in networkGradients.gpu.test.ts.

import { beforeAll, expect, test } from 'vitest';
import { createTestExecutor, useGpu } from '../../testing/gpu.ts';
import { isQuick, networkTrainingRuns, testNetworkTraining } from '../../testing/networkTrainingRuns.ts';
import type { WebGpuExecutor } from './webgpuExecutor.ts';

const gpu = useGpu();

/** One for all: it compiles once what several networks have in common. */
let executor: WebGpuExecutor;

beforeAll(() => {
  executor = createTestExecutor(gpu());
});

test('there are runs of a network of each kind, some of them with a frozen group, and two that are quick', () => {
  expect(new Set(networkTrainingRuns.map(({ fixture }) => fixture.network)).size).toBe(4);
  expect(networkTrainingRuns.filter(({ run }) => run.frozen.length > 0)).toHaveLength(2);
  expect(networkTrainingRuns.filter(isQuick).map(({ run }) => run.frozen.length > 0)).toEqual([true, false]);
});

testNetworkTraining(networkTrainingRuns.filter(isQuick), () => executor);
