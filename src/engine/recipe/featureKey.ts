// The key of a network's features in the activation cache: whatever they depend on is in it, so that nobody trains on stale ones.

import type { ActivationKey } from '../activations/activationCache.ts';
import { RESAMPLER_VERSION } from '../data/areaResize.ts';
import { weightsKey } from '../platform/ports.ts';
import { requireDataset, type StepContext } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';

/** Throws EngineError 'preconditionMissing' when no data set is open. */
export function featureKeyOf(
  context: StepContext,
  { weights, imageSizePx, square, body }: ChosenNetwork,
): ActivationKey {
  const key = weightsKey(weights);
  return {
    datasetFingerprint: requireDataset(context).summary.fingerprint,
    architecture: weights.architecture,
    weights: body ? `${key}, trained ${body.fingerprint}` : key,
    imageSizePx,
    square,
    resamplerVersion: RESAMPLER_VERSION,
  };
}
