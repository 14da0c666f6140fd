// What is trained as one file: safetensors in PyTorch's names and layout, and in its metadata all that is needed to go on with it. The
// new layers are always in it; the body only where it was trained, else its file is named by its hash.

import type { LabelKind } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { SquareRule } from '../../protocol/looks.ts';
import type { ParameterSpec, ParameterValues } from '../graph/graph.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork, fullNetworkGroups } from '../models/fullNetwork.ts';
import { loadWeights } from '../models/weights/loadWeights.ts';
import { parseSafetensors, readMetadata } from '../models/weights/safetensors.ts';
import { writeSafetensors } from '../models/weights/writeSafetensors.ts';
import type { UsedWeights } from '../platform/ports.ts';

export interface SavedModel {
  /** As the person called it: '224_lastlayer'. */
  readonly name: string;
  /** What the body began with. */
  readonly weights: UsedWeights;
  readonly imageSizePx: number;
  readonly square: SquareRule;
  /** In the order of the outputs. */
  readonly classes: readonly string[];
  /** Whether a picture is of one of the classes, or may have several as tags. */
  readonly labelKind: LabelKind;
  readonly rateShares: readonly number[];
  readonly head: ParameterValues;
  /** Null: as in the file of `weights`. */
  readonly body: ParameterValues | null;
}

type Description = Omit<SavedModel, 'head' | 'body'> & { readonly hasBody: boolean };

const METADATA_KEY = 'windowbox';
const VERSION = 1;
const HEAD = 'head.';
const MOST_CLASSES = 100_000;
/** Files from before there was a choice do not name it. */
const SQUARE_OF_OLD_FILES: SquareRule = 'centreSquare';
const WEIGHTS_OF_OLD_FILES = {
  id: 'efficientnet-lite0',
  label: 'EfficientNet-Lite0',
  preprocessing: { mean: Array(3).fill(127 / 255), std: Array(3).fill(128 / 255) },
};

export function encodeModel({ head, body, ...rest }: SavedModel): Uint8Array<ArrayBuffer> {
  const description: Description = { ...rest, hasBody: body !== null };
  const parameters = parametersOf(description);
  const metadata = { format: 'pt', [METADATA_KEY]: JSON.stringify({ version: VERSION, ...description }) };
  return writeSafetensors(parameters, new Map([...(body ?? []), ...head]), metadata);
}

/**
 * Reads a file of unknown origin: every field, name, shape and number is checked.
 * Throws EngineError 'weightsDamaged' or 'settingInvalid' with a sentence; nothing is kept of a file that does not fit.
 */
export function decodeModel(bytes: Uint8Array<ArrayBuffer>): SavedModel {
  const { hasBody, ...description } = readDescription(bytes);
  const values = loadWeights({ parameters: parametersOf({ ...description, hasBody }) }, parseSafetensors(bytes));
  for (const [name, value] of values) {
    if (!value.every(Number.isFinite)) throw refuse(`“${name}” holds values that are not numbers`);
  }
  const isHead = ([name]: [string, Float32Array]) => name.startsWith(HEAD);
  return {
    ...description,
    head: new Map([...values].filter(isHead)),
    body: hasBody ? new Map([...values].filter((entry) => !isHead(entry))) : null,
  };
}

/** Whether a file with such metadata is one of `encodeModel`. */
export function isSavedModel(metadata: ReadonlyMap<string, string>): boolean {
  return metadata.has(METADATA_KEY);
}

/** Shapes of parameters do not depend on the size of pictures. */
function parametersOf({ weights, imageSizePx, classes, hasBody }: Description): readonly ParameterSpec[] {
  const { parameters } = buildFullNetwork(findArchitecture(weights.architecture), imageSizePx, classes.length);
  return hasBody ? parameters : parameters.filter(({ name }) => name.startsWith(HEAD));
}

function readDescription(bytes: Uint8Array<ArrayBuffer>): Description {
  const text = readMetadata(bytes).get(METADATA_KEY);
  if (text === undefined) {
    throw refuse('it was not saved by this studio (safetensors of other programs cannot be opened here yet)');
  }
  const found = parseObject(text);
  // Files from before there were tags, or a choice of squares or of weights, do not say it.
  const {
    version,
    name,
    architecture,
    bodySha256,
    weights = { ...WEIGHTS_OF_OLD_FILES, architecture, sha256: bodySha256 },
    imageSizePx,
    classes,
    labelKind = 'oneClass',
    rateShares,
    hasBody,
    square = SQUARE_OF_OLD_FILES,
  } = found;
  if (version !== VERSION) throw refuse(`its version is ${String(version)}, and this studio reads ${VERSION}`);
  if (typeof name !== 'string' || typeof hasBody !== 'boolean') throw refuse('its description is incomplete');
  if (!isUsedWeights(weights)) throw refuse('it does not say which network it is');
  const groupCount = fullNetworkGroups(findArchitecture(weights.architecture)).length;
  if (!isPictureSize(imageSizePx)) throw refuse('its picture size is not a number of pixels');
  if (!isSquareRule(square)) throw refuse('it does not say how pictures become its squares');
  if (!isListOf(classes, (item) => typeof item === 'string') || classes.length < 2 || classes.length > MOST_CLASSES) {
    throw refuse('its classes are not a list of names');
  }
  if (new Set(classes).size < classes.length) throw refuse('two of its classes have the same name');
  if (labelKind !== 'oneClass' && labelKind !== 'tags')
    throw refuse('it does not say whether its classes exclude each other');
  const isShare = (item: unknown) => typeof item === 'number' && item > 0 && Number.isFinite(item);
  if (!isListOf(rateShares, isShare) || rateShares.length !== groupCount)
    throw refuse('its rates do not fit its network');
  return {
    name,
    weights,
    imageSizePx,
    square,
    // Looked at one by one above.
    classes: classes as string[],
    labelKind,
    rateShares: rateShares as number[],
    hasBody,
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    // Every field is looked at before it is used.
    if (typeof found === 'object' && found !== null) return found as Record<string, unknown>;
  } catch {
    // Told below, with what is not an object.
  }
  throw refuse('its description is not readable');
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(isItem);
}

function isUsedWeights(value: unknown): value is UsedWeights {
  if (typeof value !== 'object' || value === null) return false;
  // Every field is looked at before it is used.
  const { id, label, architecture, sha256, preprocessing } = value as Record<string, unknown>;
  const areTexts = [id, label, architecture, sha256].every((text) => typeof text === 'string');
  if (!areTexts || typeof preprocessing !== 'object' || preprocessing === null) return false;
  const { mean, std } = preprocessing as Record<string, unknown>;
  const isStatistic = (item: unknown) => typeof item === 'number' && Number.isFinite(item);
  const isSpread = (item: unknown) => isStatistic(item) && (item as number) > 0;
  return isListOf(mean, isStatistic) && mean.length === 3 && isListOf(std, isSpread) && std.length === 3;
}

function isPictureSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 32 && value <= 4096;
}

function isSquareRule(value: unknown): value is SquareRule {
  return value === 'centreSquare' || value === 'squashed';
}

function refuse(what: string): EngineError {
  return new EngineError(
    'weightsDamaged',
    `This model file cannot be used: ${what}. Nothing was loaded, and what is trained here is as it was.`,
  );
}
