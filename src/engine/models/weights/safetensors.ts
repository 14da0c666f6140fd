// Reads the safetensors format: 8 bytes of header length (little-endian), a JSON header, then the bytes of the tensors.
// A file is treated as hostile: lengths, offsets, types and shapes are checked before a byte is used.

import { EngineError } from '../../../protocol/errors.ts';

export interface StoredTensor {
  readonly shape: readonly number[];
  /** Upcast to 32 bits where it was stored in 16. */
  readonly values: Float32Array;
}

const LENGTH_BYTES = 8;
/** The format's own limit on the header. */
const MAX_HEADER_BYTES = 100_000_000;
const BYTES_PER_VALUE: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };

interface TensorHeader {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** All tensors of a file by name. Throws EngineError 'weightsDamaged' with what is wrong. */
export function parseSafetensors(bytes: Uint8Array<ArrayBuffer>): ReadonlyMap<string, StoredTensor> {
  const header = readHeader(bytes);
  const dataStart = LENGTH_BYTES + header.byteLength;
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header.entries)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets } = checkEntry(name, entry);
    const [start, end] = offsets;
    const valueCount = shape.reduce((product, dimension) => product * dimension, 1);
    const bytesPerValue = BYTES_PER_VALUE[dtype] as number;
    if (start < 0 || end < start || end - start !== valueCount * bytesPerValue || dataStart + end > bytes.byteLength) {
      throw damaged(`the tensor “${name}” does not lie where the header says`);
    }
    const slice = bytes.slice(dataStart + start, dataStart + end);
    tensors.set(name, { shape, values: toFloat32(dtype, slice) });
  }
  return tensors;
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
  if (length > BigInt(Math.min(MAX_HEADER_BYTES, bytes.byteLength - LENGTH_BYTES))) {
    throw damaged('its header is longer than the file');
  }
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

function checkEntry(name: string, entry: unknown): TensorHeader {
  // Looked at field by field below; nothing is believed until then.
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Partial<Record<keyof TensorHeader, unknown>>;
  if (typeof dtype !== 'string' || !(dtype in BYTES_PER_VALUE)) {
    throw damaged(`the tensor “${name}” is of the type ${String(dtype)}, which the studio does not read`);
  }
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isCount)) throw damaged(`the shape of “${name}” is not a list of counts`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw damaged(`the offsets of “${name}” are not two counts`);
  }
  return { dtype, shape, data_offsets: [offsets[0] as number, offsets[1] as number] };
}

function toFloat32(dtype: string, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  if (dtype === 'F16') return Float32Array.from(halves, halfToFloat);
  // bfloat16 is the upper half of a float32.
  const words = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(words.buffer);
}

/** IEEE 754 binary16 to a number, subnormals and infinities included. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function damaged(what: string): EngineError {
  return new EngineError(
    'weightsDamaged',
    `The weights file cannot be used: ${what}. Nothing was loaded. Fetch the file again.`,
  );
}
