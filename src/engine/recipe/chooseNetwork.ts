// Which network the steps train, at which picture size; and the step that only chooses it.

import type { SettingValues } from '../../protocol/recipe.ts';
import { findArchitecture } from '../models/catalog.ts';
import { fullNetworkGroups } from '../models/fullNetwork.ts';
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
  const network = networkFromSettings(state.network, settings);
  return {
    outcome: 'done',
    state: { ...keepTrained(state, network), activations: null },
    reading: readChoice(findArchitecture(network.architecture).label, network),
    imagesPerSecond: null,
  };
}

/** Layers that were trained behind another network mean nothing here; another picture size they can go on from. */
export function keepTrained(state: StudioState, network: ChosenNetwork): StudioState {
  if (state.network?.architecture === network.architecture) return { ...state, network };
  return { ...state, network, head: null, trainedName: null, snapshots: null };
}

/** The network of before where it is the same one, frozen again up to its head; else a new one as it was shipped. */
export function networkFromSettings(before: ChosenNetwork | null, settings: SettingValues): ChosenNetwork {
  const architecture = findArchitecture(choiceSetting(settings, 'backbone'));
  const groups = fullNetworkGroups(architecture);
  const isSame = before?.architecture === architecture.id;
  return {
    architecture: architecture.id,
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
