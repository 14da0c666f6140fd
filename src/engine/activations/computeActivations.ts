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
  const collected = {
    train: new SplitFeatures(labelled, 'train', featureCount),
    valid: new SplitFeatures(labelled, 'valid', featureCount),
  };
  const lostPictureIds: number[] = [];
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
      const picture = labelled[position] as PictureSummary;
      const values = output.subarray(row * featureCount, (row + 1) * featureCount);
      collected[picture.split === 'train' ? 'train' : 'valid'].add(picture, values);
    });
    for (const position of batch.failedPositions) lostPictureIds.push((labelled[position] as PictureSummary).id);
    doneBatches += 1;
    donePictures += batch.count + batch.failedPositions.length;
    options.onBatch(doneBatches, totalBatches, donePictures);
  };
  if (!(await inferInOrder(body, viewBatches(stream, options.store), keep, signal))) return null;
  const { summary } = dataset;
  return {
    key,
    featureCount,
    train: collected.train.take(summary),
    valid: collected.valid.take(summary),
    lostPictureIds,
  };
}

/** The features of one split, written to where they stay: of many pictures a second copy would be most of the page's memory. */
class SplitFeatures {
  private readonly features: Float32Array;
  private readonly pictures: PictureSummary[] = [];
  private filled = 0;

  constructor(labelled: readonly PictureSummary[], split: 'train' | 'valid', featureCount: number) {
    this.features = new Float32Array(labelled.filter((picture) => picture.split === split).length * featureCount);
  }

  add(picture: PictureSummary, values: Float32Array): void {
    this.features.set(values, this.filled);
    this.filled += values.length;
    this.pictures.push(picture);
  }

  /** Without room for pictures that were lost. */
  take(dataset: DatasetSummary): SplitActivations {
    return {
      features: this.features.subarray(0, this.filled),
      targets: targetsOfPictures(this.pictures, dataset),
      pictureIds: this.pictures.map(({ id }) => id),
    };
  }
}
