// The 2 x 2 table that precision, recall and F-beta are made of: for a class over the items, or for an item over its tags.

export interface HitCounts {
  /** Predicted and true. */
  readonly truePositives: number;
  /** Predicted, not true. */
  readonly falsePositives: number;
  /** True, not predicted. */
  readonly falseNegatives: number;
  /** Neither. */
  readonly trueNegatives: number;
}

/** A table for each class over all items. @param predicted 0 or 1 [item, class], as @param truth. */
export function countClassHits(predicted: Float32Array, truth: Float32Array, classCount: number): HitCounts[] {
  const itemCount = truth.length / classCount;
  return Array.from({ length: classCount }, (_, classIndex) =>
    countHits(itemCount, (item) => [
      predicted[item * classCount + classIndex] === 1,
      truth[item * classCount + classIndex] === 1,
    ]),
  );
}

/** A table for each item over its tags. @param predicted 0 or 1 [item, class], as @param truth. */
export function countItemHits(predicted: Float32Array, truth: Float32Array, classCount: number): HitCounts[] {
  return Array.from({ length: truth.length / classCount }, (_, item) =>
    countHits(classCount, (classIndex) => [
      predicted[item * classCount + classIndex] === 1,
      truth[item * classCount + classIndex] === 1,
    ]),
  );
}

/** A table for each class of items that have one class each. @param counts [true class][predicted class]. */
export function countConfusionHits(counts: readonly (readonly number[])[]): HitCounts[] {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const total = sum(counts.map(sum));
  return counts.map((row, classIndex) => {
    const truePositives = row[classIndex] as number;
    const falseNegatives = sum(row) - truePositives;
    const falsePositives = sum(counts.map((other) => other[classIndex] as number)) - truePositives;
    return {
      truePositives,
      falsePositives,
      falseNegatives,
      trueNegatives: total - truePositives - falsePositives - falseNegatives,
    };
  });
}

function countHits(pairCount: number, pairAt: (index: number) => [isPredicted: boolean, isTrue: boolean]): HitCounts {
  const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
  for (let index = 0; index < pairCount; index++) {
    const [isPredicted, isTrue] = pairAt(index);
    if (isPredicted) counts[isTrue ? 'truePositives' : 'falsePositives'] += 1;
    else counts[isTrue ? 'falseNegatives' : 'trueNegatives'] += 1;
  }
  return counts;
}
