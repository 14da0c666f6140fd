// What a training leaves of each of its cycles: its result, what it said of the validation pictures, and its weights, to go on from.
// Kept for every training of several cycles, without a setting: whether a cycle was worth keeping shows only afterwards, and the
// budget bounds what it costs.

import { EngineError } from '../../protocol/errors.ts';
import type { EngineEventBody } from '../../protocol/events.ts';
import type { SnapshotSummary } from '../../protocol/training.ts';
import { formatSize } from '../formatSize.ts';
import type { ParameterValues } from '../graph/graph.ts';
import { averageProbabilities } from '../interpretation/averageProbabilities.ts';
import { type CycleSnapshot, sizeOfSnapshots } from '../learner/callbacks/keepCycleSnapshots.ts';
import { probabilitiesOf } from '../metrics/judgeLogits.ts';
import type { StepContext } from './stepContext.ts';
import type { Snapshot, Snapshots, StudioState } from './studioState.ts';
import { measure, tellRow } from './tellResult.ts';
import type { Trainee } from './trainee.ts';

/** Of the page's own memory, for one training's cycles. */
export const SNAPSHOT_BUDGET_BYTES = 256e6;

/** '224_lastlayer', and '224_all' once the network itself was trained. */
export function nameTrained({ network }: StudioState): string {
  return `${network?.imageSizePx}_${network?.body ? 'all' : 'lastlayer'}`;
}

/** Tells of the cycles and gives what the state keeps of them; null for less than two. */
export function tellSnapshots(
  context: StepContext,
  trainee: Trainee,
  cycles: readonly CycleSnapshot[],
  averagedCycles: number,
): Snapshots | null {
  if (cycles.length < 2) return null;
  const { stepId, emit } = context;
  const pictures = trainee.valid && { targets: trainee.valid.targets, pictureIds: trainee.validIds };
  const list = cycles.map((snapshot) => keepCycle(trainee, snapshot));
  const summaries = list.map(({ cycle, name, probabilities, trained }, index): SnapshotSummary => {
    const result = pictures && probabilities && measure({ ...pictures, probabilities });
    const epoch = (cycles[index] as CycleSnapshot).epoch;
    const isAveraged = result !== null && averagedCycles > 1 && index >= list.length - averagedCycles;
    return { cycle, epoch, name, result, hasWeights: trained !== null, isAveraged };
  });
  emit({
    type: 'snapshotsKept',
    stepId,
    snapshots: summaries,
    heldBytes: sizeOfSnapshots(cycles),
    budgetBytes: SNAPSHOT_BUDGET_BYTES,
  });
  return { stepId, pictures, list };
}

function keepCycle(trainee: Trainee, { cycle, logits, parameters }: CycleSnapshot): Snapshot {
  const state = trainee.keep(parameters ?? new Map());
  return {
    cycle,
    name: `${nameTrained(state)}_cyc_${cycle}`,
    probabilities: logits && trainee.valid && probabilitiesOf(logits, trainee.valid.targets),
    trained: parameters && { head: state.head as ParameterValues, body: state.network?.body ?? null },
  };
}

/**
 * The state with a cycle's weights as what is trained so far, and a sentence. Throws EngineError when they are not here any
 * more, or belong to another network.
 */
export function takeSnapshot(
  state: StudioState,
  { stepId, cycle }: { readonly stepId: string; readonly cycle: number },
): { readonly state: StudioState; readonly sentence: string } {
  const { trained, name } = findSnapshot(requireSnapshots(state, stepId), cycle);
  const { network } = state;
  if (!network) throw gone();
  if (!trained) {
    throw new EngineError(
      'settingInvalid',
      `The weights of cycle ${cycle + 1} were let go, because all cycles together take more than ${formatSize(SNAPSHOT_BUDGET_BYTES)}. What is trained is as it was; take a later cycle.`,
    );
  }
  const isSameBody = trained.body?.fingerprint === network.body?.fingerprint;
  return {
    state: {
      ...state,
      head: trained.head,
      trainedName: name,
      network: { ...network, body: trained.body },
      activations: isSameBody ? state.activations : null,
    },
    sentence: `What is trained so far is now what it was after cycle ${cycle + 1} (“${name}”). Steps that start from it go on from there; judge it anew with several looks, or save it.`,
  };
}

/** A result row for the average of what these cycles said. Throws EngineError for fewer than two of them. */
export function averageSnapshots(
  state: StudioState,
  { stepId, cycles }: { readonly stepId: string; readonly cycles: readonly number[] },
  emit: (event: EngineEventBody) => void,
): void {
  const snapshots = requireSnapshots(state, stepId);
  const chosen = [...new Set(cycles)].sort((a, b) => a - b).map((cycle) => findSnapshot(snapshots, cycle));
  const members = chosen.flatMap(({ probabilities }) => probabilities ?? []);
  if (!snapshots.pictures || members.length < 2) {
    throw new EngineError(
      'settingInvalid',
      'An average takes two cycles or more, and pictures to check it with. Nothing was changed.',
    );
  }
  const label = nameAverage(chosen.map(({ cycle }) => cycle));
  const probabilities = averageProbabilities(members);
  tellRow({ emit, stepId }, label, { ...snapshots.pictures, probabilities }, CYCLES_CHOICE);
}

/** Of several averages of one training only the newest counts. */
export const CYCLES_CHOICE = 'cycles';

/** 'Average of cycles 2 to 4', 'Average of cycles 1, 3 and 4'. @param cycles 0-based, in order */
export function nameAverage(cycles: readonly number[]): string {
  const numbers = cycles.map((cycle) => cycle + 1);
  const [first, last] = [numbers[0] as number, numbers.at(-1) as number];
  if (last - first === numbers.length - 1) return `Average of cycles ${first} to ${last}`;
  return `Average of cycles ${numbers.slice(0, -1).join(', ')} and ${last}`;
}

function requireSnapshots({ snapshots }: StudioState, stepId: string): Snapshots {
  if (snapshots?.stepId === stepId) return snapshots;
  throw gone();
}

function findSnapshot({ list }: Snapshots, cycle: number): Snapshot {
  const found = list.find((snapshot) => snapshot.cycle === cycle);
  if (found) return found;
  throw new EngineError('settingInvalid', `Of cycle ${cycle + 1} nothing is kept. What is trained is as it was.`);
}

function gone(): EngineError {
  return new EngineError(
    'preconditionMissing',
    'The cycles of this step are not here any more: another training has left its own, or the network was changed. Run the step again.',
  );
}
