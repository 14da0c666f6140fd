// Reads the safetensors format: 8 bytes of header length (little-endian), a JSON header, then the bytes of the tensors.
// A file is treated as hostile: lengths, offsets, types and shapes are checked before a byte is used.

import { EngineError } from '../../../protocol/errors.ts';
import { BYTES_PER_VALUE, type StoredDtype, toFloat32 } from './storedNumbers.ts';

export interface StoredTensor {
  readonly shape: readonly number[];
  /** Upcast to 32 bits where it was stored in 16. */
  readonly values: Float32Array;
}

const LENGTH_BYTES = 8;
/** The format allows 100 MB; the largest network here has 100 kB, and a table of 16 MB is read in well under a second. */
const MAX_HEADER_BYTES = 16_000_000;
/** No tensor of a picture network has more axes. */
const MAX_AXES = 8;
const LONGEST_QUOTE = 80;
/** What the studio's own files hold. */
const WEIGHT_DTYPES: readonly StoredDtype[] = ['F32', 'F16', 'BF16'];

interface TensorHeader {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** Bytes from the end of the header. */
  readonly start: number;
  readonly end: number;
}

/** All tensors of a file by name, copied out of it. Throws EngineError 'weightsDamaged' with what is wrong. */
export function parseSafetensors(bytes: Uint8Array<ArrayBuffer>): ReadonlyMap<string, StoredTensor> {
  const tensors = [...openSafetensors(bytes, WEIGHT_DTYPES)];
  return new Map(
    tensors.map(([name, { shape, values, isView }]) => [name, { shape, values: isView ? values.slice() : values }]),
  );
}

export interface OpenedTensor extends StoredTensor {
  readonly dtype: StoredDtype;
  /** Made each time they are asked for; where `isView`, they are the file's own bytes and not to be written to. */
  readonly values: Float32Array;
  readonly isView: boolean;
}

/**
 * The tensors of a file, in its order, checked but not yet converted.
 * Throws EngineError 'weightsDamaged': also where tensors overlap or leave bytes between them, which the format forbids, as
 * do two of one name, of which JSON keeps the last.
 * @param dtypes what is read; a tensor of another type is refused
 */
export function openSafetensors(
  bytes: Uint8Array<ArrayBuffer>,
  dtypes: readonly StoredDtype[],
): ReadonlyMap<string, OpenedTensor> {
  const header = readHeader(bytes);
  const data = bytes.subarray(LENGTH_BYTES + header.byteLength);
  const entries = Object.entries(header.entries).filter(([name]) => name !== '__metadata__');
  const headers = entries.map(([name, entry]) => checkEntry(name, entry, dtypes));
  checkPlaces(headers, data.byteLength);
  return new Map(headers.map((tensor) => [tensor.name, openTensor(tensor, data)]));
}

function openTensor({ dtype, shape, start, end }: TensorHeader, data: Uint8Array<ArrayBuffer>): OpenedTensor {
  return {
    dtype,
    shape,
    isView: dtype === 'F32',
    get values() {
      return toFloat32(dtype, data.subarray(start, end));
    },
  };
}

/** The texts of the header's `__metadata__`; whatever else it holds is left out. Throws EngineError 'weightsDamaged'. */
export function readMetadata(bytes: Uint8Array<ArrayBuffer>): ReadonlyMap<string, string> {
  const { __metadata__: metadata } = readHeader(bytes).entries;
  const entries = typeof metadata === 'object' && metadata !== null ? Object.entries(metadata) : [];
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function readHeader(bytes: Uint8Array<ArrayBuffer>): { byteLength: number; entries: Record<string, unknown> } {
  if (bytes.byteLength < LENGTH_BYTES) throw damaged('it is shorter than its own length field');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(bytes.byteLength - LENGTH_BYTES)) throw damaged('its header is longer than the file');
  if (length > BigInt(MAX_HEADER_BYTES)) throw damaged('its header is longer than 16 MB');
  const byteLength = Number(length);
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + byteLength)));
  } catch {
    throw damaged('its header is not JSON');
  }
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw damaged('its header is not a table of tensors');
  }
  // Every value is checked by checkEntry before it is used.
  return { byteLength, entries: entries as Record<string, unknown> };
}

function checkEntry(name: string, entry: unknown, dtypes: readonly StoredDtype[]): TensorHeader {
  // Looked at field by field below; nothing is believed until then.
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const known = dtypes.find((candidate) => candidate === dtype);
  if (!known) {
    // Anything but a text could be nested so deeply that turning it into one fails.
    const type = typeof dtype === 'string' ? quote(dtype) : 'that is not a name';
    throw damaged(`the tensor ${quote(name)} is of the type ${type}, which the studio does not read`);
  }
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || shape.length > MAX_AXES || !shape.every(isCount)) {
    throw damaged(`the shape of ${quote(name)} is not a list of counts`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw damaged(`the offsets of ${quote(name)} are not two counts`);
  }
  const [start, end] = offsets as [number, number];
  const valueCount = shape.reduce((product, dimension) => product * dimension, 1);
  if (end - start !== valueCount * BYTES_PER_VALUE[known]) {
    throw damaged(
      `the tensor ${quote(name)} does not lie where the header says: its shape needs another number of bytes`,
    );
  }
  return { name, dtype: known, shape, start, end };
}

/** Tensors lie one behind the other and fill the file. */
function checkPlaces(headers: readonly TensorHeader[], dataBytes: number): void {
  let reached = 0;
  for (const { name, start, end } of headers.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (end > dataBytes)
      throw damaged(`the tensor ${quote(name)} does not lie where the header says: the file ends before`);
    if (start < reached) throw damaged(`the tensor ${quote(name)} overlaps another`);
    if (start > reached) throw damaged(`there are bytes before the tensor ${quote(name)} that belong to none`);
    reached = end;
  }
  if (reached < dataBytes) throw damaged('there are bytes at its end that belong to no tensor');
}

/** Names of a file in a sentence: of bounded length and without control characters. */
function quote(name: string): string {
  const visible = name.slice(0, LONGEST_QUOTE).replace(/\p{C}/gu, '?');
  return `“${visible}${name.length > LONGEST_QUOTE ? '…' : ''}”`;
}

function damaged(what: string): EngineError {
  return new EngineError(
    'weightsDamaged',
    `The weights file cannot be used: ${what}. Nothing was loaded. Fetch the file again.`,
  );
}
