import { describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { useBackend } from '../testing/backends.ts';
import { readJson } from '../testing/fixtures.ts';
import { type NetworkTrainingFixture, repeatTraining, type TrainingRun } from '../testing/networkTraining.ts';
import { findArchitecture } from './catalog.ts';
import { buildClassifier } from './head.ts';

const readFixture = (id: string) => readJson<NetworkTrainingFixture>(`fixtures/parity/networkTraining/${id}.json`);

// The smallest network only: the others take this backend longer. A fast executor can run them all in a browser.
describe('ResNet-18', () => {
  useBackend('wasm');
  const fixture = readFixture('resnet18');

  test.each([
    ['trains', fixture.runs.whole],
    ['trains behind a frozen first layer group', fixture.runs.firstGroupFrozen as TrainingRun],
  ])('%s as in PyTorch, every parameter and running statistic', async (_, run) => {
    const difference = await repeatTraining(createReferenceExecutor(), fixture, run);
    expect(difference.losses.error, difference.losses.name).toBeLessThan(1e-4);
    expect(difference.evaluationLogits.error).toBeLessThan(1e-3);
    expect(difference.parameters.error, difference.parameters.name).toBeLessThan(1e-3);
    expect(difference.runningStatistics.error, difference.runningStatistics.name).toBeLessThan(1e-3);
  });
});

const trained = ['resnet18', 'resnext50', 'mobilenet-v2', 'efficientnet-lite0'];

test.each(trained)('%s has the parameters that PyTorch trained', (id) => {
  const { runs, network, imageSizePx, classCount } = readFixture(id);
  const graph = buildClassifier(findArchitecture(network), imageSizePx, classCount);
  const names = graph.parameters.map(({ name }) => name);
  expect(Object.keys(runs.whole.updates).sort()).toEqual(names.sort());
  if (!runs.firstGroupFrozen) return;
  const { frozen, updates } = runs.firstGroupFrozen;
  const isFrozen = (name: string) => frozen.some((prefix) => name.startsWith(prefix));
  expect(frozen).toEqual(findArchitecture(id).bodyGroups[0]);
  expect(Object.keys(updates).sort()).toEqual(names.filter((name) => !isFrozen(name)).sort());
});
