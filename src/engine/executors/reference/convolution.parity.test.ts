import { describe, expect, test } from 'vitest';
import type { Padding } from '../../graph/shapes.ts';
import { useBackend } from '../../testing/backends.ts';
import { readJson } from '../../testing/fixtures.ts';
import { formulaValues, largestRelativeError } from '../../testing/formula.ts';
import * as tf from '../../tf.ts';
import { convolve } from './convolution.ts';

interface Case {
  name: string;
  inputShape: [number, number, number, number];
  kernelShape: [number, number, number, number];
  outputShape: [number, number, number, number];
  stride: number;
  padding: Padding;
  groups: number;
  scales: { x: number; w: number; r: number };
  salts: { x: number; w: number; r: number };
  y: number[];
  dx: number[];
  dw: number[];
}

const { cases } = readJson<{ cases: Case[] }>('fixtures/parity/convolutions.json');
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

describe.each(['cpu', 'wasm'] as const)('on the %s backend', (backend) => {
  useBackend(backend);

  test.each(cases)('a convolution and its gradients equal PyTorch: $name', (expected) => {
    const make = (shape: [number, number, number, number], part: 'x' | 'w' | 'r') =>
      tf.tensor4d(formulaValues(size(shape), expected.salts[part], expected.scales[part]), shape);
    tf.tidy(() => {
      const x = make(expected.inputShape, 'x');
      const w = make(expected.kernelShape, 'w');
      const r = make(expected.outputShape, 'r');
      const shape = { ...expected, kernelSize: expected.kernelShape[0] };
      const y = convolve(x, w, shape);
      const [dx, dw] = tf.grads((x: tf.Tensor, w: tf.Tensor) =>
        tf.sum(tf.mul(convolve(x as tf.Tensor4D, w as tf.Tensor4D, shape), r)),
      )([x, w]) as [tf.Tensor, tf.Tensor];
      expect(y.shape).toEqual(expected.outputShape);
      expect(largestRelativeError(y.dataSync(), expected.y)).toBeLessThan(1e-5);
      expect(largestRelativeError(dx.dataSync(), expected.dx)).toBeLessThan(1e-5);
      expect(largestRelativeError(dw.dataSync(), expected.dw)).toBeLessThan(1e-5);
    });
  });
});
