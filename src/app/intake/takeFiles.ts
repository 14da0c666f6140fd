// From a drop, a folder input or an address to named DroppedFile[]. Reads names only; pictures are read by the engine.

import { fromEvent } from 'file-selector';
import { EngineError } from '../../protocol/errors.ts';
import { type NamedFiles, nameArchive, nameFolder } from './folderPaths.ts';
import { readZip } from './readZip.ts';

function isZip(file: { readonly name: string; readonly type: string }): boolean {
  return /\.zip$/i.test(file.name) || file.type === 'application/zip' || file.type === 'application/x-zip-compressed';
}

/** Reads everything that was dropped: folders to any depth, loose files, or one zip. */
export async function filesFromDrop(event: DragEvent): Promise<NamedFiles> {
  const dropped = await fromEvent(event);
  const files = dropped.filter((item) => item instanceof File);
  const only = files.length === 1 ? files[0] : undefined;
  if (only && isZip(only)) return nameArchive(await readZip(only), only.name);
  return nameFolder(
    files.map((file) => ({ path: file.relativePath ?? file.path ?? file.name, file })),
    'dropped pictures',
  );
}

/** Names what was chosen through a folder input; works as well for a folder that was set by a test driver. */
export function filesFromInput(files: readonly File[]): NamedFiles {
  return nameFolder(
    files.map((file) => ({ path: file.webkitRelativePath || file.name, file })),
    'chosen pictures',
  );
}

/**
 * Fetches a zip from the page's own origin and unpacks it.
 * @throws EngineError when the address is on another origin, is missing or is not a zip.
 */
export async function filesFromAddress(address: string, name?: string): Promise<NamedFiles> {
  const url = new URL(address, document.baseURI);
  if (url.origin !== location.origin) {
    throw new EngineError(
      'datasetLayout',
      'The data must come from the page’s own address. Nothing was fetched. Put the zip beside the page.',
    );
  }
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) {
    throw new EngineError(
      'datasetEmpty',
      `“${address}” could not be fetched. Nothing was opened. Check that the file is there, or choose a folder.`,
    );
  }
  const archiveName = decodeURIComponent(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  const named = nameArchive(await readZip(await response.blob()), archiveName);
  return { ...named, ...(name === undefined ? {} : { name }), address };
}
