// Unpacks a wheel, which is a zip, into a folder. zip.js refuses names that lead out of it.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { unexpectedPackage } from './fetchErrors.ts';

/** Throws SetupError when it is not a sound zip. */
export async function unpackWheel(file: string, folder: string): Promise<void> {
  for (const [name, content] of await readEntries(new Uint8Array(readFileSync(file)))) {
    const target = path.join(folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}

async function readEntries(bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  try {
    const zip = new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false });
    for (const entry of await zip.getEntries()) {
      if (!entry.directory) contents.set(entry.filename, await entry.getData(new Uint8ArrayWriter()));
    }
    return contents;
  } catch (thrown) {
    throw unexpectedPackage(`its zip cannot be read (${thrown instanceof Error ? thrown.message : thrown})`);
  }
}
