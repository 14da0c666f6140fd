// Running statistics for weights that no step has produced, averaged ones above all (LESSON section 2.7): one pass over the
// training data that learns nothing, and each batch norm's exact mean over its batches instead of a moving average.

import type { CancelSignal } from '../../protocol/commands.ts';
import type { LabelledBatch } from '../executors/executor.ts';
import type { BatchNormNode } from '../graph/graph.ts';
import type { Random } from '../random.ts';
import { fit, type Learner } from './learner.ts';
import type { TrainingData } from './trainingData.ts';

export interface RecomputeOptions {
  readonly train: TrainingData;
  readonly shuffleRandom: Random;
  readonly dropoutRandom: Random;
  readonly signal: CancelSignal;
}

/**
 * Each statistic becomes the mean of the batches' own, weighted by their items. Batch norms that are frozen keep theirs, a
 * network that keeps its statistics keeps all, and every weight stays as it is; the optimizer's buffers are forgotten. Every
 * batch costs a training step and a reading of the parameters.
 * @returns false when it was stopped, or when the network gave numbers that are none. Then, and after an error, the
 * statistics are what they were.
 */
export async function recomputeBatchNorms(learner: Learner, options: RecomputeOptions): Promise<boolean> {
  const { network } = learner;
  const statistics = findStatistics(learner);
  if (statistics.length === 0) return true;
  const before = await network.readParameters();
  const zeros = new Map(statistics.map(({ name }) => [name, new Float32Array(sizeIn(before, name))]));
  const sums = new Map(statistics.map(({ name }) => [name, new Float64Array(sizeIn(before, name))]));
  let itemCount = 0;
  let isDone = false;
  try {
    for await (const batch of options.train.epoch(options.shuffleRandom)) {
      // running = (1 - momentum) * 0 + momentum * batch: a step from 0 leaves the batch's own statistic times the momentum.
      network.writeParameters(zeros);
      const { stopReason } = await fit(makeStill(learner), { ...options, ...onlyBatch(batch), callbacks: [] });
      if (stopReason !== null) return false;
      const after = await network.readParameters();
      for (const { name, momentum } of statistics) {
        const sum = sums.get(name) as Float64Array;
        for (const [channel, value] of (after.get(name) as Float32Array).entries()) {
          sum[channel] = (sum[channel] as number) + (batch.count * value) / momentum;
        }
      }
      itemCount += batch.count;
    }
    network.writeParameters(
      new Map([...sums].map(([name, sum]) => [name, Float32Array.from(sum, (value) => value / itemCount)])),
    );
    isDone = true;
  } finally {
    if (!isDone) network.writeParameters(before);
  }
  return true;
}

/** Running statistics that training moves: those of the batch norms that learn. */
function findStatistics({ network, groups }: Learner): { name: string; momentum: number }[] {
  if (network.keepsStatistics) return [];
  const learned = new Set(groups.flatMap(({ names }) => names));
  return network.graph.nodes
    .filter((node): node is BatchNormNode => node.op === 'batchNorm' && learned.has(`${node.name}.weight`))
    .flatMap(({ name, momentum }) =>
      ['running_mean', 'running_var'].map((kind) => ({ name: `${name}.${kind}`, momentum })),
    );
}

function sizeIn(values: ReadonlyMap<string, Float32Array>, name: string): number {
  return (values.get(name) as Float32Array).length;
}

/** The learner with its rates at 0: its steps move statistics and nothing else. */
function makeStill(learner: Learner): Learner {
  return { ...learner, groups: learner.groups.map((group) => ({ ...group, learningRate: 0 })) };
}

function onlyBatch(batch: LabelledBatch) {
  const train: TrainingData = {
    itemCount: batch.count,
    batchesPerEpoch: 1,
    largestBatch: batch.count,
    batchesAfter: (itemCount) => (itemCount < batch.count ? 1 : 0),
    epoch: () => [batch],
  };
  return { train, valid: null, epochCount: 1 };
}
