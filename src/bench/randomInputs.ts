// What a bench feeds: random pictures, features, labels and weights, the same every time. What the numbers are does not matter
// for the time, but losses must stay finite: a step whose loss is not would be skipped.

import { NO_LIGHTING, type StoredPicture } from '../engine/augment/pictureTransform.ts';
import type { PictureStore, PictureView } from '../engine/executors/executor.ts';
import { type Graph, type ParameterValues, sizeOf } from '../engine/graph/graph.ts';
import { createRandom } from '../engine/random.ts';

export const BENCH_CLASSES = 10;

/**
 * Weights uniform with the variance 2 / fan in (He et al. 2015), biases 0, batch norm scale 1, shift 0, running mean 0,
 * running variance 1.
 */
export function randomParameters(graph: Graph, seed: number): ParameterValues {
  const random = createRandom(seed, 'bench parameters');
  const values = new Map<string, Float32Array>();
  for (const { name, kind, shape } of graph.parameters) {
    const value = new Float32Array(sizeOf(shape));
    if (kind === 'kernel' || kind === 'weight') {
      const limit = Math.sqrt(6 / sizeOf(shape.slice(0, -1)));
      for (let i = 0; i < value.length; i++) value[i] = limit * (2 * random.uniform() - 1);
    } else if (kind === 'scale' || kind === 'runningVariance') value.fill(1);
    values.set(name, value);
  }
  return values;
}

export function randomLabels(count: number): Int32Array {
  const random = createRandom(1, 'bench labels');
  return Int32Array.from({ length: count }, () => random.below(BENCH_CLASSES));
}

/** Uniform in -1 .. 1. */
export function randomNumbers(count: number): Float32Array {
  const random = createRandom(1, 'bench numbers');
  return Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
}

/** Puts pictures of noise into the store and gives one plain view of each. Throws RangeError when they do not fit. */
export function addRandomPictures(store: PictureStore, count: number, sizePx: number): PictureView[] {
  const random = createRandom(1, 'bench pictures');
  return Array.from({ length: count }, (_, pictureId) => {
    const rgb = Uint8Array.from({ length: 3 * sizePx * sizePx }, () => random.below(256));
    const picture: StoredPicture = { widthPx: sizePx, heightPx: sizePx, rgb };
    if (!store.add(pictureId, picture)) throw new RangeError('The pictures do not fit into the store.');
    return { pictureId, transform: { matrix: [1, 0, 0, 0, 1, 0], ...NO_LIGHTING } };
  });
}
