// Keeps the parameters at the end of each cycle, for an ensemble (LESSON sections 2.3 and 8). The original saved before a
// cycle's last batch had trained; here it is saved after it.

import type { Network } from '../../executors/executor.ts';
import type { ParameterValues } from '../../graph/graph.ts';
import type { Callback } from '../callback.ts';

export interface CycleSnapshot {
  /** 0-based, as the lesson numbers its files. */
  readonly cycle: number;
  /** The cycle's last epoch. */
  readonly epoch: number;
  readonly validLoss: number;
  readonly accuracy: number;
  /** All of the network's, running statistics included. */
  readonly parameters: ParameterValues;
}

export interface SnapshotKeeper extends Callback {
  snapshots(): readonly CycleSnapshot[];
}

/**
 * A cycle that a stop cut short leaves no snapshot, and neither does a fit without validation, whose epochs are not told.
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
    async epochEnded({ batch, epoch, validLoss, accuracy }) {
      const cycle = cycleEnds.indexOf(batch + 1);
      if (cycle === -1) return;
      snapshots.push({ cycle, epoch, validLoss, accuracy, parameters: await network.readParameters() });
    },
  };
}
