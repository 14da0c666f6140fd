// Convolution with a gradient made of ops that every tfjs backend has. tfjs-wasm has neither Conv2DBackpropFilter nor the
// depthwise gradients, so the gradient is taken tap by tap: a kernel tap sees one strided slice of the padded input.

import type { ConvolutionNode } from '../../graph/graph.ts';
import { resolvePadding } from '../../graph/shapes.ts';
import * as tf from '../../tf.ts';

type ConvolutionShape = Pick<ConvolutionNode, 'kernelSize' | 'stride' | 'padding' | 'groups'>;

/**
 * @param images [batch, height, width, in]; @param kernel [height, width, in / groups, out]
 * @returns [batch, outHeight, outWidth, out], differentiable in both.
 */
export function convolve(images: tf.Tensor4D, kernel: tf.Tensor4D, shape: ConvolutionShape): tf.Tensor4D {
  const padded = padImages(images, shape);
  if (shape.groups === 1) return convolveDense(padded, kernel, shape.stride);
  if (isDepthwise(padded, kernel, shape.groups)) return convolveDepthwise(padded, kernel, shape.stride);
  // Splitting keeps the rank.
  const inputs = tf.split(padded, shape.groups, 3) as tf.Tensor4D[];
  const kernels = tf.split(kernel, shape.groups, 3) as tf.Tensor4D[];
  return tf.concat(
    inputs.map((input, group) => convolveDense(input, kernels[group] as tf.Tensor4D, shape.stride)),
    3,
  );
}

/** Zeros around the pictures as the node asks. */
export function padImages(images: tf.Tensor4D, { padding, kernelSize, stride }: ConvolutionShape): tf.Tensor4D {
  const rows = resolvePadding(padding, images.shape[1], kernelSize, stride);
  const columns = resolvePadding(padding, images.shape[2], kernelSize, stride);
  if (rows.before + rows.after + columns.before + columns.after === 0) return images;
  return tf.pad4d(images, [
    [0, 0],
    [rows.before, rows.after],
    [columns.before, columns.after],
    [0, 0],
  ]);
}

/** One input channel per group and as many outputs: tfjs has an op of its own for that. */
export function isDepthwise(images: tf.Tensor4D, kernel: tf.Tensor4D, groups: number): boolean {
  return groups === images.shape[3] && groups === kernel.shape[3] && groups > 1;
}

/** tfjs wants [height, width, channel, 1]; ours is [height, width, 1, channel]: the same values in the same order. */
export function toDepthwiseKernel(kernel: tf.Tensor4D): tf.Tensor4D {
  return tf.reshape(kernel, [kernel.shape[0], kernel.shape[1], kernel.shape[3], 1]);
}

const convolveDense = (images: tf.Tensor4D, kernel: tf.Tensor4D, stride: number): tf.Tensor4D =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    // customGrad calls back with the tensors it was given and then its save function.
    const [x, w, save] = args as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([x, w]);
    const value = tf.conv2d(x, w, stride, 'valid'); // [batch, outHeight, outWidth, out]
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        // Saved in this order, with these ranks, five lines above.
        const [x, w] = saved as [tf.Tensor4D, tf.Tensor4D];
        return tf.tidy(() => [
          tf.conv2dTranspose(dy as tf.Tensor4D, w, x.shape, stride, 'valid'),
          denseKernelGradient(x, dy as tf.Tensor4D, w.shape, stride),
        ]);
      },
    };
  })(images, kernel) as tf.Tensor4D;

const convolveDepthwise = (images: tf.Tensor4D, kernel: tf.Tensor4D, stride: number): tf.Tensor4D =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, w, save] = args as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([x, w]);
    const value = tf.depthwiseConv2d(x, toDepthwiseKernel(w), stride, 'valid');
    return {
      value,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, w] = saved as [tf.Tensor4D, tf.Tensor4D];
        return tf.tidy(() => depthwiseGradients(x, w, dy as tf.Tensor4D, stride));
      },
    };
  })(images, kernel) as tf.Tensor4D;

/** dw[tap] = (input under the tap)^T . dy, summed over batch and positions. */
function denseKernelGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  kernelShape: tf.Tensor4D['shape'],
  stride: number,
): tf.Tensor4D {
  const [kernelHeight, kernelWidth, inChannels, outChannels] = kernelShape;
  const flatDy = tf.reshape(dy, [-1, outChannels]); // [batch * outHeight * outWidth, out]
  const taps: tf.Tensor2D[] = [];
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      taps.push(
        tf.tidy(() => {
          const seen = tf.reshape(inputUnderTap(x, dy, row, column, stride), [-1, inChannels]);
          // Transposed beforehand: tfjs-wasm multiplies transposed operands with a slow loop, plain ones with XNNPACK.
          return tf.matMul(tf.transpose(seen), flatDy) as tf.Tensor2D; // [in, out]
        }),
      );
    }
  }
  return tf.reshape(tf.stack(taps), kernelShape);
}

function depthwiseGradients(x: tf.Tensor4D, w: tf.Tensor4D, dy: tf.Tensor4D, stride: number): tf.Tensor[] {
  const [kernelHeight, kernelWidth, , channels] = w.shape;
  const [, height, width] = x.shape;
  const spreadDy = insertZeros(dy, stride); // [batch, outHeight * stride, outWidth * stride, channel]
  const kernelTaps: tf.Tensor1D[] = [];
  let dx: tf.Tensor4D | undefined;
  for (let row = 0; row < kernelHeight; row++) {
    for (let column = 0; column < kernelWidth; column++) {
      kernelTaps.push(
        tf.tidy(() => tf.sum(tf.mul(inputUnderTap(x, dy, row, column, stride), dy), [0, 1, 2]) as tf.Tensor1D), // [channel]
      );
      const before = dx;
      dx = tf.tidy(() => {
        const tap = tf.reshape(tf.slice4d(w, [row, column, 0, 0], [1, 1, 1, channels]), [channels]);
        const contribution = placeAt(tf.mul(spreadDy, tap) as tf.Tensor4D, row, column, height, width);
        return before ? tf.add(before, contribution) : contribution;
      });
      before?.dispose();
    }
  }
  return [dx as tf.Tensor4D, tf.reshape(tf.stack(kernelTaps), w.shape)];
}

/** The input values that one kernel tap meets, at every output position: [batch, outHeight, outWidth, channel]. */
export function inputUnderTap(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  row: number,
  column: number,
  stride: number,
): tf.Tensor4D {
  const [batch, , , channels] = x.shape;
  const [, outHeight, outWidth] = dy.shape;
  if (stride === 1) return tf.slice4d(x, [0, row, column, 0], [batch, outHeight, outWidth, channels]);
  return tf.stridedSlice(
    x,
    [0, row, column, 0],
    [batch, row + (outHeight - 1) * stride + 1, column + (outWidth - 1) * stride + 1, channels],
    [1, stride, stride, 1],
  ) as tf.Tensor4D;
}

/** stride - 1 zeros after every row and column. */
export function insertZeros(dy: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return dy;
  const [batch, height, width, channels] = dy.shape;
  const wide = tf.pad(tf.reshape(dy, [batch * height * width, 1, channels]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]); // [batch * height * width, stride, channel]
  const tall = tf.pad(tf.reshape(wide, [batch * height, 1, width * stride * channels]), [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ]); // [batch * height, stride, width * stride * channel]
  return tf.reshape(tall, [batch, height * stride, width * stride, channels]);
}

/** The gradient of one tap moved to where the tap read, cut or filled up to the input's size. */
export function placeAt(spread: tf.Tensor4D, row: number, column: number, height: number, width: number): tf.Tensor4D {
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
