import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { useBackend } from '../testing/backends.ts';
import { readJson } from '../testing/fixtures.ts';
import { type NetworkGradientsFixture, repeatPasses } from '../testing/networkGradients.ts';
import { ARCHITECTURES, findArchitecture } from './catalog.ts';
import { buildClassifier } from './head.ts';

useBackend('wasm');

/** Measured: 6e-5 at most on either executor, and PyTorch's own float32 4e-5. */
const LARGEST_DIFFERENCE = 3e-4;

/** 64 groups are 64 small convolutions here: ResNeXt-101 takes half a minute of a processor that has nothing else to do. */
const TIME_LIMIT_MS = 600_000;

const readFixture = (id: string) => readJson<NetworkGradientsFixture>(`fixtures/parity/networkGradients/${id}.json`);
const ids = ARCHITECTURES.map(({ id }) => id);

test.each(ids)(
  '%s computes what PyTorch does, and every gradient',
  async (id) => {
    const difference = await repeatPasses(createReferenceExecutor(), readFixture(id));
    for (const { error, name } of Object.values(difference)) expect(error, name).toBeLessThan(LARGEST_DIFFERENCE);
  },
  TIME_LIMIT_MS,
);

test.each(ids)('%s has the parameters and running statistics that PyTorch has', (id) => {
  const { network, imageSizePx, classCount, gradients, runningStatistics } = readFixture(id);
  const { parameters } = buildClassifier(findArchitecture(network), imageSizePx, classCount);
  expect(network).toBe(id);
  expect(Object.keys({ ...gradients, ...runningStatistics }).sort()).toEqual(parameters.map(({ name }) => name).sort());
  expect(Object.keys(runningStatistics).sort()).toEqual(
    parameters.flatMap(({ name, isLearned }) => (isLearned ? [] : [name])).sort(),
  );
});

test('there is a fixture for every network and for nothing else', () => {
  const folder = new URL('../../../fixtures/parity/networkGradients', import.meta.url);
  expect(readdirSync(folder).sort()).toEqual(ids.map((id) => `${id}.json`).sort());
});
