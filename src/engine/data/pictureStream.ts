// Files -> decoded squares, batch after batch, one batch decoded ahead while the network computes.

import type { SquareRule } from '../../protocol/looks.ts';
import type { DecodedPicture, PictureDecoder } from '../platform/ports.ts';

export interface DecodedBatch {
  readonly pictures: readonly DecodedPicture[];
  /** Positions in the list of files, one for each picture. */
  readonly positions: readonly number[];
  /** Positions that could no longer be decoded and are not in the batch. */
  readonly failedPositions: readonly number[];
}

export interface PictureStreamOptions {
  readonly files: readonly Blob[];
  readonly sizePx: number;
  readonly square: SquareRule;
  readonly batchSize: number;
  readonly decoder: PictureDecoder;
}

/** Every file once, in order, as squares of sizePx. */
export async function* streamPictures(options: PictureStreamOptions): AsyncGenerator<DecodedBatch> {
  const { files, batchSize } = options;
  let ahead = decodeBatch(options, 0);
  for (let start = 0; start < files.length; start += batchSize) {
    const decoded = await ahead;
    if (start + batchSize < files.length) ahead = decodeBatch(options, start + batchSize);
    yield assembleBatch(decoded, start);
  }
}

/** Null stands for a picture that failed: it opened before, so the file must have changed since. */
async function decodeBatch(
  { files, batchSize, decoder, sizePx, square }: PictureStreamOptions,
  start: number,
): Promise<readonly (DecodedPicture | null)[]> {
  const batch = files.slice(start, start + batchSize);
  const decode = (file: Blob) =>
    square === 'squashed' ? decoder.decodeSquashed(file, sizePx) : decoder.decodeCentreSquare(file, sizePx);
  return await Promise.all(batch.map((file) => decode(file).catch(() => null)));
}

function assembleBatch(decoded: readonly (DecodedPicture | null)[], start: number): DecodedBatch {
  const pictures: DecodedPicture[] = [];
  const positions: number[] = [];
  const failedPositions: number[] = [];
  decoded.forEach((picture, offset) => {
    if (picture === null) {
      failedPositions.push(start + offset);
      return;
    }
    pictures.push(picture);
    positions.push(start + offset);
  });
  return { pictures, positions, failedPositions };
}
