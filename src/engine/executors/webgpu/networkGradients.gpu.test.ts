// Every network's gradients, against PyTorch. SwiftShader compiles their kernels for a quarter of an hour on two processor cores: `npm
// run gpu-tests` has them, `npm test` does without (scripts/setup/stages.mjs) and has a network of each kind in networks.gpu.test.ts.

import { beforeAll, expect, test } from 'vitest';
import { ARCHITECTURES } from '../../models/catalog.ts';
import { createTestExecutor, useGpu } from '../../testing/gpu.ts';
import { type NetworkGradientsFixture, repeatPasses } from '../../testing/networkGradients.ts';
import type { WebGpuExecutor } from './webgpuExecutor.ts';

const gpu = useGpu();
const fixtures = import.meta.glob<NetworkGradientsFixture>('/fixtures/parity/networkGradients/*.json', {
  import: 'default',
});

/** One for all: it compiles once what several networks have in common. */
let executor: WebGpuExecutor;

beforeAll(() => {
  executor = createTestExecutor(gpu());
});

test.each(ARCHITECTURES)('$label computes what PyTorch does, and every gradient', async ({ id }) => {
  const fixture = await fixtures[`/fixtures/parity/networkGradients/${id}.json`]?.();
  if (!fixture) throw new Error(`There is no fixture for ${id}.`);
  const difference = await repeatPasses(executor, fixture);
  for (const { error, name } of Object.values(difference)) expect(error, name).toBeLessThan(1e-3);
});
