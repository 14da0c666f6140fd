// Which of the files that have no class are pictures that may be shown small beside their reason. Only their headers are read: a page
// that shows a file decodes it, and a small file can claim gigapixels.

import type { DroppedFile, SetAsideFile, SetAsideReason } from '../../protocol/dataset.ts';
import { readHeaderSize } from './pictureHeader.ts';
import { sniffPicture } from './sniffPicture.ts';

/** For want of a class; those that are too large or cannot be opened stay closed. */
const UNOPENED: readonly SetAsideReason[] = ['noClass', 'unknownClass', 'pictureWithoutRow', 'rowUnclear'];

/** Sizes stand at the front, behind a camera's notes at most; where they stand further back, the picture is not shown. */
const HEADER_BYTES = 64 * 1024;

/** 67 megapixels: as many as cameras make, a quarter of a gigabyte once decoded. */
const MAX_SHOWN_PIXELS = 2 ** 26;

/** Enough for anybody to look through; a folder without classes may hold a million more. */
const MAX_LOOKED_AT = 1000;

/** The same files in the same order; a file that fails to be read is simply not shown. */
export async function findShowable(
  setAside: readonly SetAsideFile[],
  files: readonly DroppedFile[],
): Promise<readonly SetAsideFile[]> {
  const wanted = setAside.filter(({ reason }) => UNOPENED.includes(reason)).slice(0, MAX_LOOKED_AT);
  if (wanted.length === 0) return setAside;
  const wantedPaths = new Set(wanted.map(({ path }) => path));
  const showable = new Set<string>();
  for (const { path, file } of files) {
    if (wantedPaths.has(path) && (await isShowable(file).catch(() => false))) showable.add(path);
  }
  return setAside.map((one) => (showable.has(one.path) ? { ...one, isShowable: true } : one));
}

async function isShowable(file: Blob): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
  const format = sniffPicture(bytes);
  const size = format && readHeaderSize(format, bytes);
  return size !== null && size.widthPx * size.heightPx <= MAX_SHOWN_PIXELS;
}
