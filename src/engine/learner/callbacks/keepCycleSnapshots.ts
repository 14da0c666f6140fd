// Keeps the parameters at the end of each cycle, for an ensemble (LESSON sections 2.3 and 8). The original saved before a
// cycle's last batch had trained; here it is saved after it.

import type { Network } from '../../executors/executor.ts';
import type { ParameterValues } from '../../graph/graph.ts';
import type { Judgement } from '../../metrics/judgeLogits.ts';
import type { Callback } from '../callback.ts';

export interface CycleSnapshot {
  /** 0-based, as the lesson numbers its files. */
  readonly cycle: number;
  /** The cycle's last epoch. */
  readonly epoch: number;
  /** What the validation set said then; null where nothing validates. */
  readonly valid: Judgement | null;
  /** All of the network's, running statistics included. */
  readonly parameters: ParameterValues;
}

export interface SnapshotKeeper extends Callback {
  snapshots(): readonly CycleSnapshot[];
}

/**
 * A cycle that a stop cut short leaves no snapshot.
 * Throws RangeError at the start of a fit whose epochs do not end where the cycles do.
 * @param cycleEnds of the schedule that the fit follows.
 */
export function keepCycleSnapshots(network: Network, cycleEnds: readonly number[]): SnapshotKeeper {
  const snapshots: CycleSnapshot[] = [];
  return {
    snapshots: () => snapshots,
    fitStarted({ batchesPerEpoch }) {
      const between = cycleEnds.find((end) => end % batchesPerEpoch !== 0);
      if (between === undefined) return;
      throw new RangeError(`A cycle ends after batch ${between}, inside an epoch of ${batchesPerEpoch} batches.`);
    },
    async epochEnded({ batch, epoch, valid }) {
      const cycle = cycleEnds.indexOf(batch + 1);
      if (cycle === -1) return;
      snapshots.push({
        cycle,
        epoch,
        valid: valid && { loss: valid.loss, score: valid.score },
        parameters: await network.readParameters(),
      });
    },
  };
}
