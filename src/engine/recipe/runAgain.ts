// A run once more from where it began, so that the same seed and settings give the same table whatever was trained since.

import { EngineError } from '../../protocol/errors.ts';
import type { StepVerb } from '../../protocol/recipe.ts';
import { weightsKey } from '../platform/ports.ts';
import type { StudioState } from './studioState.ts';

/** What a run began from. Values are shared with the state, so it costs memory only for what has been replaced since. */
export type RunStart = Pick<StudioState, 'dataset' | 'network' | 'activations' | 'head'>;

const BUILD_ON_TRAINED: readonly StepVerb[] = [
  'findLearningRate',
  'trainHead',
  'trainHeadOnPictures',
  'findNetworkRate',
  'trainOnPictures',
  'testTimeAugmentation',
];

/** Other steps have the same result wherever they are run from. */
export function buildsOnTrained(verb: StepVerb): boolean {
  return BUILD_ON_TRAINED.includes(verb);
}

/** Throws EngineError 'preconditionMissing' when the run cannot be the same any more. */
export function goBackTo(start: RunStart | undefined, now: StudioState): StudioState {
  if (!start || start.dataset !== now.dataset) {
    throw new EngineError(
      'preconditionMissing',
      'What that run began from is not here any more. Nothing was run; run the step with the settings that you want.',
    );
  }
  const isSameNetwork = keyOf(start) === keyOf(now) && start.network?.imageSizePx === now.network?.imageSizePx;
  if (!isSameNetwork) {
    throw new EngineError(
      'preconditionMissing',
      'That run had another network or picture size, or saw its pictures otherwise, than step 1 has chosen since. Nothing was run; choose them again in step 1 first.',
    );
  }
  return { ...now, ...start };
}

const keyOf = ({ network }: Pick<StudioState, 'network'>) => network && weightsKey(network.weights);

/** What a run from an earlier start leaves: its training, and nothing else of what was there before it. */
export function comeBack(start: RunStart, now: StudioState, result: StudioState): StudioState {
  const { finderSetups } = result;
  const hasTrained = result.head !== start.head || result.network?.body !== start.network?.body;
  if (!hasTrained || !result.network || !now.network) return { ...now, finderSetups };
  const { firstLearningGroup, keepsBatchNorms, rateShares } = now.network;
  return { ...result, network: { ...result.network, firstLearningGroup, keepsBatchNorms, rateShares } };
}
