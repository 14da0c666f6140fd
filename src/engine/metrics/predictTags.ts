// From probabilities of independent classes to tags: an item has every tag whose probability is above a threshold.

/**
 * Strictly above, as in the lesson. A threshold is rounded to single precision first, as NumPy does beside float32
 * probabilities; else a probability stored as 0.18 would be above a threshold of 0.18.
 * @param probabilities [item, class]; @param thresholds one for all classes, or one for each.
 * @returns 0 or 1 [item, class].
 */
export function predictTags(probabilities: Float32Array, thresholds: number | readonly number[]): Float32Array {
  const limits = Float32Array.from(typeof thresholds === 'number' ? [thresholds] : thresholds);
  return probabilities.map((probability, index) => (probability > (limits[index % limits.length] as number) ? 1 : 0));
}

/** Share of (item, class) pairs whose tag is right: the lesson's accuracy_thresh. Both 0 or 1 [item, class]; NaN for none. */
export function tagAccuracy(predicted: Float32Array, truth: Float32Array): number {
  return predicted.reduce((right, tag, index) => right + (tag === truth[index] ? 1 : 0), 0) / truth.length;
}
