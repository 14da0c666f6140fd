// Little-endian numbers of each type that checkpoints hold, as 32-bit floats.

/** As safetensors names them. I64 holds counters (num_batches_tracked), never weights. */
export type StoredDtype = 'F32' | 'F16' | 'BF16' | 'F64' | 'I64';

export const BYTES_PER_VALUE: Readonly<Record<StoredDtype, number>> = { F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8 };

/** @param bytes a whole number of values; where they are F32 and lie as the device wants, the result is a view of them. */
export function toFloat32(dtype: StoredDtype, bytes: Uint8Array<ArrayBuffer>): Float32Array {
  const width = BYTES_PER_VALUE[dtype];
  // Typed arrays begin at multiples of their width.
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  const span = [aligned.buffer, aligned.byteOffset, aligned.byteLength / width] as const;
  switch (dtype) {
    case 'F32':
      return new Float32Array(...span);
    case 'F64':
      return Float32Array.from(new Float64Array(...span));
    case 'I64':
      return Float32Array.from(new BigInt64Array(...span), Number);
    case 'F16':
      return convertHalves(new Uint16Array(...span));
    case 'BF16':
      return convertBrainFloats(new Uint16Array(...span));
  }
}

/** All 65,536 halves, made once a file needs them: a table is ten times as fast as the arithmetic. */
let floatOfHalf: Float32Array | null = null;

function convertHalves(halves: Uint16Array): Float32Array {
  floatOfHalf ??= Float32Array.from({ length: 1 << 16 }, (_, half) => halfToFloat(half));
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = floatOfHalf[halves[i] as number] as number;
  return floats;
}

/** bfloat16 is the upper half of a float32. */
function convertBrainFloats(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = (halves[i] as number) << 16;
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
