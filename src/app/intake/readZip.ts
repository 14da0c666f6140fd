// Reads a zip into DroppedFile[]. An archive is treated as hostile: number of entries, total size and paths are checked.

import type { DroppedFile } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import { normalizePath } from './folderPaths.ts';

const maxEntries = 200_000;
const maxTotalBytes = 16e9;

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

/** Checks an archive's table of contents before anything is unpacked. Throws an EngineError with a sentence. */
export function checkArchive(
  entries: readonly { readonly filename: string; readonly uncompressedSize: number }[],
): void {
  if (entries.length > maxEntries) {
    throw new EngineError(
      'datasetLayout',
      `The archive holds more than ${maxEntries} files. Nothing was opened. Unpack it and choose the folder instead.`,
    );
  }
  const totalBytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  if (totalBytes > maxTotalBytes) {
    throw new EngineError(
      'datasetLayout',
      'The archive unpacks to more than 16 GB. Nothing was opened. Unpack it and choose the folder instead.',
    );
  }
  const unsafe = entries.find((entry) => !isSafePath(entry.filename));
  if (unsafe) {
    throw new EngineError(
      'datasetLayout',
      'The archive holds a path that points outside itself. Nothing was opened. Make the archive again, or unpack it and choose the folder.',
    );
  }
}

/**
 * Unpacks a zip in memory, file by file.
 * @throws EngineError when it is not a zip or one of the guards says no.
 */
export async function readZip(zip: Blob): Promise<readonly DroppedFile[]> {
  const { BlobReader, BlobWriter, ZipReader, configure } = await import('@zip.js/zip.js');
  configure({ useWebWorkers: false });
  const reader = new ZipReader(new BlobReader(zip));
  try {
    const entries = await reader.getEntries();
    checkArchive(entries);
    const files: DroppedFile[] = [];
    for (const entry of entries) {
      if (entry.directory) continue;
      const file = await entry.getData(new BlobWriter(mimeTypeOf(entry.filename)));
      files.push({ path: normalizePath(entry.filename), file });
    }
    return files;
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown;
    throw new EngineError(
      'datasetLayout',
      'This file could not be read as a zip. Nothing was opened. Make the archive again, or unpack it and choose the folder.',
      { cause: thrown },
    );
  } finally {
    await reader.close();
  }
}
