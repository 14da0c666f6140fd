// Which network the steps train, at which picture size; and the step that only chooses it.

import type { SettingValues } from '../../protocol/recipe.ts';
import { findArchitecture } from '../models/catalog.ts';
import { fullNetworkGroups } from '../models/fullNetwork.ts';
import { type UsedWeights, weightsKey } from '../platform/ports.ts';
import { readChoice } from './readings.ts';
import { choiceSetting, numberSetting } from './settings.ts';
import { squareSetting } from './squareSettings.ts';
import { requireDataset, type StepContext, type StepResult } from './stepContext.ts';
import type { ChosenNetwork, StudioState } from './studioState.ts';

/** Each group learns this many times as fast as the one before it, as the lesson does for photographs. */
const DEFAULT_RATE_RATIO = 10;

export async function chooseNetwork(context: StepContext): Promise<StepResult> {
  const { settings, state } = context;
  requireDataset(context);
  const network = networkFromSettings(state.network, settings, await weightsFromSettings(context));
  return {
    outcome: 'done',
    state: { ...keepTrained(state, network), activations: null },
    reading: readChoice(network.weights.label, network),
    imagesPerSecond: null,
  };
}

/** Of the network that the settings choose. Throws EngineError 'weightsUnavailable' when its weights are not here. */
export function weightsFromSettings({
  settings,
  platform,
}: Pick<StepContext, 'settings' | 'platform'>): Promise<UsedWeights> {
  return platform.weights.readCard(choiceSetting(settings, 'backbone'));
}

/** Layers that were trained behind another network mean nothing here; another picture size they can go on from. */
export function keepTrained(state: StudioState, network: ChosenNetwork): StudioState {
  if (state.network && weightsKey(state.network.weights) === weightsKey(network.weights)) return { ...state, network };
  return { ...state, network, head: null, trainedName: null, snapshots: null };
}

/** The network of before where it is the same one, frozen again up to its head; else a new one as it was shipped. */
export function networkFromSettings(
  before: ChosenNetwork | null,
  settings: SettingValues,
  weights: UsedWeights,
): ChosenNetwork {
  const groups = fullNetworkGroups(findArchitecture(weights.architecture));
  const isSame = before !== null && weightsKey(before.weights) === weightsKey(weights);
  return {
    weights,
    imageSizePx: numberSetting(settings, 'imageSizePx'),
    square: squareSetting(settings),
    body: isSame ? before.body : null,
    firstLearningGroup: groups.length - 1,
    keepsBatchNorms: isSame && before.keepsBatchNorms,
    rateShares: isSame
      ? before.rateShares
      : groups.map((_, group) => DEFAULT_RATE_RATIO ** (group - (groups.length - 1))),
  };
}
