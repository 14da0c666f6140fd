// Keeps the end of each cycle: its parameters, to go on from or to save, and what the network says of the validation set then, for
// an ensemble (LESSON sections 2.3 and 8). The original saved before a cycle's last batch had trained; here it is saved after it.

import type { Network } from '../../executors/executor.ts';
import type { ParameterValues } from '../../graph/graph.ts';
import type { Callback } from '../callback.ts';

export interface CycleSnapshot {
  /** 0-based, as the lesson numbers its files. */
  readonly cycle: number;
  /** The cycle's last epoch. */
  readonly epoch: number;
  /** Of the validation set in its order: [item, class]; null where nothing validates. */
  readonly logits: Float32Array | null;
  /** Running statistics included; null where they were let go for the budget. */
  readonly parameters: ParameterValues | null;
}

export interface SnapshotKeeper extends Callback {
  /** Oldest first. */
  snapshots(): readonly CycleSnapshot[];
}

export interface SnapshotOptions {
  /** Of the schedule that the fit follows. */
  readonly cycleEnds: readonly number[];
  /** Names of the parameters that change; the others are where they came from. */
  readonly isKept?: (name: string) => boolean;
  /** For parameters and logits together. Beyond it the oldest parameters go first, and only then the oldest logits. */
  readonly budgetBytes?: number;
}

/**
 * A cycle that a stop cut short leaves no snapshot. The newest snapshot stays whatever the budget. Throws RangeError at the start of a fit whose epochs do not end where the
 * cycles do.
 */
export function keepCycleSnapshots(
  network: Network,
  { cycleEnds, isKept = () => true, budgetBytes = Number.POSITIVE_INFINITY }: SnapshotOptions,
): SnapshotKeeper {
  let snapshots: readonly CycleSnapshot[] = [];
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
      const values = await network.readParameters();
      const parameters = new Map([...values].filter(([name]) => isKept(name)));
      snapshots = fitBudget([...snapshots, { cycle, epoch, logits: valid?.logits ?? null, parameters }], budgetBytes);
    },
  };
}

export function sizeOfSnapshots(snapshots: readonly CycleSnapshot[]): number {
  return snapshots.reduce(
    (sum, { logits, parameters }) =>
      sum + [logits, ...(parameters?.values() ?? [])].reduce((bytes, values) => bytes + (values?.byteLength ?? 0), 0),
    0,
  );
}

function fitBudget(snapshots: readonly CycleSnapshot[], budgetBytes: number): readonly CycleSnapshot[] {
  const older = snapshots.slice(0, -1);
  if (older.length === 0 || sizeOfSnapshots(snapshots) <= budgetBytes) return snapshots;
  const oldest = older.find(({ parameters }) => parameters !== null);
  const less = oldest
    ? snapshots.map((snapshot) => (snapshot === oldest ? { ...snapshot, parameters: null } : snapshot))
    : snapshots.slice(1);
  return fitBudget(less, budgetBytes);
}
