// Stochastic weight averaging (Izmailov et al. 2018, arXiv 1803.05407; LESSON section 2.7): the mean of what is learned over
// the ends of epochs. Running statistics do not average: recomputeBatchNorms makes them anew for the averaged weights.

import type { Network } from '../../executors/executor.ts';
import type { ParameterValues } from '../../graph/graph.ts';
import type { Callback, NumberSet } from '../callback.ts';

export interface WeightAverager extends Callback {
  readonly epochCount: number;
  /** Of the parameters that a gradient reaches, frozen ones included; null until an epoch counted. */
  average(): ParameterValues | null;
}

/** @param firstEpoch 0-based; the lesson's swa_start counts from 1. */
export function averageWeights(network: Network, firstEpoch = 0): WeightAverager {
  // Float64 sums, divided only when they are asked for: a weight that never changed averages to itself, bit by bit.
  const sums = new Map<string, Float64Array>();
  let epochCount = 0;
  /** Of the sums as they are; made when it is asked for. */
  let copy: NumberSet | null = null;
  return {
    memory: {
      name: 'averageWeights',
      save() {
        copy ??= new Map([...sums].map(([name, sum]) => [name, sum.slice()]));
        return { facts: epochCount, sets: { sums: copy } };
      },
      load({ facts, sets }) {
        // As `save` wrote it.
        epochCount = facts as number;
        sums.clear();
        for (const [name, sum] of sets.sums ?? []) sums.set(name, Float64Array.from(sum));
        copy = null;
      },
    },
    get epochCount() {
      return epochCount;
    },
    average() {
      if (epochCount === 0) return null;
      return new Map([...sums].map(([name, sum]) => [name, Float32Array.from(sum, (value) => value / epochCount)]));
    },
    async epochEnded({ epoch }) {
      if (epoch < firstEpoch) return;
      const values = await network.readParameters();
      for (const { name, isLearned } of network.graph.parameters) {
        if (isLearned) addTo(sums, name, values.get(name) as Float32Array);
      }
      epochCount += 1;
      copy = null;
    },
  };
}

function addTo(sums: Map<string, Float64Array>, name: string, values: Float32Array): void {
  const sum = sums.get(name) ?? new Float64Array(values.length);
  for (const [index, value] of values.entries()) sum[index] = (sum[index] as number) + value;
  sums.set(name, sum);
}
