// Keeps the parameters of the last epoch that ended with a loss that is a number.

import type { Network } from '../../executors/executor.ts';
import type { ParameterValues } from '../../graph/graph.ts';
import type { Callback } from '../callback.ts';

export interface LastGoodKeeper extends Callback {
  /** Null until an epoch ended well. */
  lastGood(): ParameterValues | null;
}

/** @param isKept by the names of parameters; those that do not change need not be kept */
export function keepLastGood(network: Network, isKept: (name: string) => boolean): LastGoodKeeper {
  let lastGood: ParameterValues | null = null;
  return {
    memory: {
      name: 'keepLastGood',
      save: () => ({ facts: null, sets: lastGood ? { lastGood } : {} }),
      load({ sets }) {
        // As `save` wrote it.
        lastGood = (sets.lastGood as ParameterValues | undefined) ?? null;
      },
    },
    lastGood: () => lastGood,
    async epochEnded({ valid, smoothedLoss }) {
      if (!Number.isFinite(valid ? valid.loss : smoothedLoss)) return;
      lastGood = new Map([...(await network.readParameters())].filter(([name]) => isKept(name)));
    },
  };
}
