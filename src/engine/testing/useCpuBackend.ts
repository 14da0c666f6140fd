// Import in a test to run it on tfjs's cpu backend, and to see that nothing is left behind.

import '@tensorflow/tfjs-backend-cpu';
import { afterAll, beforeAll, expect } from 'vitest';
import * as tf from '../tf.ts';

let tensorsBefore = 0;

beforeAll(async () => {
  await tf.setBackend('cpu');
  expect(tf.getBackend()).toBe('cpu');
  tensorsBefore = tf.memory().numTensors;
});

afterAll(() => {
  expect(tf.memory().numTensors, 'tensors left behind by this file').toBe(tensorsBefore);
});
