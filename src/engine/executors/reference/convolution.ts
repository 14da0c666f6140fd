// Convolution with a gradient made of ops that every tfjs backend has. tfjs-wasm has neither Conv2DBackpropFilter nor the
// depthwise gradients. What comes back to the pictures is a convolution itself; the kernel's gradient is taken tap by tap (taps.ts).

import type { ConvolutionNode } from '../../graph/graph.ts';
import { resolvePadding } from '../../graph/shapes.ts';
import * as tf from '../../tf.ts';
import { createTapReader, sumOverPositions } from './taps.ts';

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
          denseInputGradient(x, dy as tf.Tensor4D, w, stride),
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
        return tf.tidy(() => [
          depthwiseInputGradient(x, dy as tf.Tensor4D, w, stride),
          depthwiseKernelGradient(x, dy as tf.Tensor4D, w.shape, stride),
        ]);
      },
    };
  })(images, kernel) as tf.Tensor4D;

/** A convolution of dy, as XNNPACK has it: tfjs-wasm's own Conv2DBackpropInput is a plain loop, many times slower. */
function denseInputGradient(x: tf.Tensor4D, dy: tf.Tensor4D, w: tf.Tensor4D, stride: number): tf.Tensor4D {
  const turned = tf.transpose(tf.reverse(w, [0, 1]), [0, 1, 3, 2]); // [height, width, out, in]
  return tf.conv2d(surroundWithZeros(x, dy, w, stride), turned, 1, 'valid');
}

function depthwiseInputGradient(x: tf.Tensor4D, dy: tf.Tensor4D, w: tf.Tensor4D, stride: number): tf.Tensor4D {
  const turned = toDepthwiseKernel(tf.reverse(w, [0, 1]));
  return tf.depthwiseConv2d(surroundWithZeros(x, dy, w, stride), turned, 1, 'valid');
}

/**
 * dy with zeros between its values for the stride, and around them so that the kernel, turned by half a circle, gives one value for
 * each place of x: dx[y] = sum over r of dy[(y - r) / stride] w[r].
 * @returns [batch, height + kernelHeight - 1, width + kernelWidth - 1, out]
 */
function surroundWithZeros(x: tf.Tensor4D, dy: tf.Tensor4D, w: tf.Tensor4D, stride: number): tf.Tensor4D {
  const [, height, width] = x.shape;
  const [kernelHeight, kernelWidth] = w.shape;
  const spread = insertZeros(dy, stride); // [batch, outHeight * stride, outWidth * stride, out]
  const [batch, spreadHeight, spreadWidth, channels] = spread.shape;
  const [keptHeight, keptWidth] = [Math.min(spreadHeight, height), Math.min(spreadWidth, width)];
  // Where the stride is longer than the kernel, the last zeros lie beyond x.
  const kept = tf.slice4d(spread, [0, 0, 0, 0], [batch, keptHeight, keptWidth, channels]);
  return tf.pad4d(kept, [
    [0, 0],
    [kernelHeight - 1, height - keptHeight],
    [kernelWidth - 1, width - keptWidth],
    [0, 0],
  ]);
}

/** dw[tap] = (input under the tap)^T . dy, summed over batch and positions. */
function denseKernelGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  kernelShape: tf.Tensor4D['shape'],
  stride: number,
): tf.Tensor4D {
  const [kernelHeight, kernelWidth, inChannels, outChannels] = kernelShape;
  const { flatDy, readTap } = createTapReader(x, dy, kernelHeight, kernelWidth, stride);
  // Turned over beforehand, and dy because it is the same for every tap: tfjs-wasm multiplies transposed operands with a slow loop,
  // plain ones with XNNPACK.
  const turnedDy = tf.transpose(flatDy); // [out, position]
  const taps = mapTaps(kernelHeight, kernelWidth, (row, column) => tf.matMul(turnedDy, readTap(row, column))); // [out, in]
  return tf.transpose(tf.reshape(tf.stack(taps), [kernelHeight, kernelWidth, outChannels, inChannels]), [0, 1, 3, 2]);
}

/** dw[tap] = input under the tap times dy, summed over batch and positions. */
function depthwiseKernelGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  kernelShape: tf.Tensor4D['shape'],
  stride: number,
): tf.Tensor4D {
  const [kernelHeight, kernelWidth] = kernelShape;
  const { flatDy, readTap } = createTapReader(x, dy, kernelHeight, kernelWidth, stride);
  const taps = mapTaps(
    kernelHeight,
    kernelWidth,
    (row, column) => sumOverPositions(tf.mul(readTap(row, column), flatDy)), // [channel]
  );
  return tf.reshape(tf.stack(taps), kernelShape);
}

/** In row-major order. */
function mapTaps<Result extends tf.Tensor>(
  kernelHeight: number,
  kernelWidth: number,
  make: (row: number, column: number) => Result,
): Result[] {
  return Array.from({ length: kernelHeight * kernelWidth }, (_, tap) =>
    tf.tidy(() => make(Math.floor(tap / kernelWidth), tap % kernelWidth)),
  );
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
