import { describe, expect, test } from 'vitest';
import type { PictureSummary, Split } from '../../protocol/dataset.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import type { Network } from '../executors/executor.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { GraphBuilder } from '../graph/graph.ts';
import { createMemoryDecoder, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import { useBackend } from '../testing/backends.ts';
import type { ActivationKey } from './activationCache.ts';
import { computeActivations } from './computeActivations.ts';

useBackend('cpu');

const SIZE_PX = 4;
const KEY: ActivationKey = {
  datasetFingerprint: 'test',
  architecture: 'average',
  weights: '',
  imageSizePx: SIZE_PX,
  square: 'centreSquare',
  resamplerVersion: 1,
};

/** Picture i has the red value 10 i, so that its feature tells which one it is; number 3 cannot be opened. */
function makeDataset(splits: readonly Split[]): DatasetIndex {
  const pictures = splits.map(
    (split, id): PictureSummary => ({ id, path: `${id}.png`, split, classIndices: [id % 2], widthPx: 4, heightPx: 4 }),
  );
  const files = splits.map((_, id) =>
    id === 3 ? new Blob(['damaged']) : makePictureFile({ widthPx: 4, heightPx: 4, rgb: [10 * id, 0, 0] }),
  );
  // The other parts of a summary play no part here.
  return { files, summary: { pictures, labelKind: 'oneClass', classes: ['even', 'odd'] } } as unknown as DatasetIndex;
}

/** A body whose features are the mean of each channel. */
async function createBody(): Promise<Network> {
  const builder = new GraphBuilder([SIZE_PX, SIZE_PX, 3]);
  builder.averagePool(builder.input);
  return await createReferenceExecutor().create(builder.build(), { batchSize: 2, learning: [] });
}

const SPLITS: Split[] = ['train', 'valid', 'train', 'train', 'test', 'valid', 'train', 'train'];

async function compute(body: Network, signal = { aborted: false }, onBatch: (done: number) => void = () => {}) {
  const told: number[][] = [];
  const activations = await computeActivations({
    key: KEY,
    dataset: makeDataset(SPLITS),
    body,
    batchSize: 2,
    decoder: createMemoryDecoder(),
    store: createReferenceExecutor().createPictureStore({
      budgetBytes: 0,
      statistics: { mean: [0, 0, 0], std: [1, 1, 1] },
    }),
    signal,
    onBatch: (...counts) => {
      told.push(counts);
      onBatch(counts[0]);
    },
  });
  return { activations, told };
}

describe('features', () => {
  test('belong to their own pictures, split by split, and what cannot be read is named', async () => {
    const body = await createBody();
    const { activations, told } = await compute(body);
    const reds = (features: Float32Array) =>
      Array.from({ length: features.length / 3 }, (_, row) => Math.round(25.5 * (features[3 * row] as number)));
    expect(activations?.featureCount).toBe(3);
    expect(activations?.train.pictureIds).toEqual([0, 2, 6, 7]);
    expect(reds(activations?.train.features as Float32Array)).toEqual([0, 2, 6, 7]);
    expect(activations?.train.targets.values).toEqual(Int32Array.from([0, 0, 0, 1]));
    expect(activations?.valid.pictureIds).toEqual([1, 5]);
    expect(reds(activations?.valid.features as Float32Array)).toEqual([1, 5]);
    expect(activations?.lostPictureIds).toEqual([3]);
    expect(told).toEqual([
      [1, 4, 2],
      [2, 4, 4],
      [3, 4, 6],
      [4, 4, 7],
    ]);
    body.dispose();
  });

  test('are not given when it is stopped half-way', async () => {
    const body = await createBody();
    const signal = { aborted: false };
    const { activations, told } = await compute(body, signal, (done) => {
      signal.aborted = done === 2;
    });
    expect(activations).toBeNull();
    expect(told.length).toBeLessThan(4);
    body.dispose();
  });
});
