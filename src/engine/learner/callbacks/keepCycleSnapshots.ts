// Keeps the end of each cycle: its parameters, to go on from or to save, and what the network says of the validation set then, for
// an ensemble (LESSON sections 2.3 and 8). The original saved before a cycle's last batch had trained; here it is saved after it.

import type { Network } from '../../executors/executor.ts';
import type { ParameterValues } from '../../graph/graph.ts';
import type { Callback, CallbackState, NumberSet } from '../callback.ts';

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
    memory: {
      name: 'keepCycleSnapshots',
      save: () => saveSnapshots(snapshots),
      load(state) {
        snapshots = loadSnapshots(state);
      },
    },
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

/** As `saveSnapshots` lists them: which cycle, and what is left of it. */
interface SavedSnapshot {
  readonly cycle: number;
  readonly epoch: number;
  readonly hasLogits: boolean;
  readonly hasParameters: boolean;
}

const LOGITS = 'logits';

function saveSnapshots(snapshots: readonly CycleSnapshot[]): CallbackState {
  const sets: Record<string, NumberSet> = {};
  for (const { cycle, logits, parameters } of snapshots) {
    if (logits) sets[`${cycle} ${LOGITS}`] = new Map([[LOGITS, logits]]);
    if (parameters) sets[`${cycle} parameters`] = parameters;
  }
  const facts = snapshots.map(
    ({ cycle, epoch, logits, parameters }): SavedSnapshot => ({
      cycle,
      epoch,
      hasLogits: logits !== null,
      hasParameters: parameters !== null,
    }),
  );
  return { facts, sets };
}

function loadSnapshots({ facts, sets }: CallbackState): CycleSnapshot[] {
  return (facts as readonly SavedSnapshot[]).map(({ cycle, epoch, hasLogits, hasParameters }) => ({
    cycle,
    epoch,
    logits: hasLogits ? (sets[`${cycle} ${LOGITS}`]?.get(LOGITS) as Float32Array) : null,
    parameters: hasParameters ? (sets[`${cycle} parameters`] as ParameterValues) : null,
  }));
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
