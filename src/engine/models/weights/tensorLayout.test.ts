import { expect, test } from 'vitest';
import { type ParameterSpec, sizeOf } from '../../graph/graph.ts';
import { fromTorchLayout, torchShape, toTorchLayout } from './tensorLayout.ts';

const countUp = (shape: readonly number[]) => Float32Array.from({ length: sizeOf(shape) }, (_, i) => i);

test('a kernel’s value at [out, in, row, column] stands at [row, column, in, out] here', () => {
  const spec: ParameterSpec = { name: 'conv.weight', kind: 'kernel', shape: [2, 3, 4, 5], isLearned: true };
  expect(torchShape(spec)).toEqual([5, 4, 2, 3]);
  const [row, column, input, output] = [1, 2, 3, 4];
  const torchIndex = ((output * 4 + input) * 2 + row) * 3 + column;
  const ourIndex = ((row * 3 + column) * 4 + input) * 5 + output;
  expect(fromTorchLayout(spec, countUp(spec.shape))[ourIndex]).toBe(torchIndex);
  expect(toTorchLayout(spec, countUp(spec.shape))[torchIndex]).toBe(ourIndex);
});

test.each([
  ['kernel', [3, 3, 2, 7]],
  ['weight', [6, 5]],
  ['scale', [4]],
] as const)('a %s goes to PyTorch’s layout and back unchanged', (kind, shape) => {
  const spec: ParameterSpec = { name: 'x.weight', kind, shape, isLearned: true };
  expect(fromTorchLayout(spec, toTorchLayout(spec, countUp(shape)))).toEqual(countUp(shape));
});
