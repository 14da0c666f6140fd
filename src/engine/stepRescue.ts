// What is to be done about a step that broke: from where it goes on, with what, and the sentences that say so. A pure function; the
// session does it when the person says yes.

import type { BackendName } from '../protocol/catalog.ts';
import type { EngineErrorData } from '../protocol/errors.ts';
import type { CutOffCause, DeviceProblemKind, EventOf } from '../protocol/events.ts';
import type { OptionSpec, RecipeStep, SettingValues } from '../protocol/recipe.ts';
import { placeOf } from './describeWork.ts';
import type { FitState } from './learner/learner.ts';
import { formatRate } from './recipe/readings.ts';

export interface BrokenStep {
  readonly step: RecipeStep;
  /** Of all its options. */
  readonly settings: SettingValues;
  readonly cause: CutOffCause;
  /** How often the device has failed in this step since it last came to an end, this time included; full memory does not count. */
  readonly failureCount: number;
  readonly backend: BackendName;
  /** The newest state of its training; null where none was kept. */
  readonly fit: Pick<FitState, 'epoch' | 'batch' | 'batchesPerEpoch'> | null;
}

export interface Rescue {
  /** The step's settings, some of them others. */
  readonly settings: SettingValues;
  /** It goes on with what stands below this backend; null where the same is tried once more. */
  readonly below: BackendName | null;
  readonly event: Omit<EventOf<'stepCutOff'>, 'atMs'>;
}

/** A device that fails once is taken anew; one that fails again in the same step is left. */
const FAILURES_OF_A_DEVICE = 2;
const RATE_DIVISOR = 10;

/**
 * Why a step failed, where something can be done about it.
 * @param problem what the device itself said while the step ran
 */
export function causeOf(error: EngineErrorData | undefined, problem: DeviceProblemKind | null): CutOffCause | null {
  if (problem) return problem;
  if (error?.code === 'deviceLost') return 'lost';
  return error?.code === 'outOfMemory' || error?.code === 'lossNotFinite' ? error.code : null;
}

/** Null where nothing is left to try: the step's own error then says what a person can do. */
export function planRescue(broken: BrokenStep): Rescue | null {
  const { cause, fit } = broken;
  if (cause === 'lossNotFinite') return fit && changeOption(broken, 'learningRate', (rate) => rate / RATE_DIVISOR);
  if (cause === 'outOfMemory') {
    return changeOption(broken, 'batchSize', (size) => Math.floor(size / 2)) ?? leaveBackend(broken);
  }
  return broken.failureCount < FAILURES_OF_A_DEVICE ? describe(broken, {}, null) : leaveBackend(broken);
}

/** Null where the step has no such setting, or no room below its value. */
function changeOption(broken: BrokenStep, id: string, change: (value: number) => number): Rescue | null {
  const option = broken.step.options.find((candidate) => candidate.id === id);
  const value = option?.kind === 'number' ? change(Number(broken.settings[id])) : null;
  if (value === null || !isAllowed(option, value)) return null;
  return describe(broken, { [id]: value }, null);
}

function isAllowed(option: OptionSpec | undefined, value: number): boolean {
  return option?.kind === 'number' && value >= option.min;
}

function leaveBackend(broken: BrokenStep): Rescue | null {
  // Nothing stands below plain JavaScript.
  return broken.backend === 'cpu' ? null : describe(broken, {}, broken.backend);
}

function describe(broken: BrokenStep, changes: SettingValues, below: BackendName | null): Rescue {
  const { step, settings, cause, fit } = broken;
  const place = fit && placeOf(fit);
  const where = place && `epoch ${place.epoch + 1}, batch ${place.batch}`;
  const kept = where
    ? `Everything up to ${where} is kept.`
    : 'Nothing of this step was kept yet; your pictures and all that was there before it are as they were.';
  return {
    settings: { ...settings, ...changes },
    below,
    event: {
      ...{ type: 'stepCutOff', stepId: step.id, cause, place, changes },
      sentence: `${tellWhat(broken)} ${kept} ${tellPlan(broken, changes, below)}`,
      offer: `${where ? `Go on from ${where}` : 'Begin this step again'}${nameChange(changes, below)}`,
    },
  };
}

function tellWhat({ cause, settings }: BrokenStep): string {
  const { batchSize, learningRate } = settings;
  if (cause === 'lossNotFinite')
    return `The loss stopped being a number at the rate ${formatRate(Number(learningRate))}.`;
  if (cause === 'outOfMemory') {
    return `There was no memory left for ${batchSize === undefined ? 'this step' : `batches of ${batchSize}`}.`;
  }
  return cause === 'lost'
    ? 'The graphics card was lost: it was reset, taken by another program, or ran one piece of work for too long.'
    : 'The graphics card refused a piece of work, so nothing that it computes is trusted any more.';
}

function tellPlan({ cause, fit, backend }: BrokenStep, changes: SettingValues, below: BackendName | null): string {
  const goesOn = fit ? 'The step can go on from there' : 'The step can begin again';
  if (below !== null) {
    const why = cause === 'outOfMemory' ? 'A batch cannot be smaller than this' : 'It has failed in this step before';
    const how =
      backend === 'wasm' ? 'in plain JavaScript' : 'with what the studio computes with where there is no such card';
    return `${why}, so ${fit ? 'the step can go on from there' : 'the step can begin again'} ${how}: slower, and with the same result but for the last digits.`;
  }
  if (changes.batchSize !== undefined) {
    const rest = fit ? ', first with the pictures that this epoch has not seen yet' : '';
    return `${goesOn} with batches of ${changes.batchSize}${rest}. Its rate stays; smaller batches may want a smaller one.`;
  }
  if (changes.learningRate !== undefined) {
    return `${goesOn} with a tenth of that rate. Should the loss break again, a finder says which rates this training bears.`;
  }
  return `${goesOn} on the card, taken anew, or on the next best thing where the card does not come back.`;
}

function nameChange({ batchSize, learningRate }: SettingValues, below: BackendName | null): string {
  if (below !== null) return below === 'wasm' ? ', in plain JavaScript' : ', without this card';
  if (batchSize !== undefined) return `, with batches of ${batchSize}`;
  return learningRate === undefined ? '' : ', with a tenth of the rate';
}
