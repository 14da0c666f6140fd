// Windows over pictures in the few ops that tfjs-wasm is quick at.

import * as tf from '../../tf.ts';

export interface TapReader {
  /** [position, out]: dy at the positions of all pictures one after the other, with zeros where a row of x is longer than one of dy. */
  readonly flatDy: tf.Tensor2D;
  /** [position, in]: what a tap of the kernel meets at each of those positions; where dy is zero, anything. */
  readonly readTap: (row: number, column: number) => tf.Tensor2D;
}

/**
 * For a convolution's kernel gradient, tap by tap. In memory a tap is x from a certain place on, so that it is copied in one piece.
 * Call it and the reader inside one tidy.
 * @param x padded input, [batch, height, width, in]; @param dy [batch, outHeight, outWidth, out]
 */
export function createTapReader(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  kernelHeight: number,
  kernelWidth: number,
  stride: number,
): TapReader {
  const channels = x.shape[3];
  const readPhase = createPhases(x, stride);
  const [batch, height, width] = readPhase(0, 0).shape;
  const [, outHeight, outWidth, outChannels] = dy.shape;
  const placeOf = (row: number, column: number) => Math.floor(row / stride) * width + Math.floor(column / stride);
  const count = batch * height * width;
  // As many positions as the last tap has; all of dy is among them.
  const kept = count - placeOf(kernelHeight - 1, kernelWidth - 1);
  const wideDy = tf.pad4d(dy, [
    [0, 0],
    [0, height - outHeight],
    [0, width - outWidth],
    [0, 0],
  ]);
  return {
    flatDy: tf.slice2d(tf.reshape(wideDy, [count, outChannels]) as tf.Tensor2D, [0, 0], [kept, outChannels]),
    readTap: (row, column) => {
      const phase = tf.reshape(readPhase(row % stride, column % stride), [count, channels]) as tf.Tensor2D;
      return tf.slice2d(phase, [placeOf(row, column), 0], [kept, channels]);
    },
  };
}

/**
 * What a tap meets at every output position, as a picture.
 * @param x padded input; @returns reads [batch, outHeight, outWidth, channel]; call both inside one tidy
 */
export function createWindowReader(
  x: tf.Tensor4D,
  outHeight: number,
  outWidth: number,
  stride: number,
): (row: number, column: number) => tf.Tensor4D {
  const readPhase = createPhases(x, stride);
  return (row, column) => {
    const phase = readPhase(row % stride, column % stride);
    const place = [0, Math.floor(row / stride), Math.floor(column / stride), 0] as [number, number, number, number];
    return tf.slice4d(phase, place, [x.shape[0], outHeight, outWidth, x.shape[3]]);
  };
}

/**
 * Every stride-th row and column from a first one on. All are made here and not when they are read, where an inner tidy would take them
 * away again.
 * @returns reads [batch, height / stride, width / stride, channel], both rounded up
 */
function createPhases(x: tf.Tensor4D, stride: number): (rowPhase: number, columnPhase: number) => tf.Tensor4D {
  if (stride === 1) return () => x;
  const [batch, height, width, channels] = x.shape;
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const even = tf.pad4d(x, [
    [0, 0],
    [0, rows * stride - height],
    [0, columns * stride - width],
    [0, 0],
  ]);
  const groups = tf.reshape(even, [batch * rows * stride, columns, stride * channels]) as tf.Tensor3D;
  const phases = Array.from({ length: stride }, (_, columnPhase) => {
    const kept = tf.slice3d(groups, [0, 0, columnPhase * channels], [batch * rows * stride, columns, channels]);
    const byRow = tf.reshape(kept, [batch, rows, stride * columns * channels]) as tf.Tensor3D;
    return Array.from({ length: stride }, (_, rowPhase) => {
      const size = columns * channels;
      return tf.reshape(tf.slice3d(byRow, [0, 0, rowPhase * size], [batch, rows, size]), [
        batch,
        rows,
        columns,
        channels,
      ]) as tf.Tensor4D;
    });
  });
  return (rowPhase, columnPhase) => phases[columnPhase]?.[rowPhase] as tf.Tensor4D;
}

/**
 * [..., channel] -> [channel], the sum over all axes but the last: by average pooling, which goes through memory in order. Not by a
 * product with ones: tfjs-wasm keeps what it made of a right operand under the data's id, and takes it again for another shape.
 */
export function sumOverPositions(x: tf.Tensor): tf.Tensor1D {
  const channels = x.shape.at(-1) as number;
  const width = x.shape.at(-2) ?? 1;
  const height = x.shape.at(-3) ?? 1;
  const count = height * width;
  return tf.tidy(() => {
    const images = tf.reshape(x, [x.size / (count * channels), height, width, channels]) as tf.Tensor4D;
    const means = tf.avgPool(images, [height, width], 1, 'valid'); // [batch, 1, 1, channel]
    return tf.mul(tf.sum(tf.reshape(means, [-1, channels]), 0), count);
  });
}
