// What a step is given: where it runs, what it may use, how it tells its story; and what it gives back.

import type { CancelSignal } from '../../protocol/commands.ts';
import { EngineError, type EngineErrorData } from '../../protocol/errors.ts';
import type { EngineEventBody, StepOutcome } from '../../protocol/events.ts';
import type { SettingValues } from '../../protocol/recipe.ts';
import type { ActivationCache, Activations } from '../activations/activationCache.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import type { Executor } from '../executors/executor.ts';
import type { ParameterValues } from '../graph/graph.ts';
import type { FitKeeper, FitState } from '../learner/learner.ts';
import type { PictureLibrary } from '../learner/pictureLibrary.ts';
import type { Platform } from '../platform/ports.ts';
import type { ChosenNetwork, StudioState } from './studioState.ts';

export interface StepContext {
  readonly stepId: string;
  readonly settings: SettingValues;
  readonly seed: number;
  readonly state: StudioState;
  readonly executor: Executor;
  readonly platform: Platform;
  readonly activationCache: ActivationCache;
  readonly pictureLibrary: PictureLibrary;
  readonly emit: (event: EngineEventBody) => void;
  readonly signal: CancelSignal;
  /** Takes the state of a training now and then, for the case that the page is cut off. */
  readonly keeper?: FitKeeper | null;
  /** The step was cut off, and its training goes on: what was told before is not told again. */
  readonly resumeFrom?: CutOffStep | null;
  /** What a person does with a training that runs, beside stopping it. */
  readonly control?: TrainingControl;
}

export interface TrainingControl {
  /** Resolves at once unless the training is to be halted. */
  readonly waitForGo: () => Promise<void>;
  /** Whether a stop keeps nothing. */
  readonly isDiscarded: () => boolean;
}

/** A step that was running when the page, or what computes, went away. */
export interface CutOffStep {
  readonly fit: FitState;
  /** Of the step, up to that state. */
  readonly elapsedMs: number;
}

export interface StepResult {
  readonly outcome: StepOutcome;
  readonly state: StudioState;
  /** The result read in a sentence. */
  readonly reading: string;
  readonly imagesPerSecond: number | null;
  /** Set when the outcome is 'failed' and something was kept all the same. */
  readonly error?: EngineErrorData;
}

/** Throws EngineError 'preconditionMissing' when no data set is open. */
export function requireDataset({ state }: Pick<StepContext, 'state'>): DatasetIndex {
  if (state.dataset) return state.dataset;
  throw new EngineError('preconditionMissing', 'There are no pictures yet. Drop a folder or try the sample first.');
}

/** Throws EngineError 'preconditionMissing' when the features have not been computed. */
export function requireActivations({ state }: StepContext): Activations {
  if (state.activations) return state.activations;
  throw new EngineError(
    'preconditionMissing',
    'This step trains on the features of step 1, and they are not here yet. Run step 1, “Prepare pictures and features”, first.',
  );
}

/** Throws EngineError 'preconditionMissing' when no network has been chosen. */
export function requireNetwork({ state }: StepContext): ChosenNetwork {
  if (state.network) return state.network;
  throw new EngineError(
    'preconditionMissing',
    'No network has been chosen yet. Run step 1, “Prepare pictures and features”, first.',
  );
}

/** Throws EngineError 'preconditionMissing' when nothing has been trained. */
export function requireHead({ state }: StepContext): ParameterValues {
  if (state.head) return state.head;
  throw new EngineError(
    'preconditionMissing',
    'Nothing has been trained yet, so there is nothing to judge the pictures with. Train the new layers first.',
  );
}

/** Throws EngineError 'preconditionMissing' when no data set is open. */
export function countClasses(context: Pick<StepContext, 'state'>): number {
  return requireDataset(context).summary.classes.length;
}
