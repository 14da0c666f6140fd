// Files -> normalised batches for the network, one batch decoded ahead while the network computes.

import type { DecodedPicture, PictureDecoder } from '../platform/ports.ts';

export interface ChannelStatistics {
  /** In units of 0..1, red green blue. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export interface PictureBatch {
  readonly count: number;
  /** [count, size, size, 3] in one flat array. */
  readonly inputs: Float32Array;
  /** Positions in the list of files, one for each item. */
  readonly positions: readonly number[];
  /** Positions that could no longer be decoded and are not in the batch. */
  readonly failedPositions: readonly number[];
}

export interface PictureStreamOptions {
  readonly files: readonly Blob[];
  readonly sizePx: number;
  readonly batchSize: number;
  readonly decoder: PictureDecoder;
  readonly statistics: ChannelStatistics;
}

/** Every file once, in order, as centre squares: inputs are [count, size, size, 3]. */
export async function* streamPictures(options: PictureStreamOptions): AsyncGenerator<PictureBatch> {
  const { files, batchSize } = options;
  let ahead = decodeBatch(options, 0);
  for (let start = 0; start < files.length; start += batchSize) {
    const decoded = await ahead;
    if (start + batchSize < files.length) ahead = decodeBatch(options, start + batchSize);
    yield assembleBatch(decoded, start, options);
  }
}

/** Null stands for a picture that failed: it opened before, so the file must have changed since. */
async function decodeBatch(
  { files, batchSize, decoder, sizePx }: PictureStreamOptions,
  start: number,
): Promise<readonly (DecodedPicture | null)[]> {
  const batch = files.slice(start, start + batchSize);
  return await Promise.all(batch.map((file) => decoder.decodeCentreSquare(file, sizePx).catch(() => null)));
}

function assembleBatch(
  decoded: readonly (DecodedPicture | null)[],
  start: number,
  { sizePx, statistics }: PictureStreamOptions,
): PictureBatch {
  const positions: number[] = [];
  const failedPositions: number[] = [];
  const pixelsPerPicture = sizePx * sizePx * 3;
  const inputs = new Float32Array(decoded.length * pixelsPerPicture);
  decoded.forEach((picture, offset) => {
    if (picture === null) {
      failedPositions.push(start + offset);
      return;
    }
    normalise(picture.rgb, statistics, inputs.subarray(positions.length * pixelsPerPicture));
    positions.push(start + offset);
  });
  const count = positions.length;
  return { count, positions, failedPositions, inputs: inputs.subarray(0, count * pixelsPerPicture) };
}

/** (value / 255 - mean) / std for each channel. */
export function normalise(rgb: Uint8Array, { mean, std }: ChannelStatistics, into: Float32Array): void {
  for (let channel = 0; channel < 3; channel++) {
    const scale = 1 / (255 * (std[channel] as number));
    const shift = (mean[channel] as number) / (std[channel] as number);
    for (let i = channel; i < rgb.length; i += 3) into[i] = (rgb[i] as number) * scale - shift;
  }
}
