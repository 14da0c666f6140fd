// Pictures as they came out of the decoder, many in one file: a header that says whose pixels lie where, then the pixels. Header and
// each picture have checksums, so that what a crash or a disk has damaged is found out and never taken for a picture.

import { joinBytes } from '../../joinBytes.ts';
import type { DecodedPicture, PictureSize } from '../../platform/ports.ts';

/** One picture in a shard. */
export interface TilePlace extends PictureSize {
  readonly shard: Blob;
  /** Of its first byte in the shard. */
  readonly offset: number;
  /** Upright, before it was scaled. */
  readonly originalWidthPx: number;
  readonly originalHeightPx: number;
  readonly checksum: number;
}

/** A picture's line in the header: SHA-256 of its file, size, original size, checksum of its pixels. */
type TileLine = readonly [
  contentHash: string,
  widthPx: number,
  heightPx: number,
  originalWidthPx: number,
  originalHeightPx: number,
  checksum: number,
];

/** With the version of this layout. */
const SIGNATURE = 'WBTILES1';
/** Signature, length and checksum of the header. */
const PREFIX_BYTES = 16;
const LENGTH_AT = 8;
const CHECKSUM_AT = 12;
const WORD_BYTES = 4;

/** @param tiles pictures by the SHA-256 of their files */
export function encodeShard(tiles: ReadonlyMap<string, DecodedPicture>): Uint8Array<ArrayBuffer> {
  const lines = [...tiles].map(
    ([contentHash, { widthPx, heightPx, originalWidthPx, originalHeightPx, rgb }]): TileLine => [
      ...([contentHash, widthPx, heightPx, originalWidthPx, originalHeightPx] as const),
      checksumOf(rgb),
    ],
  );
  const header = new TextEncoder().encode(JSON.stringify(lines));
  const prefix = new Uint8Array(PREFIX_BYTES);
  const view = new DataView(prefix.buffer);
  prefix.set(new TextEncoder().encode(SIGNATURE));
  view.setUint32(LENGTH_AT, header.length, true);
  view.setUint32(CHECKSUM_AT, checksumOf(header), true);
  return joinBytes([prefix, header, ...[...tiles.values()].map(({ rgb }) => rgb)]);
}

/** Where its pictures lie, by the SHA-256 of their files: those that the file is long enough for, none where its header is damaged. */
export async function openShard(shard: Blob): Promise<ReadonlyMap<string, TilePlace>> {
  const prefix = await readBytes(shard, 0, PREFIX_BYTES);
  if (prefix.length < PREFIX_BYTES || new TextDecoder().decode(prefix.subarray(0, LENGTH_AT)) !== SIGNATURE)
    return NONE;
  const view = new DataView(prefix.buffer);
  const headerBytes = view.getUint32(LENGTH_AT, true);
  const header = await readBytes(shard, PREFIX_BYTES, headerBytes);
  if (header.length !== headerBytes || checksumOf(header) !== view.getUint32(CHECKSUM_AT, true)) return NONE;
  // Whole, so it is what encodeShard wrote.
  const lines = JSON.parse(new TextDecoder().decode(header)) as readonly TileLine[];
  const places = new Map<string, TilePlace>();
  let offset = PREFIX_BYTES + headerBytes;
  for (const [contentHash, widthPx, heightPx, originalWidthPx, originalHeightPx, checksum] of lines) {
    const place = { shard, offset, widthPx, heightPx, originalWidthPx, originalHeightPx, checksum };
    offset += bytesOfTile(place);
    if (offset <= shard.size) places.set(contentHash, place);
  }
  return places;
}

const NONE: ReadonlyMap<string, TilePlace> = new Map();

/** @param rgb what lies there. Null where it is not, to the last bit, what was written */
export function decodeTile(place: TilePlace, rgb: Uint8Array<ArrayBuffer>): DecodedPicture | null {
  const { checksum, widthPx, heightPx, originalWidthPx, originalHeightPx } = place;
  if (rgb.length !== bytesOfTile(place) || checksumOf(rgb) !== checksum) return null;
  return { widthPx, heightPx, originalWidthPx, originalHeightPx, rgb };
}

export function bytesOfTile({ widthPx, heightPx }: PictureSize): number {
  return 3 * widthPx * heightPx;
}

/** Only this part of the file is read. */
async function readBytes(file: Blob, start: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.slice(start, start + count).arrayBuffer());
}

/**
 * FNV-1a of 32 bits over whole words, turned after each so that upper bits reach the lower ones: each step can be undone, so one word
 * that is another is always seen.
 */
export function checksumOf(bytes: Uint8Array): number {
  const aligned = bytes.byteOffset % WORD_BYTES === 0 ? bytes : bytes.slice();
  const wordCount = Math.floor(aligned.length / WORD_BYTES);
  let sum = 0x811c9dc5 ^ bytes.length;
  const take = (word: number) => {
    sum = Math.imul(sum ^ word, 0x01000193);
    sum = (sum << 13) | (sum >>> 19);
  };
  for (const word of new Uint32Array(aligned.buffer, aligned.byteOffset, wordCount)) take(word);
  for (const byte of aligned.subarray(WORD_BYTES * wordCount)) take(byte);
  return sum >>> 0;
}
