// Steps 5 and 6: which layer groups learn, and at which share of the rate. Nothing is trained here.

import type { RecipeStep, SettingValues } from '../../protocol/recipe.ts';
import type { GroupLearning } from '../../protocol/training.ts';
import { type Graph, sizeOf } from '../graph/graph.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork } from '../models/fullNetwork.ts';
import { readRates, readUnfreezing } from './readings.ts';
import { choiceSetting, completeSettings, numberSetting } from './settings.ts';
import { countClasses, requireNetwork, type StepContext, type StepResult } from './stepContext.ts';
import type { ChosenNetwork, StudioState } from './studioState.ts';
import { learningGroups } from './trainee.ts';

/** Groups by the name that the setting has for them: everything, the later half of the body with the head, the head. */
const FIRST_GROUPS: Readonly<Record<string, number>> = { everything: 0, laterLayers: 1, newLayers: 2 };

export async function unfreeze(context: StepContext): Promise<StepResult> {
  const chosen = requireNetwork(context);
  const network = { ...chosen, ...whatLearns(context.settings) };
  const reading = readUnfreezing({
    learning: countLearning(context, network),
    before: countLearning(context, chosen),
    everything: countLearning(context, { ...chosen, firstLearningGroup: 0 }),
    keepsBatchNorms: network.keepsBatchNorms,
  });
  return { outcome: 'done', state: { ...context.state, network }, reading, imagesPerSecond: null };
}

function whatLearns(settings: SettingValues): Pick<ChosenNetwork, 'firstLearningGroup' | 'keepsBatchNorms'> {
  return {
    firstLearningGroup: FIRST_GROUPS[choiceSetting(settings, 'learns')] as number,
    keepsBatchNorms: choiceSetting(settings, 'batchNorms') === 'stay',
  };
}

/** Null for a step that does not choose what learns, and before a network is chosen. */
export function previewLearning(
  step: RecipeStep,
  given: SettingValues,
  { network, dataset }: StudioState,
): readonly GroupLearning[] | null {
  if (step.verb !== 'unfreeze' || !network || !dataset) return null;
  const { firstLearningGroup } = whatLearns(completeSettings(step, given));
  const classCount = dataset.summary.classes.length;
  const graph = buildFullNetwork(findArchitecture(network.weights.architecture), network.imageSizePx, classCount);
  return learningGroups(graph, { ...network, firstLearningGroup: 0 }).map(({ title, names }, group) => {
    const parameterCount = countParameters(graph, names);
    return { title, learningCount: group < firstLearningGroup ? 0 : parameterCount, parameterCount };
  });
}

export async function setRates(context: StepContext): Promise<StepResult> {
  const chosen = requireNetwork(context);
  const middle = 1 / numberSetting(context.settings, 'laterDivisor');
  const early = middle / numberSetting(context.settings, 'earlyDivisor');
  const rateShares = [early, middle, 1];
  const reading = readRates(rateShares, chosen.firstLearningGroup);
  return {
    outcome: 'done',
    state: { ...context.state, network: { ...chosen, rateShares } },
    reading,
    imagesPerSecond: null,
  };
}

/** Learned values of the groups that learn. */
export function countLearning(context: StepContext, chosen: ChosenNetwork): number {
  const graph = buildFullNetwork(
    findArchitecture(chosen.weights.architecture),
    chosen.imageSizePx,
    countClasses(context),
  );
  return countParameters(
    graph,
    learningGroups(graph, chosen).flatMap((group) => group.names),
  );
}

function countParameters({ parameters }: Graph, names: readonly string[]): number {
  const wanted = new Set(names);
  return parameters.filter(({ name }) => wanted.has(name)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
