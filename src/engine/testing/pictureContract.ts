// What executors/executor.ts promises of picture stores and batches of pictures, as tests for any executor. The reference for
// every pixel is augment/applyTransform.ts.

import { describe, expect, test } from 'vitest';
import { applyTransform } from '../augment/applyTransform.ts';
import type { Augmentation } from '../augment/augmentation.ts';
import { drawTransform, validationTransform } from '../augment/drawTransform.ts';
import type { StoredPicture } from '../augment/pictureTransform.ts';
import { PRESETS } from '../augment/presets.ts';
import type { Executor, Network, PictureStore, PictureView } from '../executors/executor.ts';
import { GraphBuilder, sizeOf } from '../graph/graph.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import { formulaParameters, learnedNames } from './contractNetwork.ts';
import { largestRelativeError } from './formula.ts';

const SIZE_PX = 8;
const STATISTICS = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const AUGMENTATION: Augmentation = { ...PRESETS.topDown, maxZoom: 1.3, padding: 0.25, crop: 'random' };

/** Of many sizes and shapes, none of a width that a device would like. */
const PICTURES = [
  [8, 8],
  [13, 9],
  [9, 17],
  [11, 10],
].map(([widthPx, heightPx], salt) => makePicture(widthPx as number, heightPx as number, salt));

function makePicture(widthPx: number, heightPx: number, salt: number): StoredPicture {
  const rgb = Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => 127.5 + 127.5 * Math.sin(0.7 * i + salt));
  return { widthPx, heightPx, rgb };
}

/** A convolution, so that a pixel in the wrong place is seen. */
async function createNetwork(executor: Executor): Promise<Network> {
  const builder = new GraphBuilder([SIZE_PX, SIZE_PX, 3]);
  const maps = builder.conv2d('stem', builder.input, { outChannels: 4, kernelSize: 3, padding: 1, hasBias: true });
  builder.linear('last', builder.concatPool(builder.activation(maps, 'relu')), 2);
  const graph = builder.build();
  const network = await executor.create(graph, { batchSize: PICTURES.length, learning: learnedNames(graph) });
  network.writeParameters(formulaParameters(graph));
  return network;
}

function viewsOf(pictures: readonly StoredPicture[], seed: number): PictureView[] {
  const random = createRandom(seed, 'augment');
  return pictures.map((picture, pictureId) => ({
    pictureId,
    transform: drawTransform(picture, SIZE_PX, AUGMENTATION, random),
  }));
}

/** The same batch as numbers. */
function numbersOf(views: readonly PictureView[]): Float32Array {
  const size = sizeOf([SIZE_PX, SIZE_PX, 3]);
  const inputs = new Float32Array(views.length * size);
  const format = { widthPx: SIZE_PX, heightPx: SIZE_PX, statistics: STATISTICS };
  for (const [item, { pictureId, transform }] of views.entries()) {
    inputs.set(applyTransform(PICTURES[pictureId] as StoredPicture, transform, format), item * size);
  }
  return inputs;
}

function fill(store: PictureStore): PictureStore {
  for (const [pictureId, picture] of PICTURES.entries()) expect(store.add(pictureId, picture)).toBe(true);
  return store;
}

/** Call inside a describe whose backend or device is set up. */
export function describePictureContract(makeExecutor: () => Executor): void {
  describe('pictures of a store', () => {
    test('are seen through their transforms, in inference and in training', async () => {
      const executor = makeExecutor();
      const network = await createNetwork(executor);
      const store = fill(executor.createPictureStore({ budgetBytes: 1e6, statistics: STATISTICS }));
      for (const seed of [1, 2, 3]) {
        const views = viewsOf(PICTURES, seed).reverse();
        const [pictures, numbers] = [
          { count: 4, store, views },
          { count: 4, inputs: numbersOf(views) },
        ];
        expect(largestRelativeError(await network.infer(pictures), await network.infer(numbers))).toBeLessThan(1e-4);
        const labels = Int32Array.from([0, 1, 1, 0]);
        const names = learnedNames(network.graph);
        const groups = [{ names, learningRate: 0, weightDecay: 0 }];
        const options = { groups, rule: LESSON_SGD, maxGradientNorm: null, dropoutSeed: seed };
        for (const batch of [pictures, numbers]) await network.trainStep({ ...batch, labels }, options);
        const [seen, computed] = (await network.finishSteps()).map(({ loss }) => loss) as [number, number];
        expect(Math.abs(seen - computed)).toBeLessThan(1e-4 * computed);
      }
      network.dispose();
      store.dispose();
    });

    test('may come along with their view where the store has no room', async () => {
      const executor = makeExecutor();
      const network = await createNetwork(executor);
      const [first, second] = PICTURES as [StoredPicture, StoredPicture];
      // Room for the first picture however it is kept (three or four bytes a pixel, rounded up), not for both.
      const budgetBytes = 4 * 8 * 8 + 100;
      const store = executor.createPictureStore({ budgetBytes, statistics: STATISTICS });
      expect([store.add(0, first), store.add(1, second)]).toEqual([true, false]);
      expect([store.has(0), store.has(1)]).toEqual([true, false]);
      expect(store.heldBytes).toBeGreaterThanOrEqual(first.rgb.length);
      expect(store.heldBytes).toBeLessThanOrEqual(budgetBytes);
      const views = [
        { pictureId: 1, transform: validationTransform(second, SIZE_PX), picture: second },
        { pictureId: 0, transform: validationTransform(first, SIZE_PX) },
      ];
      const seen = await network.infer({ count: 2, store, views });
      const expected = await network.infer({ count: 2, inputs: numbersOf(views) });
      expect(largestRelativeError(seen, expected)).toBeLessThan(1e-4);
      network.dispose();
      store.dispose();
    });

    test('are refused when they are nowhere, there already, or nothing that the network takes', async () => {
      const executor = makeExecutor();
      const network = await createNetwork(executor);
      const store = fill(executor.createPictureStore({ budgetBytes: 1e6, statistics: STATISTICS }));
      expect(() => store.add(0, PICTURES[1] as StoredPicture)).toThrow(RangeError);
      const views = viewsOf(PICTURES, 1);
      const stranger = { ...(views[0] as PictureView), pictureId: 99 };
      await expect(network.infer({ count: 1, store, views: [stranger] })).rejects.toThrow('Picture 99');
      await expect(network.infer({ count: 3, store, views })).rejects.toThrow('4 views');
      const builder = new GraphBuilder([6]);
      builder.linear('last', builder.input, 2);
      const vectors = await executor.create(builder.build(), { batchSize: 4, learning: [] });
      await expect(vectors.infer({ count: 4, store, views })).rejects.toThrow('[height, width, 3]');
      for (const each of [network, vectors]) each.dispose();
      store.dispose();
    });
  });
}
