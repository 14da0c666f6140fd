// Batch normalisation with its gradients in closed form: tfjs would derive them op by op, and keep a map of the input's size for each.

import * as tf from '../../tf.ts';
import { sumOverPositions } from './taps.ts';

export interface NormalisedBatch {
  readonly value: tf.Tensor;
  /** [channel] of the batch, kept for the caller to dispose; the variance is the biased one, which normalises. */
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/**
 * value = scale (x - mean) / sqrt(variance + epsilon) + shift, differentiable in x, scale and shift (Ioffe & Szegedy 2015, Algorithm 1
 * and the gradients behind it).
 * @param x [..., channel]; @param scale [channel]; @param shift [channel]
 */
export function normaliseBatch(x: tf.Tensor, scale: tf.Tensor1D, shift: tf.Tensor1D, epsilon: number): NormalisedBatch {
  const count = x.size / scale.size;
  let statistics: { readonly mean: tf.Tensor1D; readonly variance: tf.Tensor1D } | undefined;
  const value = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    // customGrad calls back with the tensors it was given and then its save function.
    const [x, scale, shift, save] = args as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const mean = tf.keep(tf.div(sumOverPositions(x), count) as tf.Tensor1D);
    const centred = tf.sub(x, mean);
    const variance = tf.keep(tf.div(sumOverPositions(tf.square(centred)), count) as tf.Tensor1D);
    statistics = { mean, variance };
    const inverse = tf.rsqrt(tf.add(variance, epsilon)); // [channel]
    // A clone, because the caller may dispose the other one before the backward pass.
    save([x, tf.clone(mean), inverse, scale]);
    return {
      value: tf.add(tf.mul(centred, tf.mul(scale, inverse)), shift),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() => {
          const [x, mean, inverse, scale] = saved as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
          const centred = tf.sub(x, mean);
          const shiftGradient = sumOverPositions(dy);
          const scaleGradient = tf.mul(sumOverPositions(tf.mul(dy, centred)), inverse); // [channel]
          const factor = tf.mul(scale, inverse);
          // dx = factor (dy - mean of dy - normalised x * mean of dy times normalised x)
          const along = tf.mul(centred, tf.mul(tf.div(scaleGradient, count), inverse));
          const dx = tf.mul(tf.sub(tf.sub(dy, along), tf.div(shiftGradient, count)), factor);
          return [dx, scaleGradient, shiftGradient];
        }),
    };
  })(x, scale, shift);
  return { value, ...(statistics as NonNullable<typeof statistics>) };
}

/** factor (x - mean) + shift, in plain ops. @param factor [channel] scale / sqrt(variance + epsilon) */
export function scaleAndShift(x: tf.Tensor, factor: tf.Tensor, shift: tf.Tensor, mean: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(x, factor), tf.sub(shift, tf.mul(mean, factor)));
}

/**
 * As normaliseBatch, by statistics that are given and that no item of the batch moves, so that only the scale stands between the gradients.
 * @param inverse [channel] 1 / sqrt(variance + epsilon)
 */
export function normaliseByRunning(
  x: tf.Tensor,
  scale: tf.Tensor1D,
  shift: tf.Tensor1D,
  mean: tf.Tensor1D,
  inverse: tf.Tensor1D,
): tf.Tensor {
  return tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const [x, scale, shift, save] = args as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const factor = tf.mul(scale, inverse); // [channel]
    save([x, factor, mean, inverse]);
    return {
      value: scaleAndShift(x, factor, shift, mean),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        tf.tidy(() => {
          const [x, factor, mean, inverse] = saved as [tf.Tensor, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
          const shiftGradient = sumOverPositions(dy);
          const scaleGradient = tf.mul(sumOverPositions(tf.mul(dy, tf.sub(x, mean))), inverse); // [channel]
          return [tf.mul(dy, factor), scaleGradient, shiftGradient];
        }),
    };
  })(x, scale, shift);
}
