// One file of a checkpoint: safetensors with facts as JSON in its metadata, and a checksum over both. A file that a crash or a disk
// has damaged is found out before anything of it is used.

import { EngineError } from '../../protocol/errors.ts';
import { fingerprintValues } from '../graph/fingerprintValues.ts';
import type { NumberSet } from '../learner/callback.ts';
import { type OpenedTensor, openSafetensors, readMetadata } from '../models/weights/safetensors.ts';
import { listTensorPieces } from '../models/weights/writeSafetensors.ts';
import { readExactJson, writeExactJson } from './exactJson.ts';

export interface CheckpointContent {
  /** Plain data; typed arrays and numbers that are none come back as they were. */
  readonly facts: unknown;
  readonly sets: Readonly<Record<string, NumberSet>>;
}

const METADATA_KEY = 'windowbox-checkpoint';
const CHECKSUM_KEY = 'windowbox-checksum';
const VERSION = 1;

/** The order of the tensors in the file, and of what each is. */
interface Listing {
  readonly version: number;
  readonly setNames: readonly string[];
  /** [set, name, whether it is of 64-bit numbers] */
  readonly tensors: readonly (readonly [set: string, name: string, isDouble: boolean])[];
  readonly facts: unknown;
}

export interface EncodedCheckpoint {
  /** Of the file, one behind the other: the sets' own memory, of which nothing is copied. */
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  readonly sizeBytes: number;
  /** Equal for equal content. */
  readonly checksum: string;
}

export function encodeCheckpoint({ facts, sets }: CheckpointContent): EncodedCheckpoint {
  const tensors = Object.entries(sets).flatMap(([set, values]) =>
    [...values].map(([name, value]) => ({ set, name, value })),
  );
  const listing: Listing = {
    version: VERSION,
    setNames: Object.keys(sets),
    tensors: tensors.map(({ set, name, value }) => [set, name, value instanceof Float64Array]),
    facts,
  };
  const text = writeExactJson(listing);
  const numbers = new Map(tensors.map(({ value }, index) => [tensorName(index), asWords(value)]));
  const checksum = checksumOf(text, numbers);
  const pieces = listTensorPieces(
    [...numbers].map(([name, values]) => ({ name, shape: [values.length], values })),
    { [METADATA_KEY]: text, [CHECKSUM_KEY]: checksum },
  );
  return { pieces, sizeBytes: pieces.reduce((sum, { length }) => sum + length, 0), checksum };
}

/**
 * Its values are the file's own bytes, of which nothing is copied: give the file to nobody else. Throws EngineError 'checkpointDamaged' for one
 * that is not, to the last bit, what `encodeCheckpoint` made.
 */
export function decodeCheckpoint(bytes: Uint8Array<ArrayBuffer>): CheckpointContent & { readonly checksum: string } {
  const { text, checksum, stored } = openFile(bytes);
  const numbers = new Map([...stored].map(([name, { values }]) => [name, values]));
  if (text === undefined || checksum !== checksumOf(text, numbers)) throw damaged('it is not whole');
  // Whole, so it is what was written; only by which version is open.
  const { version, setNames, tensors, facts } = readExactJson(text) as Listing;
  if (version !== VERSION) throw damaged(`its version is ${version}, and this studio reads ${VERSION}`);
  const sets = Object.fromEntries(setNames.map((set) => [set, new Map<string, Float32Array | Float64Array>()]));
  for (const [index, [set, name, isDouble]] of tensors.entries()) {
    const words = numbers.get(tensorName(index)) as Float32Array;
    sets[set]?.set(name, isDouble ? new Float64Array(words.slice().buffer) : words);
  }
  return { facts, sets, checksum };
}

function openFile(bytes: Uint8Array<ArrayBuffer>): {
  readonly text: string | undefined;
  readonly checksum: string | undefined;
  readonly stored: ReadonlyMap<string, OpenedTensor>;
} {
  try {
    const metadata = readMetadata(bytes);
    return {
      text: metadata.get(METADATA_KEY),
      checksum: metadata.get(CHECKSUM_KEY),
      stored: openSafetensors(bytes, ['F32']),
    };
  } catch {
    // Its sentence speaks of weights.
    throw damaged('it is not whole');
  }
}

/** The safetensors of the studio hold 32-bit numbers: a 64-bit one lies there as two of them, bit by bit. */
function asWords(values: Float32Array | Float64Array): Float32Array {
  return values instanceof Float32Array
    ? values
    : new Float32Array(values.buffer, values.byteOffset, 2 * values.length);
}

function checksumOf(text: string, numbers: ReadonlyMap<string, Float32Array>): string {
  const letters = Float32Array.from([text, ...numbers.keys()].join('\n'), (letter) => letter.codePointAt(0) as number);
  return fingerprintValues(new Map([...numbers, ['text', letters]]));
}

const tensorName = (index: number) => String(index);

export function damaged(what: string): EngineError {
  return new EngineError(
    'checkpointDamaged',
    `What the browser kept of the last run cannot be used: ${what}. Nothing of it was taken; the other runs and your pictures are untouched. Open the pictures and run the steps again.`,
  );
}
