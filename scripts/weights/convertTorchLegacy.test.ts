import { expect, test } from 'vitest';
import type { Graph, ParameterSpec } from '../../src/engine/graph/graph.ts';
import { convertTorchLegacy } from './convertTorchLegacy.ts';

/** torch.nn.Linear(3, 2)'s state dict, saved as before PyTorch 1.6. */
const FILE = 'fixtures/checkpoints/legacy.pth';

function graphOf(...parameters: ParameterSpec[]): Graph {
  return { nodes: [], inputShape: [3], outputShape: [2], parameters };
}

const weight = (name: string, shape: number[]): ParameterSpec => ({ name, kind: 'weight', shape, isLearned: true });

test('a state dict becomes the graph’s parameters, in the engine’s layout', () => {
  const values = convertTorchLegacy(FILE, graphOf(weight('weight', [3, 2])));
  // PyTorch keeps [out, in], the engine [in, out]; the numbers are those of torch.load.
  const torch = [-0.051236398518085, 0.152774125337601, -0.174482792615891, -0.11348707973957, -0.55157071352005];
  const order = [0, 3, 1, 4, 2, 5];
  const expected = order.map((place) => [...torch, -0.382368743419647][place] as number);
  expect(values.get('weight')).toEqual(Float32Array.from(expected));
});

test('a checkpoint of another network is refused in a sentence', () => {
  expect(() => convertTorchLegacy(FILE, graphOf(weight('fc.weight', [3, 2])))).toThrow('“fc.weight” is missing');
  expect(() => convertTorchLegacy(FILE, graphOf(weight('weight', [3, 5])))).toThrow(
    'The package is not as the converter knows it',
  );
});
