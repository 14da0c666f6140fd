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

export interface SavedModel {
  /** As the person called it: '224_lastlayer'. */
  readonly name: string;
  readonly architecture: string;
  readonly imageSizePx: number;
  readonly square: SquareRule;
  /** In the order of the outputs. */
  readonly classes: readonly string[];
  /** Whether a picture is of one of the classes, or may have several as tags. */
  readonly labelKind: LabelKind;
  /** Of the weights file that the body came from. */
  readonly bodySha256: string;
  readonly rateShares: readonly number[];
  readonly head: ParameterValues;
  /** Null: as in the file of `bodySha256`. */
  readonly body: ParameterValues | null;
}

type Description = Omit<SavedModel, 'head' | 'body'> & { readonly hasBody: boolean };

const METADATA_KEY = 'windowbox';
const VERSION = 1;
const HEAD = 'head.';
const MOST_CLASSES = 100_000;
/** Files from before there was a choice do not name it. */
const SQUARE_OF_OLD_FILES: SquareRule = 'centreSquare';

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

/** Shapes of parameters do not depend on the size of pictures. */
function parametersOf({ architecture, imageSizePx, classes, hasBody }: Description): readonly ParameterSpec[] {
  const { parameters } = buildFullNetwork(findArchitecture(architecture), imageSizePx, classes.length);
  return hasBody ? parameters : parameters.filter(({ name }) => name.startsWith(HEAD));
}

function readDescription(bytes: Uint8Array<ArrayBuffer>): Description {
  const text = readMetadata(bytes).get(METADATA_KEY);
  if (text === undefined) {
    throw refuse('it was not saved by this studio (safetensors of other programs cannot be opened here yet)');
  }
  const found = parseObject(text);
  // Files from before there were tags, or a choice of squares, do not say it.
  const {
    version,
    name,
    architecture,
    imageSizePx,
    classes,
    labelKind = 'oneClass',
    bodySha256,
    rateShares,
    hasBody,
    square = SQUARE_OF_OLD_FILES,
  } = found;
  if (version !== VERSION) throw refuse(`its version is ${String(version)}, and this studio reads ${VERSION}`);
  if (typeof name !== 'string' || typeof bodySha256 !== 'string' || typeof hasBody !== 'boolean') {
    throw refuse('its description is incomplete');
  }
  if (typeof architecture !== 'string') throw refuse('it does not say which network it is');
  const groupCount = fullNetworkGroups(findArchitecture(architecture)).length;
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
    architecture,
    imageSizePx,
    square,
    // Looked at one by one above.
    classes: classes as string[],
    labelKind,
    bodySha256,
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
