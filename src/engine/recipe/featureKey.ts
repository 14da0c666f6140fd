// The key of a network's features in the activation cache: whatever they depend on is in it, so that nobody trains on stale ones.

import type { ActivationKey } from '../activations/activationCache.ts';
import { RESAMPLER_VERSION } from '../data/areaResize.ts';
import type { ParameterValues } from '../graph/graph.ts';
import { requireDataset, type StepContext } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';

/** Throws EngineError 'preconditionMissing' when no data set is open. */
export async function featureKeyOf(context: StepContext, network: ChosenNetwork): Promise<ActivationKey> {
  const { architecture, imageSizePx, body } = network;
  const { sha256 } = await context.platform.weights.readCard(architecture);
  return {
    datasetFingerprint: requireDataset(context).summary.fingerprint,
    architecture,
    weights: body ? `${sha256} trained ${hashValues(body.values)}` : sha256,
    imageSizePx,
    square: network.square,
    resamplerVersion: RESAMPLER_VERSION,
  };
}

/** Two FNV-1a hashes of 32 bits from different beginnings, over every bit of every value. */
export function hashValues(values: ParameterValues): string {
  let [first, second] = [0x811c9dc5, 0x9e3779b9];
  for (const { buffer, byteOffset, length } of values.values()) {
    for (const word of new Uint32Array(buffer, byteOffset, length)) {
      first = Math.imul(first ^ word, 0x01000193);
      // Multiplying carries bits upwards only; the turn brings the upper ones back down.
      second = Math.imul(second ^ word, 0x85ebca6b);
      second = (second << 13) | (second >>> 19);
    }
  }
  return [first, second].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
}
