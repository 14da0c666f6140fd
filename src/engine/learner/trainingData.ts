// What a fit learns from: batches for training, shuffled anew each epoch, and a validation set in fixed order.

import type { InputBatch, LabelledBatch } from '../executors/executor.ts';
import type { Random } from '../random.ts';

export interface TrainingData {
  readonly itemCount: number;
  readonly batchesPerEpoch: number;
  /** Items in the largest batch: what a network that trains on this is made for. */
  readonly largestBatch: number;
  /** The batches of one epoch; every item once. */
  epoch(random: Random): Iterable<LabelledBatch> | AsyncIterable<LabelledBatch>;
}

export interface ValidationData {
  readonly labels: Int32Array;
  /** In fixed order, together as long as `labels`. */
  batches(): Iterable<InputBatch> | AsyncIterable<InputBatch>;
}

export interface FeatureSet {
  /** [item, feature] */
  readonly features: Float32Array;
  readonly labels: Int32Array;
  readonly featureCount: number;
}

/**
 * Sizes of the batches of one epoch. A last batch of one joins the batch before it: batch norm cannot learn from a single
 * item, and dropping it would lose a picture.
 */
export function planBatchSizes(itemCount: number, batchSize: number): number[] {
  const sizes: number[] = [];
  for (let left = itemCount; left > 0; left -= batchSize) sizes.push(Math.min(left, batchSize));
  if (sizes.length > 1 && sizes.at(-1) === 1) {
    sizes.pop();
    sizes[sizes.length - 1] = (sizes.at(-1) as number) + 1;
  }
  return sizes;
}

/** Cached features as training data: a new order every epoch. */
export function trainOnFeatures({ features, labels, featureCount }: FeatureSet, batchSize: number): TrainingData {
  const sizes = planBatchSizes(labels.length, batchSize);
  return {
    itemCount: labels.length,
    batchesPerEpoch: sizes.length,
    largestBatch: Math.max(...sizes),
    *epoch(random) {
      const order = random.shuffle(Array.from(labels.keys()));
      let start = 0;
      for (const size of sizes) {
        const items = order.slice(start, start + size);
        start += size;
        const inputs = new Float32Array(size * featureCount);
        items.forEach((item, row) => {
          inputs.set(features.subarray(item * featureCount, (item + 1) * featureCount), row * featureCount);
        });
        yield { count: size, inputs, labels: Int32Array.from(items, (item) => labels[item] as number) };
      }
    },
  };
}

/** Cached features as validation data. */
export function validateOnFeatures({ features, labels, featureCount }: FeatureSet, batchSize: number): ValidationData {
  return {
    labels,
    *batches() {
      for (let start = 0; start < labels.length; start += batchSize) {
        const count = Math.min(batchSize, labels.length - start);
        yield { count, inputs: features.subarray(start * featureCount, (start + count) * featureCount) };
      }
    },
  };
}
