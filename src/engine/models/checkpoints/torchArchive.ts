// The container of PyTorch's files since 1.6: a zip whose entries are stored, not compressed, under one folder. zip.js reads
// the table of contents; where an entry's bytes lie is worked out and checked here, so that they are used without a copy.

import { FETCH_AGAIN, HOW_TO_SAVE, quote, refuseCheckpoint } from './checkpoint.ts';
import { crc32 } from './crc32.ts';

/** A ResNeXt-101 with Adam's two moments is 1 GB. */
const MOST_BYTES = 2 ** 30;
/** One storage is one entry; the largest network here has 626 tensors, its optimiser twice as many more. */
const MOST_ENTRIES = 20_000;
/** Local header of an entry (APPNOTE.TXT 4.3.7): signature, fields, then name and extra field, whose lengths are at 26 and 28. */
const LOCAL_HEADER = { signature: 0x04034b50, bytes: 30, nameLengthAt: 26, extraLengthAt: 28 } as const;
const STORED = 0;

interface ArchiveEntry {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly crc32: number;
}

export interface TorchArchive {
  /** Bytes of an entry by its path under the archive's folder ('data.pkl', 'data/0'), a view; null where there is none. */
  readonly sizeOf: (path: string) => number | null;
  /** The same, after its checksum is found right. Throws EngineError 'weightsDamaged'. */
  readonly read: (path: string) => Uint8Array<ArrayBuffer>;
}

/** Throws EngineError 'weightsDamaged' for anything but a PyTorch zip of plain, stored entries. */
export async function openTorchArchive(bytes: Uint8Array<ArrayBuffer>): Promise<TorchArchive> {
  if (bytes.byteLength > MOST_BYTES) throw refuseCheckpoint('it is larger than 1 GB');
  const listed = await listEntries(bytes);
  const entries = new Map(listed.map((entry) => [entry.path, entry] as const));
  if (entries.size < listed.length) throw refuseCheckpoint('two entries of its zip have the same name', FETCH_AGAIN);
  refuseOtherArchives([...entries.keys()]);
  // PyTorch can be told to leave checksums out and then writes 0 for all of them.
  const hasChecksums = listed.some((entry) => entry.crc32 !== 0);
  const sound = new Set<string>();
  return {
    sizeOf: (path) => entries.get(path)?.bytes.byteLength ?? null,
    read(path) {
      const entry = entries.get(path);
      if (!entry) throw refuseCheckpoint(`its zip lacks the entry ${quote(path)}`, FETCH_AGAIN);
      if (hasChecksums && !sound.has(path)) {
        if (crc32(entry.bytes) !== entry.crc32) {
          throw refuseCheckpoint(`the checksum of its entry ${quote(path)} is wrong`, FETCH_AGAIN);
        }
        sound.add(path);
      }
      return entry.bytes;
    },
  };
}

async function listEntries(bytes: Uint8Array<ArrayBuffer>): Promise<readonly (ArchiveEntry & { path: string })[]> {
  const { Uint8ArrayReader, ZipReader } = await import('@zip.js/zip.js');
  const found: (ArchiveEntry & { path: string })[] = [];
  let folder: string | null = null;
  try {
    for await (const entry of new ZipReader(new Uint8ArrayReader(bytes)).getEntriesGenerator()) {
      if (found.length >= MOST_ENTRIES) throw refuseCheckpoint(`its zip holds more than ${MOST_ENTRIES} entries`);
      if (entry.directory) continue;
      const slash = entry.filename.indexOf('/');
      folder ??= entry.filename.slice(0, slash + 1);
      if (slash < 1 || !entry.filename.startsWith(folder)) {
        throw refuseCheckpoint('it is a zip, but not one that PyTorch wrote: its entries are not in one folder');
      }
      found.push({
        path: entry.filename.slice(folder.length),
        crc32: (entry.signature ?? 0) >>> 0,
        bytes: locate(bytes, entry),
      });
    }
  } catch (thrown) {
    if (isRefusal(thrown)) throw thrown;
    throw refuseCheckpoint('its zip’s table of contents is damaged', FETCH_AGAIN);
  }
  return found;
}

interface ListedEntry {
  readonly filename: string;
  readonly rawFilename: Uint8Array;
  readonly offset: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly compressionMethod: number;
  readonly encrypted: boolean;
}

/** Believes neither the table of contents nor the entry's own header alone: they must agree on name and place. */
function locate(bytes: Uint8Array<ArrayBuffer>, entry: ListedEntry): Uint8Array<ArrayBuffer> {
  const { filename, rawFilename, offset, compressedSize, uncompressedSize } = entry;
  if (entry.encrypted) throw refuseCheckpoint(`its entry ${quote(filename)} is encrypted`);
  const isTaken = entry.compressionMethod === STORED && compressedSize === uncompressedSize;
  // TorchScript compresses its code, which is told by its names once all are known; its bytes are never read.
  if (!isTaken && isRead(filename)) {
    throw refuseCheckpoint(`its entry ${quote(filename)} is compressed, which PyTorch never does`);
  }
  const start = offset + LOCAL_HEADER.bytes;
  if (!Number.isSafeInteger(start) || offset < 0 || start > bytes.byteLength) throw misplaced(filename);
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, LOCAL_HEADER.bytes);
  const nameEnd = start + view.getUint16(LOCAL_HEADER.nameLengthAt, true);
  const dataStart = nameEnd + view.getUint16(LOCAL_HEADER.extraLengthAt, true);
  const dataEnd = dataStart + compressedSize;
  const name = bytes.subarray(start, nameEnd);
  const hasName = name.length === rawFilename.length && name.every((byte, index) => byte === rawFilename[index]);
  if (view.getUint32(0, true) !== LOCAL_HEADER.signature || !hasName || !(dataEnd <= bytes.byteLength)) {
    throw misplaced(filename);
  }
  return bytes.subarray(dataStart, dataEnd);
}

function misplaced(filename: string): Error {
  return refuseCheckpoint(
    `its entry ${quote(filename)} does not lie where its zip’s table of contents says`,
    FETCH_AGAIN,
  );
}

function isRead(filename: string): boolean {
  return /^[^/]+\/(data\.pkl|data\/[^/]+|byteorder)$/.test(filename);
}

function isRefusal(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'EngineError';
}

function refuseOtherArchives(paths: readonly string[]): void {
  if (paths.some((path) => path === 'constants.pkl' || path.startsWith('code/'))) {
    throw refuseCheckpoint(
      'it is a TorchScript archive, which holds a program',
      `Load it with torch.jit.load. ${HOW_TO_SAVE}`,
    );
  }
  if (!paths.includes('data.pkl'))
    throw refuseCheckpoint('it is a zip, but not one that PyTorch wrote: it has no data.pkl');
}
