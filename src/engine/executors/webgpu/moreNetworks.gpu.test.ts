// The networks that differ from those of networks.gpu.test.ts in depth and width alone, and whose kernels SwiftShader compiles for ten
// minutes. `npm run gpu-tests` has them; `npm test` does without (scripts/setup/stages.mjs).

import { beforeAll, describe, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../models/catalog.ts';
import { createTestExecutor, useGpu } from '../../testing/gpu.ts';
import { DEEPER_NETWORKS, expectGradients, labelled, ONE_OF_EACH_KIND } from '../../testing/gpuNetworks.ts';
import type { WebGpuExecutor } from './webgpuExecutor.ts';

const gpu = useGpu();

/** One for all: it compiles once what several networks have in common. */
let executor: WebGpuExecutor;

beforeAll(() => {
  executor = createTestExecutor(gpu());
});

test('no network is tested in neither file', () => {
  const tested = [...ONE_OF_EACH_KIND, ...DEEPER_NETWORKS];
  expect(tested.toSorted()).toEqual(ARCHITECTURES.map(({ id }) => id).toSorted());
});

describe('every other network computes what PyTorch does, and every gradient', () => {
  test.each(labelled(DEEPER_NETWORKS))('$label', async ({ id }) => {
    await expectGradients(executor, id);
  });
});
