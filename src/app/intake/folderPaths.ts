// Paths of dropped and chosen files: the chosen folder's own name is taken off and becomes the data set's name.
// Pure; junk is only looked past here (the engine counts it), never removed.

import type { DroppedFile } from '../../protocol/dataset.ts';

export interface NamedFiles {
  /** Where the page found them, on its own site. */
  readonly address?: string;
  readonly name: string;
  readonly files: readonly DroppedFile[];
}

interface PathedFile {
  readonly path: string;
  readonly file: Blob;
}

/** Files that archives and systems leave behind; they must not hide a folder's real root. */
export function isJunkPath(path: string): boolean {
  return path.split('/').some((part) => part === '__MACOSX' || part === 'Thumbs.db' || part.startsWith('.'));
}

/** Forward slashes, no leading `./` or `/`. */
export function normalizePath(path: string): string {
  return path
    .replaceAll('\\', '/')
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/{2,}/g, '/');
}

/** The first folder that all paths share, or null. */
function commonRoot(paths: readonly string[]): string | null {
  const first = paths[0];
  if (first === undefined || !first.includes('/')) return null;
  const root = first.slice(0, first.indexOf('/') + 1);
  return paths.every((path) => path.startsWith(root)) ? root : null;
}

function dropRoot(files: readonly PathedFile[], root: string): readonly PathedFile[] {
  return files.map(({ path, file }) => ({ path: path.startsWith(root) ? path.slice(root.length) : path, file }));
}

/**
 * Names a chosen or dropped folder and takes its own name off every path.
 * Several folders dropped together keep their names: they are classes, or train and valid.
 */
export function nameFolder(files: readonly PathedFile[], fallbackName: string): NamedFiles {
  const normalized = files.map(({ path, file }) => ({ path: normalizePath(path), file }));
  const root = commonRoot(normalized.map(({ path }) => path).filter((path) => !isJunkPath(path)));
  if (root === null) return { name: fallbackName, files: normalized };
  return { name: root.slice(0, -1), files: dropRoot(normalized, root) };
}

/**
 * Names an archive's contents. Wrapping folders come off only while class folders remain below them,
 * so that an archive of `train/` and `valid/` (or of one class) keeps what it means.
 */
export function nameArchive(files: readonly PathedFile[], archiveName: string): NamedFiles {
  let name = archiveName.replace(/\.zip$/i, '');
  let rest: readonly PathedFile[] = files.map(({ path, file }) => ({ path: normalizePath(path), file }));
  for (;;) {
    const paths = rest.map(({ path }) => path).filter((path) => !isJunkPath(path));
    const root = commonRoot(paths);
    const isWrapper = root !== null && paths.some((path) => path.split('/').length >= 3);
    if (!isWrapper) return { name, files: rest };
    name = root.slice(0, -1);
    rest = dropRoot(rest, root);
  }
}
