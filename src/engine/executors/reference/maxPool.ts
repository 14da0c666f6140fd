// Max pooling whose gradient is made of ops that every tfjs backend has and gives it to the first of equal maxima, as PyTorch
// does: tfjs leaves open which one gets it, and ReLU makes equal maxima (0) all the time.

import type { MaxPoolNode } from '../../graph/graph.ts';
import * as tf from '../../tf.ts';
import { insertZeros } from './convolution.ts';
import { createWindowReader } from './taps.ts';

type PoolShape = Pick<MaxPoolNode, 'kernelSize' | 'stride' | 'padding'>;

/** The lowest float32: what minus infinity is here, because not every shader language has infinities. */
const LOWEST = -3.4028234663852886e38;

/**
 * @param images [batch, height, width, channel]
 * @returns [batch, outHeight, outWidth, channel]: the largest value in each window. Padding never wins; of equal maxima the
 * first in row-major order gets the gradient.
 */
export const maxPool = (images: tf.Tensor4D, shape: PoolShape): tf.Tensor4D =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    // customGrad calls back with the tensor it was given and then its save function.
    const [x, save] = args as [tf.Tensor4D, tf.GradSaveFunc];
    const value = tf.maxPool(x, shape.kernelSize, shape.stride, shape.padding);
    save([x, value]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        // Saved in this order, with these ranks, five lines above.
        const [x, value] = saved as [tf.Tensor4D, tf.Tensor4D];
        return tf.tidy(() => giveToFirstMaximum(x, value, dy as tf.Tensor4D, shape));
      },
    };
  })(images) as tf.Tensor4D;

/** Goes over the window's places in row-major order; a window that has found its maximum gives nothing more. */
function giveToFirstMaximum(x: tf.Tensor4D, y: tf.Tensor4D, dy: tf.Tensor4D, shape: PoolShape): tf.Tensor4D {
  const { kernelSize, stride, padding } = shape;
  const sides: [number, number] = [padding, padding];
  const padded = tf.pad4d(x, [[0, 0], sides, sides, [0, 0]], LOWEST);
  const [, height, width] = padded.shape;
  const readWindow = createWindowReader(padded, y.shape[1], y.shape[2], stride);
  // tf.tidy hands on any named tensors; these two are what the next place needs.
  let found = { dx: tf.zerosLike(padded), isTaken: tf.zeros(y.shape, 'bool') };
  for (let place = 0; place < kernelSize ** 2; place++) {
    const [row, column] = [Math.floor(place / kernelSize), place % kernelSize];
    const next = tf.tidy(() => {
      const isMaximum = tf.equal(readWindow(row, column), y);
      const isFirst = tf.logicalAnd(isMaximum, tf.logicalNot(found.isTaken));
      const given = tf.mul(dy, tf.cast(isFirst, 'float32')) as tf.Tensor4D;
      const placed = placeAt(insertZeros(given, stride), row, column, height, width);
      return { dx: tf.add(found.dx, placed) as tf.Tensor4D, isTaken: tf.logicalOr(found.isTaken, isMaximum) };
    });
    tf.dispose(found);
    found = next as typeof found;
  }
  return tf.slice4d(found.dx, [0, padding, padding, 0], x.shape);
}

/** The gradient of one tap moved to where the tap read, cut or filled up to the input's size. */
function placeAt(spread: tf.Tensor4D, row: number, column: number, height: number, width: number): tf.Tensor4D {
  const [batch, spreadHeight, spreadWidth, channels] = spread.shape;
  const keptHeight = Math.min(spreadHeight, height - row);
  const keptWidth = Math.min(spreadWidth, width - column);
  const kept = tf.slice4d(spread, [0, 0, 0, 0], [batch, keptHeight, keptWidth, channels]);
  return tf.pad4d(kept, [
    [0, 0],
    [row, height - row - keptHeight],
    [column, width - column - keptWidth],
    [0, 0],
  ]);
}
