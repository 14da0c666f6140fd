// What a finder or a training step works on: a network with its groups and rates, its data, and where the result goes. Either the
// head on cached features, or the whole network on pictures.

import { countItems } from '../data/targets.ts';
import type { LossKind, Network } from '../executors/executor.ts';
import type { Graph, ParameterValues } from '../graph/graph.ts';
import { groupParameters } from '../graph/layerGroups.ts';
import { trainOnPictures, validateOnPictures } from '../learner/pictureData.ts';
import {
  type TrainingData,
  trainOnFeatures,
  type ValidationData,
  validateOnFeatures,
} from '../learner/trainingData.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork, fullNetworkGroups } from '../models/fullNetwork.ts';
import { buildFeatureExtractor, buildHead, initialiseHead } from '../models/head.ts';
import { loadWeights } from '../models/weights/loadWeights.ts';
import { parseSafetensors } from '../models/weights/safetensors.ts';
import { createRandom } from '../random.ts';
import { augmentationSettings } from './augmentationSettings.ts';
import { balanceFeatures, balanceLoss, balancePictures } from './balanceSettings.ts';
import { openShelves } from './openShelves.ts';
import type { ProgressReporter } from './progress.ts';
import { readMemoryNeed } from './readings.ts';
import { choiceSetting, numberSetting } from './settings.ts';
import { countClasses, requireActivations, requireDataset, requireNetwork, type StepContext } from './stepContext.ts';
import { type ChosenNetwork, makeTrainedBody, type StudioState } from './studioState.ts';

/** Parameters of one layer group that learn. */
export interface LearningGroup {
  /** As a sentence calls it. */
  readonly title: string;
  readonly names: readonly string[];
  /** Its rate as a share of the last group's. */
  readonly rateShare: number;
}

export interface Trainee {
  readonly network: Network;
  /** Those that learn, pixel side first; the head is the last. */
  readonly groups: readonly LearningGroup[];
  readonly train: TrainingData;
  /** Null where everything is learnt from. */
  readonly valid: ValidationData | null;
  /** Of the validation pictures, in the order of `valid`. */
  readonly validIds: readonly number[];
  /** Whether a parameter may be another one after the training, running statistics included. */
  readonly isChanged: (name: string) => boolean;
  /** The state with these values of the network's parameters in it. */
  readonly keep: (values: ParameterValues) => StudioState;
  readonly dispose: () => void;
}

const HEAD = 'head.';
/** What a sentence calls the groups of every network, pixel side first. */
const GROUP_TITLES = ['the early layers', 'the later layers', 'the new layers'] as const;
const HEAD_TITLE = GROUP_TITLES[2];

/** The head alone, on the features of step 1. All of it learns. */
export async function createHeadTrainee(context: StepContext, progress: ProgressReporter): Promise<Trainee> {
  const batchSize = numberSetting(context.settings, 'batchSize');
  const { featureCount, train: trainSet, valid: validSet } = requireActivations(context);
  const train = trainOnFeatures({ ...balanceFeatures(context, trainSet, featureCount), featureCount }, batchSize);
  const graph = buildHead(featureCount, countClasses(context));
  const names = learnedNames(graph);
  const network = await context.executor.create(graph, {
    batchSize: train.largestBatch,
    learning: names,
    loss: lossKind(context),
    ...balanceLoss(context, trainSet.targets),
  });
  if (network.memory) progress.announce(readMemoryNeed(network.memory));
  await fillOrGiveBack(network, async () => startingHead(context, graph));
  return {
    network,
    groups: [{ title: HEAD_TITLE, names, rateShare: 1 }],
    train,
    valid:
      countItems(validSet.targets) === 0 ? null : validateOnFeatures({ ...validSet, featureCount }, train.largestBatch),
    validIds: validSet.pictureIds,
    isChanged: () => true,
    keep: (head) => ({ ...context.state, head }),
    dispose: () => network.dispose(),
  };
}

/**
 * The whole network on changing pictures; what is frozen stays as it is. Null when it was stopped while pictures were read.
 * @param isBodyFrozen nothing but the head learns, whatever is unfrozen
 */
export async function createPictureTrainee(
  context: StepContext,
  { isBodyFrozen }: { readonly isBodyFrozen: boolean },
  progress: ProgressReporter,
): Promise<Trainee | null> {
  const { settings, seed, stepId } = context;
  const augmentation = augmentationSettings(settings);
  const chosen = networkToTrain(requireNetwork(context), { isBodyFrozen });
  const shelves = await openShelves(context, chosen, augmentation.maxZoom, progress);
  if (!shelves) return null;
  const { imageSizePx: sizePx } = chosen;
  const train = trainOnPictures({
    shelf: shelves.train.shelf,
    pictures: balancePictures(context, shelves.train.pictures),
    sizePx,
    augmentation,
    augmentRandom: createRandom(seed, `${stepId} augmentation`),
    batchSize: numberSetting(settings, 'batchSize'),
  });
  const graph = buildFullNetwork(findArchitecture(chosen.weights.architecture), sizePx, countClasses(context));
  const groups = learningGroups(graph, chosen);
  progress.announce('Making the network');
  const learning = groups.flatMap(({ names }) => names);
  const network = await context.executor.create(graph, {
    batchSize: train.largestBatch,
    learning,
    keepsStatistics: chosen.keepsBatchNorms,
    loss: lossKind(context),
    ...balanceLoss(context, shelves.train.pictures.targets),
  });
  if (network.memory) progress.announce(readMemoryNeed(network.memory));
  await fillOrGiveBack(
    network,
    async () => new Map([...(await readBody(context, chosen)), ...startingHead(context, graph)]),
  );
  return {
    network,
    groups,
    train,
    valid:
      shelves.valid &&
      validateOnPictures(shelves.valid.shelf, shelves.valid.pictures, { sizePx, batchSize: train.largestBatch }),
    validIds: shelves.valid?.pictures.ids ?? [],
    isChanged: (name) => groups.length > 1 || name.startsWith(HEAD),
    keep: (values) => keepWhole(context.state, chosen, values),
    dispose: () => network.dispose(),
  };
}

/** A network that cannot be filled is nobody's: its memory goes back. */
async function fillOrGiveBack(network: Network, read: () => Promise<ParameterValues>): Promise<void> {
  try {
    network.writeParameters(await read());
  } catch (thrown) {
    network.dispose();
    throw thrown;
  }
}

/** Parameters of the body by name: as they were trained, or as they were shipped. */
export async function readBody(
  context: StepContext,
  { weights, imageSizePx, body }: ChosenNetwork,
): Promise<ParameterValues> {
  if (body) return body.values;
  const graph = buildFeatureExtractor(findArchitecture(weights.architecture), imageSizePx);
  return loadWeights(graph, parseSafetensors(await context.platform.weights.readWeights(weights.id)));
}

/**
 * The network as a step on pictures trains it. One that trains nothing but the head measures batch norms anew, whatever step 5 asked
 * for: its pictures may be of another size than those that the head has met, or the head may be new.
 */
export function networkToTrain(
  chosen: ChosenNetwork,
  { isBodyFrozen }: { readonly isBodyFrozen: boolean },
): ChosenNetwork {
  if (!isBodyFrozen) return chosen;
  return { ...chosen, firstLearningGroup: chosen.rateShares.length - 1, keepsBatchNorms: false };
}

/** Learned parameters of the groups that learn. */
export function learningGroups(
  graph: Graph,
  { weights, firstLearningGroup, rateShares }: ChosenNetwork,
): LearningGroup[] {
  return groupParameters(graph, fullNetworkGroups(findArchitecture(weights.architecture)))
    .map((specs, group) => ({
      title: GROUP_TITLES[group] as string,
      names: specs.filter(({ isLearned }) => isLearned).map(({ name }) => name),
      rateShare: rateShares[group] as number,
    }))
    .slice(firstLearningGroup);
}

function keepWhole(state: StudioState, chosen: ChosenNetwork, values: ParameterValues): StudioState {
  const isHead = ([name]: [string, Float32Array]) => name.startsWith(HEAD);
  const head = new Map([...values].filter(isHead));
  const isBodyFrozen = chosen.firstLearningGroup === chosen.rateShares.length - 1;
  if (isBodyFrozen) return { ...state, head };
  const body = makeTrainedBody(new Map([...values].filter((entry) => !isHead(entry))));
  // Features that the body gave before its training are not what it gives now.
  return { ...state, head, activations: null, network: { ...chosen, body } };
}

/** What the labels of the open data set ask for. */
export function lossKind(context: Pick<StepContext, 'state'>): LossKind {
  return requireDataset(context).summary.labelKind === 'tags' ? 'binaryCrossEntropy' : 'crossEntropy';
}

/** New layers from the seed, or what is trained so far. */
function startingHead(context: StepContext, graph: Graph): ParameterValues {
  const isGoingOn = choiceSetting(context.settings, 'startFrom') === 'trainedLayers' && context.state.head;
  if (isGoingOn) return isGoingOn;
  const parameters = graph.parameters.filter(({ name }) => name.startsWith(HEAD));
  return initialiseHead({ parameters }, createRandom(context.seed, 'head'));
}

export function learnedNames(graph: Graph): readonly string[] {
  return graph.parameters.filter((parameter) => parameter.isLearned).map(({ name }) => name);
}
