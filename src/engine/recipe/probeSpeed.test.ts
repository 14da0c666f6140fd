import { expect, test } from 'vitest';
import type { Executor, LabelledBatch, Network, NetworkOptions } from '../executors/executor.ts';
import { countMultiplyAdds } from '../graph/countMultiplyAdds.ts';
import type { Graph } from '../graph/graph.ts';
import { PASSES, probeSpeed } from './probeSpeed.ts';

const GO_ON = { aborted: false };

/** A machine of so many multiply-adds a second in training and twice as many in inference, whose first step of a network takes two seconds more. */
function createMachine(perSecond: number) {
  let nowMs = 0;
  let alive = 0;
  const made: { graph: Graph; options: NetworkOptions }[] = [];
  const create = async (graph: Graph, options: NetworkOptions) => {
    made.push({ graph, options });
    alive++;
    let isFirst = true;
    const network = {
      writeParameters: () => {},
      async trainStep({ count }: LabelledBatch) {
        nowMs += (1000 * PASSES * count * countMultiplyAdds(graph)) / perSecond + (isFirst ? 2000 : 0);
        isFirst = false;
      },
      async infer({ count }: LabelledBatch) {
        nowMs += (1000 * count * countMultiplyAdds(graph)) / (2 * perSecond);
        return new Float32Array();
      },
      finishSteps: async () => [],
      dispose: () => alive--,
    };
    // The probe uses no more of a network.
    return network as unknown as Network;
  };
  const executor = { create } as unknown as Executor;
  return { executor, clock: { nowMs: () => nowMs }, made, aliveCount: () => alive, elapsedMs: () => nowMs };
}

test.each([
  ['a fast card, at the largest size', 1e13, 224],
  ['a processor, at the smallest', 1e10, 64],
])('finds the speed of %s', async (_, perSecond, largestPx) => {
  const machine = createMachine(perSecond);
  const speed = await probeSpeed(machine.executor, machine.clock, GO_ON);
  for (const work of [speed?.dense, speed?.depthwise]) {
    expect(work?.training).toBeCloseTo(perSecond, -Math.log10(perSecond) + 3);
    expect(work?.inference).toBeCloseTo(2 * perSecond, -Math.log10(perSecond) + 3);
  }
  expect(Math.max(...machine.made.map(({ graph }) => graph.inputShape[0] as number))).toBe(largestPx);
  // One network at a time, all of it learning, and none is left behind.
  expect(machine.aliveCount()).toBe(0);
  expect(machine.made.every(({ options }) => options.learning.length > 50)).toBe(true);
});

test('is quick on a slow machine and ends when it is stopped', async () => {
  const machine = createMachine(2e9);
  await probeSpeed(machine.executor, machine.clock, GO_ON);
  // Two networks with their first steps, and some time for each kind of work, or one round that is longer.
  expect(machine.elapsedMs()).toBeLessThan(2 * (2000 + 2 * 1500));
  const stopped = createMachine(1e12);
  expect(await probeSpeed(stopped.executor, stopped.clock, { aborted: true })).toBeNull();
  expect(stopped.aliveCount()).toBe(0);
});
