// Writes the safetensors format, so that what is trained here opens in PyTorch: 8 bytes of header length (little-endian), a JSON
// header, then the tensors' bytes as 32-bit floats.

import { type ParameterSpec, type ParameterValues, sizeOf } from '../../graph/graph.ts';
import { torchShape, toTorchLayout } from './tensorLayout.ts';

/** The header's end, and so every tensor, lies at a multiple of this. */
const ALIGNMENT = 8;
const BYTES_PER_VALUE = 4;

/** A tensor in PyTorch's name and layout. */
export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  /** Asked for once, when its turn comes: so a tensor that is made then is not held beside the others. */
  readonly values: Float32Array;
}

/**
 * @param parameters what is written, in PyTorch's names and layout, in this order
 * @param metadata texts for the header's `__metadata__`
 * @throws RangeError when a parameter has no value
 */
export function writeSafetensors(
  parameters: readonly ParameterSpec[],
  values: ParameterValues,
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const tensors = parameters.map((spec) => {
    const value = values.get(spec.name);
    if (!value) throw new RangeError(`There is no value for ${spec.name}.`);
    return {
      name: spec.name,
      shape: torchShape(spec),
      get values() {
        return toTorchLayout(spec, value);
      },
    };
  });
  return writeTensors(tensors, metadata);
}

/** @throws RangeError when a tensor has not as many values as its shape says */
export function writeTensors(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header = writeHeader(tensors, metadata);
  const valueBytes = tensors.reduce((sum, { shape }) => sum + BYTES_PER_VALUE * sizeOf(shape), 0);
  const file = new Uint8Array(header.length + valueBytes);
  file.set(header);
  let place = header.length;
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor);
    file.set(bytes, place);
    place += bytes.length;
  }
  return file;
}

/**
 * The same file in pieces that lie one behind the other: the tensors' own memory, of which nothing is copied.
 * @throws RangeError when a tensor has not as many values as its shape says
 */
export function listTensorPieces(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): readonly Uint8Array<ArrayBuffer>[] {
  return [writeHeader(tensors, metadata), ...tensors.map(bytesOf)];
}

function bytesOf({ name, shape, values }: TensorToWrite): Uint8Array<ArrayBuffer> {
  if (values.length !== sizeOf(shape)) throw new RangeError(`${name} has not as many values as its shape says.`);
  // Tensors lie in plain memory, never in one that threads share.
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}

/** The length of the header, and the header. */
function writeHeader(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, shape } of tensors) {
    const start = end;
    end += BYTES_PER_VALUE * sizeOf(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(ALIGNMENT + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  // The format fills its header up with spaces.
  bytes.fill(0x20, ALIGNMENT);
  bytes.set(text, ALIGNMENT);
  return bytes;
}
