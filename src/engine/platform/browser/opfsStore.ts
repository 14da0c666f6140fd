// The studio's own files in the browser's origin-private file system: nobody but this site sees them, and a disk that is full refuses a
// file whole. Where there is none (a private window, an old browser) files last as long as the page.

import { EngineError } from '../../../protocol/errors.ts';
import { createMemoryStore, piecesOf } from '../memory/memoryPlatform.ts';
import type { BlobStore, FileContent } from '../ports.ts';

/** @param rootName folder of the origin that everything lies in. */
export function createOpfsStore(rootName = 'windowbox'): BlobStore {
  const inPage = createMemoryStore();
  const root = openRoot(rootName);
  /** Folders stay once they are made; to ask for one again costs a wait for each of its parents. */
  const folders = new Map<string, Promise<FileSystemDirectoryHandle>>();
  const openFolder = (found: FileSystemDirectoryHandle, names: readonly string[]) => {
    const path = names.join('/');
    const known = folders.get(path) ?? makeFolder(found, names);
    folders.set(path, known);
    known.catch(() => folders.delete(path));
    return known;
  };
  let isLasting = true;
  /** Null where files cannot last. */
  const findRoot = async () => {
    const found = await root;
    isLasting = found !== null;
    return found;
  };
  return {
    get isLasting() {
      return isLasting;
    },
    async read(path) {
      const found = await findRoot();
      if (!found) return await inPage.read(path);
      const folder = await findFolder(found, folderOf(path));
      const handle = await folder?.getFileHandle(nameOf(path)).catch(orNull);
      return handle ? await handle.getFile() : null;
    },
    async write(path, content) {
      const found = await findRoot();
      if (!found) return await inPage.write(path, content);
      try {
        const folder = await openFolder(found, folderOf(path));
        await writeFile(folder, nameOf(path), content).catch(async (thrown: unknown) => {
          if (!isNotFound(thrown)) throw thrown;
          // The folder was removed meanwhile, by whoever freed storage: it is made anew.
          folders.clear();
          await writeFile(await openFolder(found, folderOf(path)), nameOf(path), content);
        });
      } catch (thrown) {
        throw explain(thrown);
      }
    },
    async remove(path) {
      const found = await findRoot();
      if (!found) return await inPage.remove(path);
      const folder = await findFolder(found, folderOf(path));
      await folder?.removeEntry(nameOf(path)).catch(orNull);
    },
    async list(path) {
      const found = await findRoot();
      if (!found) return await inPage.list(path);
      const folder = await findFolder(found, path.split('/'));
      const paths: string[] = [];
      for await (const [name, handle] of folder?.entries() ?? []) {
        if (handle.kind === 'file') paths.push(`${path}/${name}`);
      }
      return paths.sort();
    },
  };
}

async function openRoot(name: string): Promise<FileSystemDirectoryHandle | null> {
  try {
    const origin = await navigator.storage.getDirectory();
    return await origin.getDirectoryHandle(name, { create: true });
  } catch {
    return null;
  }
}

const folderOf = (path: string) => path.split('/').slice(0, -1);
const nameOf = (path: string) => path.split('/').at(-1) as string;

/** A file that is not there is an answer; anything else is not. */
function orNull(thrown: unknown): null {
  if (isNotFound(thrown)) return null;
  throw explain(thrown);
}

function isNotFound(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'NotFoundError';
}

/** Each is copied on its way to the disk: as a whole, a large file would take its size again in memory. */
const MOST_AT_ONCE_BYTES = 32 * 2 ** 20;

async function writeFile(folder: FileSystemDirectoryHandle, name: string, content: FileContent): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  // What is written takes the file's place when it is closed, and not before: a crash leaves the old one.
  const stream = await handle.createWritable();
  try {
    for (const piece of piecesOf(content)) {
      for (let start = 0; start < piece.length; start += MOST_AT_ONCE_BYTES) {
        await stream.write(piece.subarray(start, start + MOST_AT_ONCE_BYTES));
      }
    }
  } catch (thrown) {
    await stream.abort();
    throw thrown;
  }
  await stream.close();
}

async function findFolder(root: FileSystemDirectoryHandle, names: readonly string[]) {
  let folder: FileSystemDirectoryHandle | null = root;
  for (const name of names) folder = (await folder?.getDirectoryHandle(name).catch(orNull)) ?? null;
  return folder;
}

async function makeFolder(root: FileSystemDirectoryHandle, names: readonly string[]) {
  let folder = root;
  for (const name of names) folder = await folder.getDirectoryHandle(name, { create: true });
  return folder;
}

function explain(thrown: unknown): EngineError {
  if (thrown instanceof DOMException && thrown.name === 'QuotaExceededError') {
    return new EngineError(
      'storageFull',
      'The browser has no room left to keep this. What was kept before is still there. Free some space, on the disk or among what the studio keeps, and try again.',
    );
  }
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return new EngineError(
    'storageFailed',
    `The browser could not keep or read a file of the studio (${what}). What was kept before is still there. Try again; if that does not help, reload the page.`,
  );
}
