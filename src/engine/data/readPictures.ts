// Checks every file by opening it: format by its first bytes, the size that it claims, then a full decode. A bad file is set
// aside with a reason and the run goes on; the file itself is never touched.

import type { CancelSignal } from '../../protocol/commands.ts';
import type { SetAsideFile } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { PictureDecoder, PictureSize } from '../platform/ports.ts';
import { findSha256 } from '../sha256.ts';
import type { PictureTraits } from './findDuplicates.ts';
import { isTruncated } from './findTruncation.ts';
import { readLook } from './look.ts';
import { readHeaderSize } from './pictureHeader.ts';
import type { FolderEntry } from './readers/folder.ts';
import { sniffPicture } from './sniffPicture.ts';

/**
 * 16,384 × 16,384: the largest canvas of Chromium, through which pixels are read, and more than any camera's single shot (151
 * megapixels). At four bytes a pixel it is a gigabyte, which is what one picture may take.
 */
export const MAX_PICTURE_PIXELS = 2 ** 28;

/** Well above any compressed picture of as many pixels; a file is read whole to be checked. */
const MAX_FILE_BYTES = 512e6;

export interface CheckedPicture extends FolderEntry, PictureSize, PictureTraits {}

export interface CheckedPictures {
  readonly pictures: readonly CheckedPicture[];
  readonly setAside: readonly SetAsideFile[];
}

/** Reads `decoder.concurrency` files at a time, results in the order of the entries. Throws EngineError 'cancelled'. */
export async function readPictures(
  entries: readonly FolderEntry[],
  decoder: PictureDecoder,
  signal: CancelSignal,
  onProgress: (done: number, setAsideCount: number) => void,
): Promise<CheckedPictures> {
  const results: (CheckedPicture | SetAsideFile)[] = new Array(entries.length);
  let next = 0;
  let done = 0;
  let setAsideCount = 0;
  async function work(): Promise<void> {
    while (next < entries.length && !signal.aborted) {
      const index = next++;
      const result = await checkPicture(entries[index] as FolderEntry, decoder);
      results[index] = result;
      done += 1;
      if ('reason' in result) setAsideCount += 1;
      onProgress(done, setAsideCount);
    }
  }
  await Promise.all(Array.from({ length: decoder.concurrency }, work));
  if (signal.aborted) {
    throw new EngineError('cancelled', 'Reading the folder was stopped. Nothing was kept; drop the folder again.');
  }
  return {
    pictures: results.filter((result): result is CheckedPicture => !('reason' in result)),
    setAside: results.filter((result): result is SetAsideFile => 'reason' in result),
  };
}

async function checkPicture(entry: FolderEntry, decoder: PictureDecoder): Promise<CheckedPicture | SetAsideFile> {
  const { path, file } = entry;
  if (file.size === 0) return { path, reason: 'empty', sentence: 'The file is empty.' };
  if (file.size > MAX_FILE_BYTES) {
    return { path, reason: 'tooLarge', sentence: 'The file is larger than 512 MB. Save the picture smaller.' };
  }
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const format = sniffPicture(bytes);
    if (format === null) return { path, reason: 'notAPicture', sentence: 'The file is not a picture.' };
    if (isTruncated(format, bytes)) {
      return { path, reason: 'broken', sentence: 'The picture is cut short: the end of the file is missing.' };
    }
    const claimed = readHeaderSize(format, bytes);
    if (claimed !== null && isTooLarge(claimed)) return tooLarge(path, claimed);
    const { glance, ...size } = await decoder.measure(file);
    // The decoder may have found another size than the header's usual place says.
    if (isTooLarge(size)) return tooLarge(path, size);
    return { ...entry, ...size, contentHash: await findSha256(bytes), look: glance && readLook(glance) };
  } catch (thrown) {
    // A file can be moved or damaged at any time, so whatever goes wrong with it concerns this file alone.
    const sentence = thrown instanceof EngineError ? thrown.message : 'The file could not be read.';
    const isWhole = thrown instanceof EngineError && thrown.code === 'pictureUnsupported';
    return { path, reason: isWhole ? 'unsupportedFormat' : 'broken', sentence };
  }
}

function isTooLarge({ widthPx, heightPx }: PictureSize): boolean {
  return widthPx * heightPx > MAX_PICTURE_PIXELS;
}

function tooLarge(path: string, { widthPx, heightPx }: PictureSize): SetAsideFile {
  const megapixels = (pixels: number) => Math.round(pixels / 1e6).toLocaleString('en-US');
  const claim = `The picture says that it is ${widthPx} × ${heightPx} pixels, which is ${megapixels(widthPx * heightPx)} megapixels`;
  const sentence = `${claim}; up to ${megapixels(MAX_PICTURE_PIXELS)} can be opened. Save it smaller.`;
  return { path, reason: 'tooLarge', sentence };
}
