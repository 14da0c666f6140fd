// The studio's own files in the browser's origin-private file system: nobody but this site sees them, and a disk that is full refuses a
// file whole. Where there is none (a private window, an old browser) files last as long as the page.

import { EngineError } from '../../../protocol/errors.ts';
import { createMemoryStore, piecesOf } from '../memory/memoryPlatform.ts';
import type { BlobStore, FileContent, StoredSize } from '../ports.ts';

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
      return handle ? await readWhole(handle) : null;
    },
    async write(path, content) {
      const found = await findRoot();
      if (!found) return await inPage.write(path, content);
      try {
        const folder = await openFolder(found, folderOf(path));
        await writeFile(folder, nameOf(path), content).catch(async (thrown: unknown) => {
          if (!isNotThere(thrown)) throw thrown;
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
      const files = await filesIn(await findFolder(found, path.split('/')));
      return files.map(({ name }) => `${path}/${name}`).sort();
    },
    async listFolders(path) {
      const found = await findRoot();
      if (!found) return await inPage.listFolders(path);
      return (await foldersIn(await findFolder(found, path.split('/')))).map(({ name }) => `${path}/${name}`).sort();
    },
    async measure(path) {
      const found = await findRoot();
      if (!found) return await inPage.measure(path);
      const parent = await findFolder(found, folderOf(path));
      const folder = await parent?.getDirectoryHandle(nameOf(path)).catch(orNull);
      const file = folder ? null : await parent?.getFileHandle(nameOf(path)).catch(orNull);
      return sumUp(file ? [await file.getFile()] : await filesBelow(folder ?? null));
    },
    async removeFolder(path) {
      const found = await findRoot();
      if (!found) return await inPage.removeFolder(path);
      const parent = await findFolder(found, folderOf(path));
      // What is written there next makes its folders anew.
      for (const known of folders.keys()) if (`${known}/`.startsWith(`${path}/`)) folders.delete(known);
      await parent?.removeEntry(nameOf(path), { recursive: true }).catch(orNull);
    },
  };
}

/** Throws as the browser does. What is written takes the file's place when it is closed, and not before: a crash leaves the old one. */
async function writeFile(folder: FileSystemDirectoryHandle, name: string, content: FileContent): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true });
  try {
    const stream = await handle.createWritable();
    await writePieces(stream, piecesOf(content)).catch(async (thrown: unknown) => {
      await stream.abort();
      throw thrown;
    });
    await stream.close();
  } catch (thrown) {
    // A new file that nothing came into would pass for one that is there.
    if ((await readWhole(handle)) === null) await folder.removeEntry(name).catch(() => {});
    throw thrown;
  }
}

/** Each is copied on its way to the disk: as a whole, a large file would take its size again in memory. */
const MOST_AT_ONCE_BYTES = 32 * 2 ** 20;

async function writePieces(stream: FileSystemWritableFileStream, pieces: readonly Uint8Array<ArrayBuffer>[]) {
  for (const piece of pieces) {
    for (let start = 0; start < piece.length; start += MOST_AT_ONCE_BYTES) {
      await stream.write(piece.subarray(start, start + MOST_AT_ONCE_BYTES));
    }
  }
}

/** Null for an empty file: nobody writes one, so it is what a first writing left that was cut off, or one that went meanwhile. */
async function readWhole(handle: FileSystemFileHandle): Promise<File | null> {
  const file = await handle.getFile().catch(orNull);
  return file && file.size > 0 ? file : null;
}

async function filesIn(folder: FileSystemDirectoryHandle | null): Promise<readonly File[]> {
  const handles: FileSystemFileHandle[] = [];
  for await (const handle of folder?.values() ?? []) if (handle.kind === 'file') handles.push(handle);
  return (await Promise.all(handles.map(readWhole))).filter((file) => file !== null);
}

async function foldersIn(folder: FileSystemDirectoryHandle | null): Promise<readonly FileSystemDirectoryHandle[]> {
  const handles: FileSystemDirectoryHandle[] = [];
  for await (const handle of folder?.values() ?? []) if (handle.kind === 'directory') handles.push(handle);
  return handles;
}

async function filesBelow(folder: FileSystemDirectoryHandle | null): Promise<readonly File[]> {
  const deeper = await Promise.all((await foldersIn(folder)).map(filesBelow));
  return [...(await filesIn(folder)), ...deeper.flat()];
}

function sumUp(files: readonly File[]): StoredSize {
  return {
    sizeBytes: files.reduce((sum, { size }) => sum + size, 0),
    fileCount: files.length,
    changedMs: files.length === 0 ? null : Math.max(...files.map(({ lastModified }) => lastModified)),
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

/** A file that is not there, or is a folder, is an answer; anything else is not. */
function orNull(thrown: unknown): null {
  if (isNotThere(thrown)) return null;
  throw explain(thrown);
}

function isNotThere(thrown: unknown): boolean {
  return thrown instanceof DOMException && ['NotFoundError', 'TypeMismatchError'].includes(thrown.name);
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
      'The browser has no room left to keep this. What was kept before is still there. Free something under “Storage”, or on the disk, and try again.',
    );
  }
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  return new EngineError(
    'storageFailed',
    `The browser could not keep or read a file of the studio (${what}). What was kept before is still there. Try again; if that does not help, reload the page.`,
  );
}
