// Keeps the parameters of the best epoch so far (LESSON section 2.3).

import type { Network } from '../../executors/executor.ts';
import type { ParameterValues } from '../../graph/graph.ts';
import type { Callback, EpochView } from '../callback.ts';

export interface BestEpoch {
  readonly epoch: number;
  readonly validLoss: number;
  readonly accuracy: number;
  /** All of the network's, running statistics included. */
  readonly parameters: ParameterValues;
}

export interface BestEpochKeeper extends Callback {
  /** Null until an epoch has ended with a loss that is a number. */
  best(): BestEpoch | null;
}

/**
 * By accuracy, the highest wins, and of equals the one with the lower validation loss; by validation loss, the lowest. An
 * epoch that is no better than the best one before it is not kept, nor is one whose loss is no number.
 */
export function keepBestEpoch(network: Network, by: 'accuracy' | 'validLoss' = 'accuracy'): BestEpochKeeper {
  let best: BestEpoch | null = null;
  const isBetter = by === 'accuracy' ? isMoreAccurate : isLower;
  return {
    best: () => best,
    async epochEnded(view) {
      const { epoch, validLoss, accuracy } = view;
      if (Number.isNaN(validLoss) || (best && !isBetter(view, best))) return;
      best = { epoch, validLoss, accuracy, parameters: await network.readParameters() };
    },
  };
}

type Score = Pick<EpochView, 'validLoss' | 'accuracy'>;

function isLower(now: Score, best: Score): boolean {
  return now.validLoss < best.validLoss;
}

function isMoreAccurate(now: Score, best: Score): boolean {
  return now.accuracy > best.accuracy || (now.accuracy === best.accuracy && isLower(now, best));
}
