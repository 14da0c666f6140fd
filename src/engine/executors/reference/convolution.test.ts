import { describe, expect, test } from 'vitest';
import { useBackend } from '../../testing/backends.ts';
import * as tf from '../../tf.ts';
import { convolve } from './convolution.ts';

describe('on the wasm backend', () => {
  useBackend('wasm');

  test.each([
    ['depthwise', 8, [5, 5, 1, 8]],
    ['dense', 1, [5, 5, 8, 8]],
  ] as const)('the gradients of a %s convolution leave little but themselves in memory', (_, groups, kernelShape) => {
    let heldBytes = 0;
    // Its own gradient is asked for right after the convolution's.
    const look = (images: tf.Tensor) =>
      tf.customGrad((x) => ({
        value: tf.clone(x as tf.Tensor),
        gradFunc: (dy: tf.Tensor) => {
          heldBytes = tf.memory().numBytes;
          return tf.clone(dy);
        },
      }))(images);
    tf.tidy(() => {
      const x = tf.ones([2, 16, 16, 8]) as tf.Tensor4D;
      const w = tf.ones([...kernelShape]) as tf.Tensor4D;
      const shape = { kernelSize: 5, stride: 1, padding: 'same', groups } as const;
      tf.grads((x: tf.Tensor, w: tf.Tensor) => tf.sum(convolve(look(x) as tf.Tensor4D, w as tf.Tensor4D, shape)))([
        x,
        w,
      ]);
      // Input, padded input, output and the gradients of each; with every tap of the kernel it would be a hundred.
      expect(heldBytes).toBeLessThan(12 * x.size * 4);
    });
  });
});
