import { describe, expect, test } from 'vitest';
import { GraphBuilder, type ParameterValues, sizeOf } from '../graph/graph.ts';
import { hashedValues } from './formula.ts';
import { initialValues } from './networkParity.ts';
import { compareTraining, recordUpdate, type TrainingResult, type TrainingRun } from './networkTraining.ts';

const builder = new GraphBuilder([4, 4, 3]);
const frozenLayer = builder.conv2d('conv1', builder.input, { outChannels: 8, kernelSize: 3, padding: 1 });
const normalised = builder.batchNorm('bn2', frozenLayer, { epsilon: 1e-5, momentum: 0.1 });
builder.linear('fc', builder.averagePool(normalised), 5);
const graph = builder.build();

const before = initialValues(graph);
const after: ParameterValues = new Map(
  graph.parameters.map(({ name, shape }, index) => {
    const start = before.get(name) as Float32Array;
    const moved = hashedValues(sizeOf(shape), index, 0.01);
    return [name, name.startsWith('conv1.') ? start : start.map((value, i) => value + (moved[i] as number))];
  }),
);
const losses = [2, 1.5];
const evaluationLogits = [3, -4];
const run: TrainingRun = {
  frozen: ['conv1.'],
  bodyRate: 0.1,
  classifierRate: 0.01,
  salts: [0, 1],
  leastClearance: 8,
  evaluationSalt: 2,
  float32Difference: { losses: 0, evaluationLogits: 0, parameters: 0, runningStatistics: 0 },
  losses,
  evaluationLogits,
  updates: Object.fromEntries(
    graph.parameters
      .filter(({ name }) => !name.startsWith('conv1.'))
      .map((spec) => {
        const [start, end] = [before.get(spec.name) as Float32Array, after.get(spec.name) as Float32Array];
        return [spec.name, recordUpdate(spec, start, end)];
      }),
  ),
};

/** What came out, with one value of one tensor off by this much. */
function spoil(name: string, place: number, error: number): TrainingResult {
  const spoiled = new Map(after);
  spoiled.set(
    name,
    (after.get(name) as Float32Array).map((value, i) => (i === place ? value + error : value)),
  );
  return { losses, evaluationLogits, before, after: spoiled };
}

describe('the comparison with a recorded training run', () => {
  test('finds nothing wrong with the recorded run itself', () => {
    const difference = compareTraining(graph, run, { losses, evaluationLogits, before, after });
    expect(Object.values(difference).map(({ error }) => error)).toEqual([0, 0, 0, 0]);
  });

  test('finds a wrong value in any place and names its tensor, though only twelve places are recorded', () => {
    for (let place = 0; place < 40; place++) {
      const { parameters, runningStatistics } = compareTraining(graph, run, spoil('fc.weight', place, 1e-3));
      expect(parameters.name).toBe('fc.weight');
      expect(parameters.error).toBeGreaterThan(1e-2);
      expect(runningStatistics.error).toBe(0);
    }
  });

  test('keeps running statistics apart from parameters', () => {
    const { parameters, runningStatistics } = compareTraining(graph, run, spoil('bn2.running_var', 3, 1e-3));
    expect(runningStatistics.name).toBe('bn2.running_var');
    expect(runningStatistics.error).toBeGreaterThan(1e-2);
    expect(parameters.error).toBe(0);
  });

  test('takes the least change of a frozen value as infinitely wrong, and so what is not a number', () => {
    for (const [name, error] of [
      ['conv1.weight', 1e-6],
      ['bn2.weight', Number.NaN],
    ] as const) {
      const { parameters } = compareTraining(graph, run, spoil(name, 1, error));
      expect(parameters.error).toBe(Number.POSITIVE_INFINITY);
      expect(parameters.name).toContain(name);
    }
  });

  test('measures losses against each step’s loss and logits against the largest', () => {
    const wrong = { losses: [2, 1.8], evaluationLogits: [3, -3], before, after };
    const difference = compareTraining(graph, run, wrong);
    expect(difference.losses.error).toBeCloseTo(0.2);
    expect(difference.losses.name).toBe('step 1');
    expect(difference.evaluationLogits.error).toBeCloseTo(0.25);
    expect(() => compareTraining(graph, run, { ...wrong, losses: [2] })).toThrow('1 losses');
  });
});
