import { expect, test } from 'vitest';
import type { Network } from '../../executors/executor.ts';
import { GraphBuilder, type ParameterValues } from '../../graph/graph.ts';
import type { EpochView } from '../callback.ts';
import { averageWeights } from './averageWeights.ts';

const builder = new GraphBuilder([1]);
builder.linear('last', builder.batchNorm('norm', builder.input, { epsilon: 1e-5, momentum: 0.1 }), 1);
const graph = builder.build();

const NO_CONTROL = { setRateFactor() {}, setMomentum() {}, setDecayFactor() {}, stop() {} };

/** Ends epochs after which every parameter has these values. @returns the average after each. */
async function averageAfterEach(values: readonly number[], firstEpoch?: number) {
  let value = Number.NaN;
  const readParameters = async () => new Map(graph.parameters.map(({ name }) => [name, Float32Array.of(value)]));
  // Nothing else is called here.
  const averager = averageWeights({ graph, readParameters } as Partial<Network> as Network, firstEpoch);
  const averages: (ParameterValues | null)[] = [];
  for (const [epoch, next] of values.entries()) {
    value = next;
    await averager.epochEnded?.({ epoch } as EpochView, NO_CONTROL);
    averages.push(averager.average());
  }
  return { averages, averager };
}

const weightsOf = (averages: readonly (ParameterValues | null)[]) =>
  averages.map((average) => average?.get('last.weight')?.[0]);

test('each epoch’s weights count alike: 2, 4, 6 average to 2, 3, 4', async () => {
  const { averages, averager } = await averageAfterEach([2, 4, 6]);
  expect(weightsOf(averages)).toEqual([2, 3, 4]);
  expect(averager.epochCount).toBe(3);
});

test('epochs before the first that counts are left out', async () => {
  const { averages, averager } = await averageAfterEach([100, 4, 6], 1);
  expect(weightsOf(averages)).toEqual([undefined, 4, 5]);
  expect(averager.epochCount).toBe(2);
});

test('a weight that never changes averages to itself, bit by bit', async () => {
  const frozen = Math.fround(0.1);
  const { averages } = await averageAfterEach(Array(7).fill(frozen));
  expect(weightsOf(averages)).toEqual(Array(7).fill(frozen));
});

test('running statistics are left to be made anew', async () => {
  const { averages } = await averageAfterEach([1]);
  expect([...(averages[0]?.keys() ?? [])]).toEqual(['norm.weight', 'norm.bias', 'last.weight', 'last.bias']);
});
