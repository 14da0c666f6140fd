// The step that goes on with larger pictures (the lesson's progressive resizing): another picture size, everything that is trained
// as it is, and the network frozen again, as set_data does. Nothing is trained here.

import { featureKeyOf } from './featureKey.ts';
import { countLearning } from './layerSteps.ts';
import { readSizeChange } from './readings.ts';
import { numberSetting } from './settings.ts';
import { requireDataset, requireNetwork, type StepContext, type StepResult } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';

export async function changeSize(context: StepContext): Promise<StepResult> {
  const { settings, state, activationCache } = context;
  requireDataset(context);
  const before = requireNetwork(context);
  const network: ChosenNetwork = {
    ...before,
    imageSizePx: numberSetting(settings, 'imageSizePx'),
    firstLearningGroup: before.rateShares.length - 1,
  };
  // Features of another size, or of another training of the body, are not what this network gives.
  const activations = activationCache.find(featureKeyOf(context, network)) ?? null;
  return {
    outcome: 'done',
    state: { ...state, network, activations },
    reading: readSizeChange({
      network: network.weights.label,
      fromPx: before.imageSizePx,
      toPx: network.imageSizePx,
      isBodyTrained: before.body !== null,
      isHeadTrained: state.head !== null,
      learning: countLearning(context, network),
      everything: countLearning(context, { ...network, firstLearningGroup: 0 }),
      hasFeatures: activations !== null,
    }),
    imagesPerSecond: null,
  };
}
