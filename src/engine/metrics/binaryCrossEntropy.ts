// Binary cross-entropy of probabilities already made; training takes its loss from the executor, which works on logits.

/** PyTorch's BCELoss keeps its logarithms at or above -100, so that a certain mistake costs 100 and not infinity. */
const SMALLEST_LOG = -100;

/**
 * Mean over the classes for each item.
 * @param probabilities [item, class] of independent classes; @param truth 0 or 1 [item, class].
 */
export function itemBinaryCrossEntropies(
  probabilities: Float32Array,
  truth: Float32Array,
  classCount: number,
): Float64Array {
  const losses = new Float64Array(probabilities.length / classCount);
  probabilities.forEach((probability, index) => {
    const probabilityOfTruth = truth[index] === 1 ? probability : 1 - probability;
    const item = Math.floor(index / classCount);
    losses[item] = (losses[item] as number) - Math.max(Math.log(probabilityOfTruth), SMALLEST_LOG) / classCount;
  });
  return losses;
}

/** Mean over all items and classes (LESSON section 3); NaN for none. */
export function binaryCrossEntropy(probabilities: Float32Array, truth: Float32Array): number {
  const [loss = Number.NaN] = itemBinaryCrossEntropies(probabilities, truth, probabilities.length);
  return loss;
}
