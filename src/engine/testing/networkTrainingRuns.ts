// The networks whose first steps PyTorch has taken too: whole, and with their first group frozen.

import { expect, test } from 'vitest';
import type { Executor } from '../executors/executor.ts';
import { type NetworkTrainingFixture, repeatTraining } from './networkTraining.ts';

const fixtures = import.meta.glob<NetworkTrainingFixture>('/fixtures/parity/networkTraining/*.json', {
  eager: true,
  import: 'default',
});

export const networkTrainingRuns = Object.values(fixtures).flatMap((fixture) =>
  Object.entries(fixture.runs).map(([name, run]) => ({
    title: `${fixture.network}, ${name === 'whole' ? 'all of it' : 'its first group frozen'}`,
    fixture,
    run,
  })),
);

/** On two processor cores each of the others takes four minutes and more, most of it for compiling kernels. */
const QUICK: readonly string[] = ['resnet18, all of it', 'mobilenet-v2, its first group frozen'];

export const isQuick = ({ title }: { readonly title: string }) => QUICK.includes(title);

export function testNetworkTraining(runs: typeof networkTrainingRuns, executor: () => Executor): void {
  test.each(runs)('steps of SGD with momentum end where PyTorch’s do: $title', async ({ fixture, run }) => {
    const difference = await repeatTraining(executor(), fixture, run);
    expect(difference.losses.error, difference.losses.name).toBeLessThan(1e-4);
    expect(difference.parameters.error, difference.parameters.name).toBeLessThan(1e-3);
    expect(difference.runningStatistics.error, difference.runningStatistics.name).toBeLessThan(1e-3);
    expect(difference.evaluationLogits.error, difference.evaluationLogits.name).toBeLessThan(1e-3);
  });
}
