// Runs tests on a tfjs backend in Node and sees that no tensor is left behind.

import '@tensorflow/tfjs-backend-cpu';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterAll, beforeAll, expect } from 'vitest';
import * as tf from '../tf.ts';

/** Call inside a describe (or at the top of a file): its tests run on this backend, and on no other by accident. */
export function useBackend(backend: 'cpu' | 'wasm'): void {
  let tensorsBefore = 0;

  beforeAll(async () => {
    if (backend === 'wasm') {
      setWasmPaths(new URL('../../../node_modules/@tensorflow/tfjs-backend-wasm/dist/', import.meta.url).pathname);
    }
    await tf.setBackend(backend);
    expect(tf.getBackend()).toBe(backend);
    tensorsBefore = tf.memory().numTensors;
  });

  afterAll(() => {
    expect(tf.memory().numTensors, 'tensors left behind').toBe(tensorsBefore);
  });
}
