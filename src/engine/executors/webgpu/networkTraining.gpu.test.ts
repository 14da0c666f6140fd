// A network of each kind through ten steps, against PyTorch: those that networks.gpu.test.ts has no time for.

import { beforeAll } from 'vitest';
import { createTestExecutor, useGpu } from '../../testing/gpu.ts';
import { isQuick, networkTrainingRuns, testNetworkTraining } from '../../testing/networkTrainingRuns.ts';
import type { WebGpuExecutor } from './webgpuExecutor.ts';

const gpu = useGpu();

/** One for all: it compiles once what several networks have in common. */
let executor: WebGpuExecutor;

beforeAll(() => {
  executor = createTestExecutor(gpu());
});

testNetworkTraining(
  networkTrainingRuns.filter((run) => !isQuick(run)),
  () => executor,
);
