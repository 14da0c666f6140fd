// Keeps the parameters of the best epoch so far (LESSON section 2.3).

import type { Network } from '../../executors/executor.ts';
import type { ParameterValues } from '../../graph/graph.ts';
import type { Judgement } from '../../metrics/judgeLogits.ts';
import type { Callback } from '../callback.ts';

export interface BestEpoch {
  readonly epoch: number;
  readonly loss: number;
  readonly score: number;
  /** All of the network's, running statistics included. */
  readonly parameters: ParameterValues;
}

export interface BestEpochKeeper extends Callback {
  /** Null until an epoch has ended with a loss that is a number. */
  best(): BestEpoch | null;
}

/**
 * By score, the highest wins, and of equals the one with the lower validation loss; by validation loss, the lowest. An epoch
 * that is no better than the best one before it is not kept, nor is one whose loss is no number or that nothing validates.
 */
export function keepBestEpoch(network: Network, by: 'score' | 'loss' = 'score'): BestEpochKeeper {
  let best: BestEpoch | null = null;
  const isBetter = by === 'score' ? isHigher : isLower;
  return {
    memory: {
      name: 'keepBestEpoch',
      save() {
        if (!best) return { facts: null, sets: {} };
        const { parameters, ...facts } = best;
        return { facts, sets: { parameters } };
      },
      load({ facts, sets }) {
        // As `save` wrote them.
        const saved = facts as Omit<BestEpoch, 'parameters'> | null;
        best = saved && { ...saved, parameters: sets.parameters as ParameterValues };
      },
    },
    best: () => best,
    async epochEnded({ epoch, valid }) {
      if (!valid || Number.isNaN(valid.loss) || (best && !isBetter(valid, best))) return;
      best = { epoch, loss: valid.loss, score: valid.score, parameters: await network.readParameters() };
    },
  };
}

function isLower(now: Judgement, best: Judgement): boolean {
  return now.loss < best.loss;
}

function isHigher(now: Judgement, best: Judgement): boolean {
  return now.score > best.score || (now.score === best.score && isLower(now, best));
}
