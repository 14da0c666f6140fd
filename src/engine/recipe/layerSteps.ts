// Steps 5 and 6: which layer groups learn, and at which share of the rate. Nothing is trained here.

import { sizeOf } from '../graph/graph.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork } from '../models/fullNetwork.ts';
import { readRates, readUnfreezing } from './readings.ts';
import { choiceSetting, numberSetting } from './settings.ts';
import { countClasses, requireNetwork, type StepContext, type StepResult } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';
import { learningGroups } from './trainee.ts';

/** Groups by the name that the setting has for them: everything, the later half of the body with the head, the head. */
const FIRST_GROUPS: Readonly<Record<string, number>> = { everything: 0, laterLayers: 1, newLayers: 2 };

export async function unfreeze(context: StepContext): Promise<StepResult> {
  const chosen = requireNetwork(context);
  const firstLearningGroup = FIRST_GROUPS[choiceSetting(context.settings, 'learns')] as number;
  const keepsBatchNorms = choiceSetting(context.settings, 'batchNorms') === 'stay';
  const network = { ...chosen, firstLearningGroup, keepsBatchNorms };
  const reading = readUnfreezing({
    learning: countLearning(context, network),
    before: countLearning(context, chosen),
    everything: countLearning(context, { ...chosen, firstLearningGroup: 0, keepsBatchNorms: false }),
  });
  return { outcome: 'done', state: { ...context.state, network }, reading, imagesPerSecond: null };
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

function countLearning(context: StepContext, chosen: ChosenNetwork): number {
  const graph = buildFullNetwork(findArchitecture(chosen.architecture), chosen.imageSizePx, countClasses(context));
  const names = new Set(learningGroups(graph, chosen).flatMap((group) => group.names));
  return graph.parameters.filter(({ name }) => names.has(name)).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
