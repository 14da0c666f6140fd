// Labels with what each item counts, as the weighted loss kernel reads them: one buffer, one write.

/**
 * [2, batchSize] words: the class of each item, then its share of the loss, w / sum(w) by the weights w of the items' classes,
 * as the bits of a float32. The shares of a batch add up to 1; what is beyond the items is 0.
 * @param labels class index of each item, at most `batchSize`; @param classWeights [class]
 */
export function encodeWeightedLabels(
  labels: ArrayLike<number>,
  classWeights: Float32Array,
  batchSize: number,
): Int32Array<ArrayBuffer> {
  const words = new Int32Array(2 * batchSize);
  words.set(labels);
  const weights = Array.from(labels, (label) => classWeights[label] as number);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  new Float32Array(words.buffer).set(
    weights.map((weight) => weight / total),
    batchSize,
  );
  return words;
}
