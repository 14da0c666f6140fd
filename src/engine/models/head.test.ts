import { expect, test } from 'vitest';
import { sizeOf } from '../graph/graph.ts';
import { createRandom } from '../random.ts';
import { buildHead, initialiseHead } from './head.ts';

const values = initialiseHead(buildHead(1024, 2), createRandom(1, 'head'));
const valuesOf = (name: string) => values.get(name) as Float32Array;

function momentsOf(sample: Float32Array) {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const deviation = Math.sqrt(sample.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sample.length);
  return { mean, deviation };
}

test.each([
  ['head.fc1.weight', 0.044194],
  ['head.fc2.weight', 0.0625],
])('new weights are normal about 0, wide as their inputs ask for: %s', (name, expected) => {
  const sample = valuesOf(name);
  const { mean, deviation } = momentsOf(sample);
  // Four standard errors of a normal sample's mean and deviation.
  expect(Math.abs(mean)).toBeLessThan((4 * expected) / Math.sqrt(sample.length));
  expect(Math.abs(deviation - expected)).toBeLessThan((4 * expected) / Math.sqrt(2 * sample.length));
  const within = sample.filter((value) => Math.abs(value) < expected).length / sample.length;
  expect(within).toBeCloseTo(0.683, 1);
});

test('a head normalises, drops, mixes and cuts off at 0; then it normalises, drops and tells the classes apart', () => {
  const layers = buildHead(1024, 2).nodes.map((node) => {
    switch (node.op) {
      case 'batchNorm':
        return [node.op, node.epsilon, node.momentum];
      case 'dropout':
        return [node.op, node.rate];
      case 'linear':
        return [node.op, node.outFeatures];
      case 'activation':
        return [node.op, node.kind];
      default:
        return [node.op];
    }
  });
  expect(layers).toEqual([
    ['input'],
    ['batchNorm', 1e-5, 0.1],
    ['dropout', 0.25],
    ['linear', 512],
    ['activation', 'relu'],
    ['batchNorm', 1e-5, 0.1],
    ['dropout', 0.5],
    ['linear', 2],
  ]);
});

test('biases start at 0, batch norms as if they were not there', () => {
  for (const name of ['head.fc1.bias', 'head.fc2.bias', 'head.bn1.bias', 'head.bn2.bias', 'head.bn1.running_mean']) {
    expect(
      valuesOf(name).every((value) => value === 0),
      name,
    ).toBe(true);
  }
  for (const name of ['head.bn1.weight', 'head.bn2.weight', 'head.bn1.running_var', 'head.bn2.running_var']) {
    expect(
      valuesOf(name).every((value) => value === 1),
      name,
    ).toBe(true);
  }
});

test.each([
  [1024, 528_898],
  [4096, 2_107_906],
])('a head on %i features for two classes learns %i parameters', (featureCount, expected) => {
  const learned = buildHead(featureCount, 2).parameters.filter(({ isLearned }) => isLearned);
  expect(learned.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(expected);
});
