// Losses of a batch and how many answers are right, as tfjs ops on logits.

import * as tf from '../../tf.ts';
import type { LossKind } from '../executor.ts';

export interface BatchOutcome {
  /** Differentiable in the logits. */
  readonly loss: tf.Scalar;
  readonly correctCount: tf.Scalar;
}

/**
 * @param logits [batch, class]; @param labels class indices [batch], or 0 and 1 [batch, class], as the loss wants them;
 * @param classWeights [class], for cross-entropy; undefined where all items count alike.
 */
export function measureBatch(
  kind: LossKind,
  logits: tf.Tensor2D,
  labels: Int32Array | Float32Array,
  classWeights?: Float32Array,
): BatchOutcome {
  return kind === 'crossEntropy' ? measureClasses(logits, labels, classWeights) : measurePairs(logits, labels);
}

/** Mean over the batch of -log softmax at the true class, weighted by the true classes' weights. */
function measureClasses(
  logits: tf.Tensor2D,
  labels: Int32Array | Float32Array,
  classWeights: Float32Array | undefined,
): BatchOutcome {
  const classes = tf.tensor1d(labels, 'int32');
  const truth = tf.oneHot(classes, logits.shape[1]); // [batch, class]
  const losses = tf.neg(tf.sum(tf.mul(truth, tf.logSoftmax(logits)), 1)); // [batch]
  return {
    loss: classWeights ? weightedMean(losses, tf.gather(tf.tensor1d(classWeights), classes)) : tf.mean(losses),
    correctCount: countTrue(tf.equal(tf.argMax(logits, 1), classes)),
  };
}

/** Mean over batch and classes of the sigmoid's cross-entropy; a pair is right when its logit is on its label's side of 0. */
function measurePairs(logits: tf.Tensor2D, labels: Int32Array | Float32Array): BatchOutcome {
  const truth = tf.tensor2d(labels, logits.shape, 'float32');
  return {
    loss: tf.mean(sigmoidCrossEntropy(logits, truth)),
    correctCount: countTrue(tf.equal(tf.greater(logits, 0), tf.greater(truth, 0.5))),
  };
}

/**
 * max(z, 0) - z * t + log(1 + exp(-|z|)), which equals -t * log(p) - (1 - t) * log(1 - p) for p = sigmoid(z) and overflows for
 * no z. Its gradient is p - t, written down because the one of the pieces jumps at 0.
 */
const sigmoidCrossEntropy = (logits: tf.Tensor2D, truth: tf.Tensor2D): tf.Tensor =>
  tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
    // customGrad calls back with the tensor it was given and then its save function.
    const [z, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([z, truth]);
    return {
      value: tf.add(tf.sub(tf.relu(z), tf.mul(z, truth)), tf.log1p(tf.exp(tf.neg(tf.abs(z))))),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [z, truth] = saved as [tf.Tensor, tf.Tensor];
        return tf.mul(dy, tf.sub(tf.sigmoid(z), truth));
      },
    };
  })(logits);

function weightedMean(values: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  return tf.div(tf.sum(tf.mul(values, weights)), tf.sum(weights));
}

function countTrue(answers: tf.Tensor): tf.Scalar {
  return tf.sum(tf.cast(answers, 'float32'));
}
