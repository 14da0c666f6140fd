// Steps of stock tfjs, as its users write them: a tf.layers model, an optimizer's minimize over its variables. Backend-free, so
// that a test in Node can hold a step against the reference executor.

import * as tf from '../engine/tf.ts';
import { type StockModel, trainableVariables } from './stockLayers.ts';

/**
 * One step of cross-entropy in training mode.
 * @param images [batch, ...inputShape]; @param oneHot [batch, class]
 * @returns the loss, a scalar that the caller disposes.
 */
export function trainStockStep(
  stock: StockModel,
  optimizer: tf.Optimizer,
  images: tf.Tensor,
  oneHot: tf.Tensor,
): tf.Scalar {
  const computeLoss = () => {
    // Tensors in, tensor out: symbolic ones come out only where symbolic ones go in.
    const logits = stock.model.apply(images, { training: true }) as tf.Tensor; // [batch, class]
    return tf.losses.softmaxCrossEntropy(oneHot, logits) as tf.Scalar;
  };
  return optimizer.minimize(computeLoss, true, trainableVariables(stock)) as tf.Scalar;
}
