// Writes the safetensors format, so that what is trained here opens in PyTorch: 8 bytes of header length (little-endian), a JSON
// header, then the tensors' bytes as 32-bit floats.

import type { ParameterSpec, ParameterValues } from '../../graph/graph.ts';
import { torchShape, toTorchLayout } from './tensorLayout.ts';

/** The header's end, and so every tensor, lies at a multiple of this. */
const ALIGNMENT = 8;
const BYTES_PER_VALUE = 4;

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
  const header: Record<string, unknown> = { __metadata__: metadata };
  const tensors: Float32Array[] = [];
  let end = 0;
  for (const spec of parameters) {
    const value = values.get(spec.name);
    if (!value) throw new RangeError(`There is no value for ${spec.name}.`);
    const tensor = toTorchLayout(spec, value);
    const start = end;
    end += BYTES_PER_VALUE * tensor.length;
    header[spec.name] = { dtype: 'F32', shape: torchShape(spec), data_offsets: [start, end] };
    tensors.push(tensor);
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(ALIGNMENT + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  // The format fills its header up with spaces.
  file.fill(0x20, ALIGNMENT, ALIGNMENT + headerBytes);
  file.set(text, ALIGNMENT);
  let place = ALIGNMENT + headerBytes;
  for (const tensor of tensors) {
    file.set(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength), place);
    place += tensor.byteLength;
  }
  return file;
}
