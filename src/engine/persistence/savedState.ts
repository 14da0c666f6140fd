// Saves what the session has trained, and goes on from what was saved.

import type { DatasetSummary } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import { type Platform, weightsKey } from '../platform/ports.ts';
import { describeInput } from '../recipe/squareSettings.ts';
import { type ChosenNetwork, makeTrainedBody, type StudioState } from '../recipe/studioState.ts';
import { decodeModel, encodeModel, type SavedModel } from './modelFile.ts';

/** Throws EngineError 'preconditionMissing' before anything has been trained. */
export function saveState(state: StudioState, name: string): Uint8Array<ArrayBuffer> {
  return encodeModel(describeState(state, name));
}

/** What is trained with all that is needed to go on with it; shares its values with the state. Throws as `saveState`. */
export function describeState({ dataset, network, head }: StudioState, name: string): SavedModel {
  if (!dataset || !network || !head) {
    throw new EngineError(
      'preconditionMissing',
      'Nothing has been trained yet, so there is nothing to save. Run a training step first.',
    );
  }
  const { id, label, architecture, sha256 } = network.weights;
  const { mean, std } = network.weights.preprocessing;
  return {
    name,
    // A card has more fields than a model file wants to keep.
    weights: { id, label, architecture, sha256, preprocessing: { mean, std } },
    imageSizePx: network.imageSizePx,
    square: network.square,
    classes: dataset.summary.classes,
    labelKind: dataset.summary.labelKind,
    rateShares: network.rateShares,
    head,
    body: network.body?.values ?? null,
  };
}

export interface OpenedModel {
  readonly state: StudioState;
  readonly sentence: string;
}

/** A file is read whole; the largest network of the lesson is a fifth of it. */
const MAX_MODEL_BYTES = 2e9;

/** As `openModel`, from a file. */
export async function loadState(state: StudioState, file: Blob, platform: Platform): Promise<OpenedModel> {
  requirePictures(state);
  if (file.size > MAX_MODEL_BYTES) {
    throw new EngineError(
      'weightsDamaged',
      'This file is larger than 2 GB, which no network here is. Nothing was loaded, and what is trained here is as it was. Choose a model file that this studio saved.',
    );
  }
  return openModel(state, decodeModel(new Uint8Array(await file.arrayBuffer())), platform);
}

/**
 * The state with the saved network in it, frozen up to its head, and a sentence that says what it is. Throws EngineError when no data
 * set is open, when its classes are others, or when it began with weights that are neither here nor in the file; the state given stays as it is.
 */
export async function openModel(state: StudioState, model: SavedModel, { weights }: Platform): Promise<OpenedModel> {
  checkClasses(model, requirePictures(state));
  const { sha256, label } = model.weights;
  // The same file may lie here under another id.
  const here = (await weights.listCards()).find((card) => card.sha256 === sha256);
  if (model.body === null && !here) {
    throw new EngineError(
      'weightsDamaged',
      `This model was trained on other ${label} weights than this studio has, and they are not in the file. Nothing was loaded. Add those weights first, then open the model again.`,
    );
  }
  const network: ChosenNetwork = {
    weights: here ?? model.weights,
    imageSizePx: model.imageSizePx,
    square: model.square,
    body: model.body && makeTrainedBody(model.body),
    firstLearningGroup: model.rateShares.length - 1,
    keepsBatchNorms: false,
    rateShares: model.rateShares,
  };
  const what = model.body ? 'the network and its new layers' : 'the new layers';
  return {
    state: {
      ...state,
      network,
      head: model.head,
      trainedName: model.name,
      snapshots:
        state.network && weightsKey(state.network.weights) === weightsKey(here ?? model.weights)
          ? state.snapshots
          : null,
      activations: hasSameFeatures(state, model) ? state.activations : null,
    },
    sentence: `Opened “${model.name}”: ${what}, ${label} at ${describeInput(model.imageSizePx, model.square)}. Steps that start from what is trained so far go on from it.`,
  };
}

function requirePictures({ dataset }: StudioState): DatasetSummary {
  if (dataset) return dataset.summary;
  throw new EngineError(
    'preconditionMissing',
    'Open the pictures first: a model goes on with a folder that has its classes.',
  );
}

function checkClasses(
  { classes, labelKind }: SavedModel,
  { classes: open, labelKind: openKind }: DatasetSummary,
): void {
  if (labelKind !== openKind) {
    const [has, have] = labelKind === 'tags' ? ['tags', 'one class each'] : ['one class for each picture', 'tags'];
    throw new EngineError(
      'settingInvalid',
      `This model was trained for ${has}, and the open pictures have ${have}. Nothing was loaded. Open the pictures that it was trained on, or ones labelled like them.`,
    );
  }
  if (classes.join('\n') === open.join('\n')) return;
  const missing = classes.filter((name) => !open.includes(name));
  const extra = open.filter((name) => !classes.includes(name));
  const differences = [
    ...(missing.length > 0 ? [`the open pictures lack ${listNames(missing)}`] : []),
    ...(extra.length > 0 ? [`the model does not know ${listNames(extra)}`] : []),
  ];
  throw new EngineError(
    'settingInvalid',
    `This model has other classes than the open pictures: ${differences.join(', and ')}. Nothing was loaded. Open a folder with the same classes.`,
  );
}

const MOST_NAMES = 5;

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `“${name}”`);
  return names.length > MOST_NAMES ? `${shown.join(', ')} and ${names.length - MOST_NAMES} more` : shown.join(', ');
}

/** Features stay where a body as it was shipped gave them, at the model's own size. */
function hasSameFeatures(
  { network, activations }: StudioState,
  { weights, imageSizePx, square, body }: SavedModel,
): boolean {
  if (!network || network.body || body) return false;
  const key = activations?.key;
  return key?.weights === weightsKey(weights) && key.imageSizePx === imageSizePx && key.square === square;
}
