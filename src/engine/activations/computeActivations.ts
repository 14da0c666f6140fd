// Fills the activation cache: pictures through the frozen body, batch after batch.

import type { CancelSignal } from '../../protocol/commands.ts';
import type { PictureSummary } from '../../protocol/dataset.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import { type ChannelStatistics, streamPictures } from '../data/pictureStream.ts';
import type { Network } from '../executors/executor.ts';
import type { PictureDecoder } from '../platform/ports.ts';
import { yieldToEvents } from '../platform/yieldToEvents.ts';
import type { ActivationKey, Activations, SplitActivations } from './activationCache.ts';

export interface ComputeOptions {
  readonly key: ActivationKey;
  readonly dataset: DatasetIndex;
  /** Pictures in, pooled features out. */
  readonly body: Network;
  readonly batchSize: number;
  readonly decoder: PictureDecoder;
  readonly statistics: ChannelStatistics;
  readonly signal: CancelSignal;
  readonly onBatch: (doneBatches: number, totalBatches: number, donePictures: number) => void;
}

/** Null when it was stopped: half a set is no set. */
export async function computeActivations(options: ComputeOptions): Promise<Activations | null> {
  const { dataset, body, batchSize, signal, key } = options;
  const labelled = dataset.summary.pictures.filter(
    (picture) => picture.split !== 'test' && picture.classIndex !== null,
  );
  const featureCount = body.graph.outputShape[0] as number;
  const features = new Float32Array(labelled.length * featureCount);
  const lost = new Set<number>();
  const totalBatches = Math.ceil(labelled.length / batchSize);
  let doneBatches = 0;
  let donePictures = 0;
  const stream = streamPictures({
    files: labelled.map((picture) => dataset.files[picture.id] as Blob),
    sizePx: key.imageSizePx,
    batchSize,
    decoder: options.decoder,
    statistics: options.statistics,
  });
  for await (const batch of stream) {
    if (batch.count > 0) {
      const output = await body.infer(batch); // [count, feature]
      batch.positions.forEach((position, row) => {
        features.set(output.subarray(row * featureCount, (row + 1) * featureCount), position * featureCount);
      });
    }
    for (const position of batch.failedPositions) lost.add(position);
    doneBatches += 1;
    donePictures += batch.count + batch.failedPositions.length;
    options.onBatch(doneBatches, totalBatches, donePictures);
    await yieldToEvents();
    if (signal.aborted) return null;
  }
  const usable = labelled.flatMap((picture, position) => (lost.has(position) ? [] : [{ picture, position }]));
  const pick = (split: 'train' | 'valid') =>
    selectSplit(
      usable.filter(({ picture }) => picture.split === split),
      features,
      featureCount,
    );
  return {
    key,
    featureCount,
    train: pick('train'),
    valid: pick('valid'),
    lostPictureIds: [...lost].map((position) => (labelled[position] as PictureSummary).id),
  };
}

function selectSplit(
  items: readonly { picture: PictureSummary; position: number }[],
  all: Float32Array,
  featureCount: number,
): SplitActivations {
  const features = new Float32Array(items.length * featureCount);
  items.forEach(({ position }, row) => {
    features.set(all.subarray(position * featureCount, (position + 1) * featureCount), row * featureCount);
  });
  return {
    features,
    labels: Int32Array.from(items, ({ picture }) => picture.classIndex as number),
    pictureIds: items.map(({ picture }) => picture.id),
  };
}
