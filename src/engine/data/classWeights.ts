// How much a picture of each class counts in the loss, so that rare classes weigh as much as common ones.

/**
 * count / (classes * count of the class): scikit-learn's "balanced". The mean over all pictures is 1, so that learning
 * rates keep their meaning. A class without pictures weighs 0 and is not counted.
 * @param counts training pictures of each class.
 */
export function balancedClassWeights(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const classCount = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count === 0 ? 0 : total / (classCount * count)));
}
