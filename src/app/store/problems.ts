// What a failure offers: the engine's own sentence and the one act that helps. Nobody rewrites the sentence.

import type { EngineErrorCode, EngineErrorData } from '../../protocol/errors.ts';
import type { EventOf } from '../../protocol/events.ts';
import type { OptionSpec } from '../../protocol/recipe.ts';

export type ProblemCode = EngineErrorCode | 'engineCrashed' | 'intakeFailed' | 'reportFailed';

export type Remedy =
  | 'chooseFolder'
  | 'openSettings'
  | 'halveBatch'
  | 'lowerRate'
  | 'runAgain'
  | 'restartEngine'
  | 'useAutomaticBackend'
  | 'goToNeededStep'
  | 'goOn'
  | 'dismiss';

export interface Problem {
  readonly code: ProblemCode;
  readonly sentence: string;
  /** The step it happened in; null outside steps. */
  readonly stepId: string | null;
  readonly remedy: Remedy;
  /** What the button says, where it is about this one step. */
  readonly offer?: string;
}

export const remedyLabels: Readonly<Record<Remedy, string>> = {
  chooseFolder: 'Choose another folder',
  openSettings: 'Open the settings',
  halveBatch: 'Halve the batch and run again',
  lowerRate: 'Run again with a tenth of the rate',
  runAgain: 'Run again',
  restartEngine: 'Start the engine again',
  useAutomaticBackend: 'Let the studio pick a backend',
  goToNeededStep: 'Go to the step it needs',
  goOn: 'Go on',
  dismiss: 'Go on',
};

const remedies: Readonly<Record<ProblemCode, Remedy>> = {
  cancelled: 'dismiss',
  busy: 'dismiss',
  datasetEmpty: 'chooseFolder',
  datasetLayout: 'chooseFolder',
  intakeFailed: 'chooseFolder',
  reportFailed: 'dismiss',
  pictureUnreadable: 'runAgain',
  pictureUnsupported: 'runAgain',
  preconditionMissing: 'goToNeededStep',
  settingInvalid: 'openSettings',
  weightsUnavailable: 'runAgain',
  weightsDamaged: 'restartEngine',
  storageFull: 'dismiss',
  storageFailed: 'dismiss',
  checkpointDamaged: 'dismiss',
  backendUnavailable: 'useAutomaticBackend',
  outOfMemory: 'halveBatch',
  deviceLost: 'runAgain',
  lossNotFinite: 'lowerRate',
  internal: 'restartEngine',
  engineCrashed: 'restartEngine',
};

/** Picks the act that helps, given the settings of the step it happened in. */
export function describeProblem(
  error: { readonly code: ProblemCode; readonly sentence: string } | EngineErrorData,
  stepId: string | null,
  options: readonly OptionSpec[] = [],
): Problem {
  let remedy = remedies[error.code];
  const hasOption = (id: string) => options.some((option) => option.id === id);
  if (remedy === 'halveBatch' && !hasOption('batchSize')) remedy = 'openSettings';
  if (remedy === 'lowerRate' && !hasOption('learningRate')) remedy = 'openSettings';
  if ((remedy === 'runAgain' || remedy === 'openSettings') && stepId === null) remedy = 'restartEngine';
  return { code: error.code, sentence: error.sentence, stepId, remedy };
}

/** Of a step that broke and can go on: the engine says how. */
export function describeRescue({ code }: EngineErrorData, { stepId, sentence, offer }: EventOf<'stepCutOff'>): Problem {
  return { code, sentence, stepId, remedy: 'goOn', offer };
}
