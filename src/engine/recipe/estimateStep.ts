// What a step would need of the device's memory with these settings, told before it runs. The networks are those that the step itself
// makes: same graph, same batch, same layers that learn. Nothing runs and nothing changes.

import type { Split } from '../../protocol/dataset.ts';
import type { StepEstimate } from '../../protocol/memory.ts';
import type { RecipeStep, StepVerb } from '../../protocol/recipe.ts';
import type { MemoryEstimate, NetworkOptions } from '../executors/executor.ts';
import { formatSize } from '../formatSize.ts';
import type { Graph } from '../graph/graph.ts';
import { planBatchSizes } from '../learner/trainingData.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork } from '../models/fullNetwork.ts';
import { buildFeatureExtractor, buildHead } from '../models/head.ts';
import { BALANCE_OPTION } from './balanceSettings.ts';
import { weightsFromSettings } from './chooseNetwork.ts';
import { completeSettings, numberSetting } from './settings.ts';
import { countClasses, type StepContext } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';
import { learnedNames, learningGroups, lossKind, networkToTrain } from './trainee.ts';

type EstimateContext = Pick<StepContext, 'settings' | 'state' | 'executor' | 'platform'>;

/** What a step makes: the largest batch is what its network is made for. */
interface PlannedNetwork extends Pick<NetworkOptions, 'batchSize' | 'learning' | 'keepsStatistics'> {
  readonly graph: Graph;
}

/** Where nothing can be said. */
export const UNKNOWN_NEED: StepEstimate = { bytes: null, fits: true, sentence: '' };

/** Settings that are not valid throw EngineError 'settingInvalid'. A step that makes no network, or cannot yet, needs nothing. */
export async function estimateStep(step: RecipeStep, given: EstimateContext): Promise<StepEstimate> {
  const context = { ...given, settings: completeSettings(step, given.settings) };
  if (!context.state.dataset) return UNKNOWN_NEED;
  const planned = await PLANNERS[step.verb](context);
  if (!planned) return UNKNOWN_NEED;
  const { graph, ...options } = planned;
  const estimateAt = (batchSize: number): MemoryEstimate =>
    context.executor.estimateMemory(graph, { ...options, batchSize, loss: lossKind(context) });
  return readEstimate(estimateAt, planned.batchSize);
}

/** Smallest batch that is proposed: batch norm learns nothing from less. */
const LEAST_BATCH = 2;

function readEstimate(estimateAt: (batchSize: number) => MemoryEstimate, batchSize: number): StepEstimate {
  const { totalBytes, place, isCounted, obstacle } = estimateAt(batchSize);
  const amount = `${isCounted ? 'about' : 'roughly'} ${formatSize(totalBytes)}`;
  if (obstacle !== null) {
    const fitting = findFitting(estimateAt, batchSize);
    const act = fitting
      ? `A batch of ${fitting.batchSize} fits: ${formatSize(fitting.totalBytes)}.`
      : 'No batch fits: choose smaller pictures.';
    return {
      bytes: totalBytes,
      fits: false,
      sentence: `This will not fit: at these settings it needs ${amount} ${place}, and ${obstacle}. ${act}`,
    };
  }
  const half = Math.floor(batchSize / 2);
  const smaller =
    half < LEAST_BATCH ? '' : `; a batch of ${half} would need ${formatSize(estimateAt(half).totalBytes)}`;
  return {
    bytes: totalBytes,
    fits: true,
    sentence: `Needs ${amount} ${place} at these settings${isCounted ? '' : ', estimated from its layers'}${smaller}.`,
  };
}

function findFitting(estimateAt: (batchSize: number) => MemoryEstimate, tooLarge: number) {
  for (let batchSize = Math.floor(tooLarge / 2); batchSize >= LEAST_BATCH; batchSize = Math.floor(batchSize / 2)) {
    const { obstacle, totalBytes } = estimateAt(batchSize);
    if (obstacle === null) return { batchSize, totalBytes };
  }
  return null;
}

/** The network of each kind of step; null where it makes none, or where what it needs is not there yet. */
const PLANNERS: Readonly<
  Record<StepVerb, (context: EstimateContext) => Promise<PlannedNetwork> | PlannedNetwork | null>
> = {
  async prepareFeatures(context) {
    const { architecture } = await weightsFromSettings(context);
    const graph = buildFeatureExtractor(findArchitecture(architecture), numberSetting(context.settings, 'imageSizePx'));
    return { graph, batchSize: Math.min(batchSizeOf(context), countPictures(context)), learning: [] };
  },
  chooseNetwork: () => null,
  findLearningRate: planHead,
  trainHead: planHead,
  trainHeadOnPictures: (context) => planOnPictures(context, { isBodyFrozen: true }),
  findNetworkRate: (context) => planOnPictures(context, { isBodyFrozen: false }),
  trainOnPictures: (context) => planOnPictures(context, { isBodyFrozen: false }),
  unfreeze: () => null,
  setRates: () => null,
  changeSize: () => null,
  testTimeAugmentation: (context) => planLooks(context, 'valid'),
  predictTest: (context) => planLooks(context, 'test'),
};

function planLooks(context: EstimateContext, split: Split): PlannedNetwork | null {
  const { network } = context.state;
  const count = countPictures(context, split);
  if (!network || count === 0) return null;
  return { graph: buildNetwork(context, network), batchSize: Math.min(batchSizeOf(context), count), learning: [] };
}

function planHead(context: EstimateContext): PlannedNetwork | null {
  const { activations } = context.state;
  if (!activations) return null;
  const graph = buildHead(activations.featureCount, countClasses(context));
  return {
    graph,
    batchSize: largestBatch(context, activations.train.pictureIds.length),
    learning: learnedNames(graph),
  };
}

function planOnPictures(
  context: EstimateContext,
  { isBodyFrozen }: { readonly isBodyFrozen: boolean },
): PlannedNetwork | null {
  const { network } = context.state;
  if (!network) return null;
  const chosen = networkToTrain(network, { isBodyFrozen });
  const graph = buildNetwork(context, chosen);
  const learning = learningGroups(graph, chosen).flatMap(({ names }) => names);
  return {
    graph,
    batchSize: largestBatch(context, countPictures(context, 'train')),
    learning,
    keepsStatistics: chosen.keepsBatchNorms,
  };
}

function buildNetwork(context: EstimateContext, { weights, imageSizePx }: ChosenNetwork): Graph {
  return buildFullNetwork(findArchitecture(weights.architecture), imageSizePx, countClasses(context));
}

function batchSizeOf({ settings }: EstimateContext): number {
  return numberSetting(settings, 'batchSize');
}

/** Of an epoch; where rare classes are repeated it is longer than there are pictures. */
function largestBatch(context: EstimateContext, itemCount: number): number {
  const batchSize = batchSizeOf(context);
  if (context.settings[BALANCE_OPTION.id] === 'repeat') return batchSize;
  return Math.max(1, ...planBatchSizes(itemCount, batchSize));
}

/** Labelled pictures, of one part or of all. */
function countPictures({ state }: EstimateContext, split?: Split): number {
  const pictures = state.dataset?.summary.pictures ?? [];
  return pictures.filter((picture) => (split === undefined ? picture.split !== 'test' : picture.split === split))
    .length;
}
