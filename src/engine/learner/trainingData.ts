// What a fit learns from: batches for training, shuffled anew each epoch, and a validation set in fixed order.

import { countItems, pickTargets, type Targets } from '../data/targets.ts';
import type { InputBatch, LabelledBatch } from '../executors/executor.ts';
import type { Random } from '../random.ts';

export interface TrainingData {
  readonly itemCount: number;
  readonly batchesPerEpoch: number;
  /** Items in the largest batch: what a network that trains on this is made for. */
  readonly largestBatch: number;
  /** What the items' looks are drawn from, a batch at a time and in their order; none where they always look the same. */
  readonly looks?: Random;
  /**
   * The batches of one epoch; every item once.
   * @param firstItem those before it in the epoch's order are left out, and nothing is drawn for their looks
   */
  epoch(random: Random, firstItem?: number): Iterable<LabelledBatch> | AsyncIterable<LabelledBatch>;
  /** How many batches an epoch still has after so many of its items. */
  batchesAfter(itemCount: number): number;
}

export interface ValidationData {
  readonly targets: Targets;
  /** In fixed order, together as many items as `targets`. */
  batches(): Iterable<InputBatch> | AsyncIterable<InputBatch>;
}

export interface FeatureSet {
  /** [item, feature] */
  readonly features: Float32Array;
  readonly targets: Targets;
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
export function trainOnFeatures({ features, targets, featureCount }: FeatureSet, batchSize: number): TrainingData {
  const itemCount = countItems(targets);
  const sizes = planBatchSizes(itemCount, batchSize);
  return {
    itemCount,
    batchesPerEpoch: sizes.length,
    largestBatch: Math.max(...sizes),
    batchesAfter: (count) => planBatchSizes(itemCount - count, batchSize).length,
    *epoch(random, firstItem = 0) {
      const order = random.shuffle(Array.from({ length: itemCount }, (_, item) => item));
      let start = firstItem;
      for (const size of planBatchSizes(itemCount - firstItem, batchSize)) {
        const items = order.slice(start, start + size);
        start += size;
        const inputs = new Float32Array(size * featureCount);
        items.forEach((item, row) => {
          inputs.set(features.subarray(item * featureCount, (item + 1) * featureCount), row * featureCount);
        });
        yield { count: size, inputs, labels: pickTargets(targets, items).values };
      }
    },
  };
}

/** Cached features as validation data. */
export function validateOnFeatures({ features, targets, featureCount }: FeatureSet, batchSize: number): ValidationData {
  const itemCount = countItems(targets);
  return {
    targets,
    *batches() {
      for (let start = 0; start < itemCount; start += batchSize) {
        const count = Math.min(batchSize, itemCount - start);
        yield { count, inputs: features.subarray(start * featureCount, (start + count) * featureCount) };
      }
    },
  };
}
