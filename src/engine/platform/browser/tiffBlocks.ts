// Unpacks the strips and tiles of a TIFF, never to more bytes than the picture claims. geotiff's own unpackers believe what they read: a
// changed byte of an LZW strip makes them grow a list until the page's process dies, and a small strip may be deflated from gigabytes.

import { addDecoder, BaseDecoder, type ImageFileDirectory } from 'geotiff';

/** TIFF 6.0, tag 259, and Adobe's two numbers for deflate. JPEG in a TIFF claims sizes of its own, so it is left out. */
export const UNPACKED_COMPRESSIONS: readonly number[] = [1, 5, 8, 32_946, 32_773];

type Unpack = (packed: Uint8Array<ArrayBuffer>, mostBytes: number) => Uint8Array | Promise<Uint8Array>;

let isRegistered = false;

/** Call before a TIFF is read. */
export function registerUnpackers(): void {
  if (isRegistered) return;
  isRegistered = true;
  register([5], unpackLzw);
  register([8, 32_946], unpackDeflate);
  register([32_773], unpackPackBits);
}

function register(compressions: number[], unpack: Unpack): void {
  class BoundedDecoder extends BaseDecoder {
    override async decodeBlock(buffer: ArrayBufferLike): Promise<ArrayBufferLike> {
      const { mostBytes } = this.parameters as typeof this.parameters & { mostBytes: number };
      const unpacked = await unpack(new Uint8Array(buffer as ArrayBuffer), mostBytes);
      return unpacked.slice().buffer;
    }
  }
  addDecoder(compressions, async () => BoundedDecoder, readParameters);
}

async function readParameters(directory: ImageFileDirectory) {
  const number = async (
    tag:
      | 'ImageWidth'
      | 'ImageLength'
      | 'TileWidth'
      | 'TileLength'
      | 'RowsPerStrip'
      | 'PlanarConfiguration'
      | 'Predictor',
  ) => Number(await directory.loadValue(tag)) || null;
  const width = (await number('ImageWidth')) ?? 0;
  const height = (await number('ImageLength')) ?? 0;
  const isTiled = !directory.hasTag('StripOffsets');
  const tileWidth = isTiled ? ((await number('TileWidth')) ?? 0) : width;
  const tileHeight = isTiled
    ? ((await number('TileLength')) ?? 0)
    : Math.min((await number('RowsPerStrip')) ?? height, height);
  const bitsPerSample: ArrayLike<number> = (await directory.loadValue('BitsPerSample')) ?? [1];
  const planarConfiguration = (await number('PlanarConfiguration')) ?? 1;
  const bits = Array.from(bitsPerSample).reduce((sum, count) => sum + count, 0);
  return {
    ...{ tileWidth, tileHeight, planarConfiguration },
    bitsPerSample: Array.from(bitsPerSample),
    predictor: (await number('Predictor')) ?? 1,
    mostBytes: Math.ceil((tileWidth * bits) / 8) * tileHeight,
  };
}

const CLEAR_CODE = 256;
const END_CODE = 257;
const FIRST_FREE_CODE = 258;
const FIRST_BITS = 9;
const MOST_BITS = 12;
const MOST_CODES = 2 ** MOST_BITS;

/** TIFF 6.0, section 13: codes of 9 to 12 bits, the first bit first; codes grow a bit one entry before they must. */
export function unpackLzw(packed: Uint8Array, mostBytes: number): Uint8Array {
  const result = new Uint8Array(mostBytes);
  /** Each code is a text that was written before: where it stands in the result, and how long it is. */
  const places = new Uint32Array(MOST_CODES);
  const lengths = new Uint32Array(MOST_CODES);
  let written = 0;
  let nextCode = FIRST_FREE_CODE;
  let codeBits = FIRST_BITS;
  let previous: { readonly place: number; readonly length: number } | null = null;
  for (let bit = 0; bit + codeBits <= packed.length * 8 && written < mostBytes; ) {
    const code = readBits(packed, bit, codeBits);
    bit += codeBits;
    if (code === END_CODE) break;
    if (code === CLEAR_CODE) {
      nextCode = FIRST_FREE_CODE;
      codeBits = FIRST_BITS;
      previous = null;
      continue;
    }
    // A new code is the text before and the first letter of this one: it stands where that text does, one letter longer.
    if (previous && nextCode < MOST_CODES) {
      places[nextCode] = previous.place;
      lengths[nextCode] = previous.length + 1;
      nextCode += 1;
    }
    if (code >= nextCode) throw new RangeError('A code of the strip stands for nothing.');
    const place = written;
    if (code < CLEAR_CODE) result[written++] = code;
    else {
      const from = places[code] as number;
      // The end may still be on its way: letter by letter.
      for (let step = 0; step < (lengths[code] as number) && written < mostBytes; step++) {
        result[written++] = result[from + step] as number;
      }
    }
    previous = { place, length: written - place };
    if (nextCode + 1 >= 2 ** codeBits && codeBits < MOST_BITS) codeBits += 1;
  }
  return result.subarray(0, written);
}

/** Up to 16 bits from the position of a bit on; what lies behind the end is 0. */
function readBits(bytes: Uint8Array, bit: number, count: number): number {
  const at = bit >>> 3;
  const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return (word >>> (24 - (bit & 7) - count)) & (2 ** count - 1);
}

/** TIFF 6.0, section 9: runs, and bytes as they are. */
export function unpackPackBits(packed: Uint8Array, mostBytes: number): Uint8Array {
  const result = new Uint8Array(mostBytes);
  let written = 0;
  for (let at = 0; at < packed.length && written < mostBytes; ) {
    const header = packed[at++] as number;
    if (header === 128) continue;
    const count = Math.min(header < 128 ? header + 1 : 257 - header, mostBytes - written);
    if (header < 128) {
      result.set(packed.subarray(at, at + count), written);
      at += header + 1;
    } else result.fill(packed[at++] ?? 0, written, written + count);
    written += count;
  }
  return result.subarray(0, written);
}

/** By the platform's own inflater, a piece at a time, so that it stops when there is enough. */
async function unpackDeflate(packed: Uint8Array<ArrayBuffer>, mostBytes: number): Promise<Uint8Array> {
  const result = new Uint8Array(mostBytes);
  let written = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  while (written < mostBytes) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, mostBytes - written);
    result.set(part, written);
    written += part.length;
  }
  await reader.cancel().catch(() => {});
  return result.subarray(0, written);
}
