// Reads a zip into DroppedFile[]. An archive is treated as hostile: its table of contents is checked before anything is unpacked,
// and what is unpacked is held to what the table says. Archives inside it stay files that are no pictures.

import type { DroppedFile } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import { showText } from '../ui/showText.ts';
import { normalizePath } from './folderPaths.ts';

const maxEntries = 200_000;
const maxTotalBytes = 16e9;
/** Deflate reaches 1,032; pictures, which are compressed already, hardly ever 2, and uncompressed drawings 50. */
const maxRatio = 100;
/** So little does no harm at any ratio. */
const anyRatioBytes = 256e6;
/** Linux takes 4,096 for a path, Windows 260 as it comes. */
const maxPathLength = 4096;

const mimeTypes: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  svg: 'image/svg+xml',
  webp: 'image/webp',
};

function mimeTypeOf(path: string): string {
  return mimeTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? '';
}

/** Whether a path inside an archive stays inside it. */
export function isSafePath(path: string): boolean {
  const unified = path.replaceAll('\\', '/');
  if (unified.startsWith('/') || /^[a-z]:/i.test(unified) || unified.includes('\0')) return false;
  return !unified.split('/').includes('..');
}

/** What the table of contents says of one entry. */
export interface ArchiveEntry {
  readonly filename: string;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly encrypted: boolean;
}

/**
 * Checks an archive's table of contents before anything is unpacked.
 * Throws EngineError 'datasetLayout' with a sentence.
 */
export function checkArchive(entries: readonly ArchiveEntry[]): void {
  const problem = findArchiveProblem(entries);
  if (problem === null) return;
  const act = problem.isUnpackable ? 'Unpack it and choose the folder instead.' : 'Make the archive again.';
  throw new EngineError('datasetLayout', `The archive ${problem.what}. Nothing was opened. ${act}`);
}

interface ArchiveProblem {
  readonly what: string;
  /** Whether a person's own program may well unpack it. */
  readonly isUnpackable: boolean;
}

function findArchiveProblem(entries: readonly ArchiveEntry[]): ArchiveProblem | null {
  if (entries.length > maxEntries) return { what: `holds more than ${maxEntries} files`, isUnpackable: true };
  const total = (size: 'compressedSize' | 'uncompressedSize') => entries.reduce((sum, entry) => sum + entry[size], 0);
  const unpackedBytes = total('uncompressedSize');
  if (unpackedBytes > maxTotalBytes) return { what: 'unpacks to more than 16 GB', isUnpackable: true };
  const ratio = unpackedBytes / Math.max(1, total('compressedSize'));
  if (unpackedBytes > anyRatioBytes && ratio > maxRatio) {
    const times = Math.round(ratio).toLocaleString('en-US');
    return { what: `unpacks to ${times} times its size, which no pictures do`, isUnpackable: false };
  }
  if (entries.some(({ filename }) => !isSafePath(filename))) {
    return { what: 'holds a path that points outside itself', isUnpackable: false };
  }
  if (entries.some(({ filename }) => filename.length > maxPathLength)) {
    return { what: `holds a path of more than ${maxPathLength} characters`, isUnpackable: false };
  }
  if (entries.some(({ encrypted }) => encrypted)) return { what: 'is locked with a password', isUnpackable: true };
  const twice = findTwice(entries.map(({ filename }) => normalizePath(filename)));
  if (twice === null) return null;
  return { what: `holds “${showText(twice)}” twice, and one of them would hide the other`, isUnpackable: true };
}

function findTwice(paths: readonly string[]): string | null {
  const seen = new Set<string>();
  return paths.find((path) => seen.size === seen.add(path).size) ?? null;
}

/**
 * Unpacks a zip in memory, file by file.
 * @throws EngineError when it is not a zip, is damaged, or one of the guards says no.
 */
export async function readZip(zip: Blob): Promise<readonly DroppedFile[]> {
  const { BlobReader, ZipReader, configure } = await import('@zip.js/zip.js');
  configure({ useWebWorkers: false });
  const reader = new ZipReader(new BlobReader(zip));
  try {
    const entries = await reader.getEntries();
    checkArchive(entries);
    const files: DroppedFile[] = [];
    for (const entry of entries) {
      if (entry.directory) continue;
      const unpacked = collectAtMost(entry.uncompressedSize);
      // Two entries over the same bytes are a way to make a small archive large.
      await entry.getData(unpacked.writable, { checkOverlappingEntry: true, checkCrc32: true });
      const file = new Blob(unpacked.chunks, { type: mimeTypeOf(entry.filename) });
      files.push({ path: normalizePath(entry.filename), file });
    }
    return files;
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown;
    throw new EngineError(
      'datasetLayout',
      'This file could not be read as a zip, or it is damaged. Nothing was opened. Make the archive again, or unpack it and choose the folder.',
      { cause: thrown },
    );
  } finally {
    await reader.close();
  }
}

/** Collects what is unpacked, and stops where there is more than the table of contents said: it would go on until memory ends. */
function collectAtMost(sizeBytes: number): { writable: WritableStream<Uint8Array>; chunks: Uint8Array<ArrayBuffer>[] } {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let collectedBytes = 0;
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      collectedBytes += chunk.byteLength;
      if (collectedBytes > sizeBytes) throw new RangeError('An entry is larger than the table of contents says.');
      chunks.push(chunk.slice());
    },
  });
  return { writable, chunks };
}
