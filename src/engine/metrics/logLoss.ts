// Log loss of probabilities already made (TTA, ensembles, a saved result); training and validation take theirs from logits.

/**
 * scikit-learn's log_loss clips to eps .. 1 - eps with the eps of the probabilities' type and, since 1.5, does not bring
 * rows back to a sum of 1. Float32's eps: the largest loss of one item is 15.94.
 */
const EPS = 2 ** -23;

/** -log of the true class's probability for each item. @param probabilities [item, class]; @param labels [item]. */
export function itemLogLosses(probabilities: Float32Array, labels: Int32Array): Float64Array {
  const classCount = probabilities.length / labels.length;
  return Float64Array.from(labels, (label, item) => {
    const probability = probabilities[item * classCount + label] as number;
    return -Math.log(Math.min(Math.max(probability, EPS), 1 - EPS));
  });
}

/** Mean over the items; NaN for none. */
export function logLoss(probabilities: Float32Array, labels: Int32Array): number {
  return itemLogLosses(probabilities, labels).reduce((sum, loss) => sum + loss, 0) / labels.length;
}
