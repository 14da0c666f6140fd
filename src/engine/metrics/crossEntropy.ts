// Softmax and cross-entropy on plain arrays, for validation and results; training takes its loss from the executor.

/** Probabilities of each row of logits [count, classCount], shifted by the row's maximum so that nothing overflows. */
export function softmaxRows(logits: Float32Array, classCount: number): Float32Array {
  const probabilities = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += classCount) {
    const row = logits.subarray(start, start + classCount);
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let sum = 0;
    row.forEach((logit, column) => {
      const power = Math.exp(logit - largest);
      probabilities[start + column] = power;
      sum += power;
    });
    for (let column = 0; column < classCount; column++) {
      probabilities[start + column] = (probabilities[start + column] as number) / sum;
    }
  }
  return probabilities;
}

/** Mean of -log softmax at the true class over all rows of logits [count, classCount]. */
export function meanCrossEntropy(logits: Float32Array, labels: Int32Array, classCount: number): number {
  let total = 0;
  labels.forEach((label, row) => {
    const values = logits.subarray(row * classCount, (row + 1) * classCount);
    const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const logSum = Math.log(values.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
    total += logSum + largest - (values[label] as number);
  });
  return total / labels.length;
}
