// Fills the activation cache: pictures through the frozen body, batch after batch, results in order.

import type { CancelSignal } from '../../protocol/commands.ts';
import type { DatasetSummary, PictureSummary } from '../../protocol/dataset.ts';
import { NO_LIGHTING, type PictureTransform } from '../augment/pictureTransform.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import { type DecodedBatch, streamPictures } from '../data/pictureStream.ts';
import { targetsOfPictures } from '../data/targets.ts';
import type { Network, PictureBatch, PictureStore } from '../executors/executor.ts';
import { inferInOrder } from '../learner/inferInOrder.ts';
import type { PictureDecoder } from '../platform/ports.ts';
import type { ActivationKey, Activations, SplitActivations } from './activationCache.ts';

export interface ComputeOptions {
  readonly key: ActivationKey;
  readonly dataset: DatasetIndex;
  /** Pictures in, pooled features out. */
  readonly body: Network;
  readonly batchSize: number;
  readonly decoder: PictureDecoder;
  /** Holds nothing: each picture is used once and comes along with its batch. It knows how the network wants pictures normalised. */
  readonly store: PictureStore;
  readonly signal: CancelSignal;
  readonly onBatch: (doneBatches: number, totalBatches: number, donePictures: number) => void;
}

/** Decoded at the network's own size, so nothing is moved or relit. */
const AS_IT_IS: PictureTransform = { matrix: [1, 0, 0, 0, 1, 0], ...NO_LIGHTING };

type FeatureBatch = PictureBatch & DecodedBatch;

async function* viewBatches(stream: AsyncIterable<DecodedBatch>, store: PictureStore): AsyncGenerator<FeatureBatch> {
  for await (const batch of stream) {
    const views = batch.pictures.map((picture, row) => ({
      pictureId: batch.positions[row] as number,
      transform: AS_IT_IS,
      picture,
    }));
    yield { ...batch, count: views.length, store, views };
  }
}

/** Null when it was stopped: half a set is no set. */
export async function computeActivations(options: ComputeOptions): Promise<Activations | null> {
  const { dataset, body, batchSize, signal, key } = options;
  const labelled = dataset.summary.pictures.filter(
    (picture) => picture.split !== 'test' && picture.classIndices !== null,
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
    square: key.square,
    batchSize,
    decoder: options.decoder,
  });
  const keep = (batch: FeatureBatch, output: Float32Array) => {
    batch.positions.forEach((position, row) => {
      features.set(output.subarray(row * featureCount, (row + 1) * featureCount), position * featureCount);
    });
    for (const position of batch.failedPositions) lost.add(position);
    doneBatches += 1;
    donePictures += batch.count + batch.failedPositions.length;
    options.onBatch(doneBatches, totalBatches, donePictures);
  };
  if (!(await inferInOrder(body, viewBatches(stream, options.store), keep, signal))) return null;
  const usable = labelled.flatMap((picture, position) => (lost.has(position) ? [] : [{ picture, position }]));
  const pick = (split: 'train' | 'valid') =>
    selectSplit(
      usable.filter(({ picture }) => picture.split === split),
      features,
      featureCount,
      dataset.summary,
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
  dataset: DatasetSummary,
): SplitActivations {
  const features = new Float32Array(items.length * featureCount);
  items.forEach(({ position }, row) => {
    features.set(all.subarray(position * featureCount, (position + 1) * featureCount), row * featureCount);
  });
  return {
    features,
    targets: targetsOfPictures(
      items.map(({ picture }) => picture),
      dataset,
    ),
    pictureIds: items.map(({ picture }) => picture.id),
  };
}
