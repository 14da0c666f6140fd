import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReferenceExecutor } from '../../src/engine/executors/reference/referenceExecutor.ts';
import { buildClassifier } from '../../src/engine/models/head.ts';
import { useBackend } from '../../src/engine/testing/backends.ts';
import { formulaValues, largestRelativeError } from '../../src/engine/testing/formula.ts';
import * as tf from '../../src/engine/tf.ts';
import { convertKerasResNet50, kerasName } from './convertKerasResNet50.ts';
import { type LayersModel, readLayersModel } from './readLayersModel.ts';
import {
  makeTinyKerasModel,
  TINY_ARCHITECTURE,
  TINY_IMAGE_SIZE_PX,
  writeLayersModel,
} from './testing/tinyKerasModel.ts';

useBackend('cpu');

const graph = buildClassifier(TINY_ARCHITECTURE, TINY_IMAGE_SIZE_PX, 1000);
/** [height, width, red green blue], spread as what is left of pixels once the mean is off. */
const images = formulaValues(TINY_IMAGE_SIZE_PX ** 2 * 3, 1, 100);
let folder = '';
let stored: LayersModel;
/** Of Keras' layers, which are fed blue, green, red. */
let expected: Float32Array;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'windowbox-keras-'));
  const model = makeTinyKerasModel();
  writeLayersModel(model, folder);
  expected = tf.tidy(() => {
    const shape = [1, TINY_IMAGE_SIZE_PX, TINY_IMAGE_SIZE_PX, 3] as [number, number, number, number];
    const logits = model.predict(tf.reverse(tf.tensor4d(images, shape), 3)) as tf.Tensor; // [1, class]
    return logits.dataSync() as Float32Array;
  });
  model.dispose();
  stored = readLayersModel(path.join(folder, 'model.json'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('converted layers give what Keras’ give, fed red, green, blue instead of blue, green, red', async () => {
  const network = await createReferenceExecutor().create(graph, { batchSize: 1, learning: [] });
  network.writeParameters(convertKerasResNet50(stored, graph));
  const logits = await network.infer({ count: 1, inputs: images });
  network.dispose();
  expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.1);
  expect(largestRelativeError(logits, expected)).toBeLessThan(1e-5);
});

test('every layer of ResNet-50 has the name that Keras gives it', () => {
  const names = ['conv1', 'bn1', 'layer1.0.conv1', 'layer1.0.bn2', 'layer3.5.conv3', 'layer4.0.downsample.0', 'fc'];
  expect(names.map(kerasName)).toEqual([
    'conv1',
    'bn_conv1',
    'res2a_branch2a',
    'bn2a_branch2b',
    'res4f_branch2c',
    'res5a_branch1',
    'fc1000',
  ]);
  expect(kerasName('layer2.0.downsample.1')).toBe('bn3a_branch1');
});

describe('a model is refused in a sentence', () => {
  const withLayer = (name: string, change: object | null): LayersModel => {
    const layers = new Map(stored.layers);
    if (change) layers.set(name, { ...layers.get(name), ...change });
    else layers.delete(name);
    return { ...stored, layers };
  };
  const withWeight = (name: string, weight: { shape: number[]; values: Float32Array } | null): LayersModel => {
    const weights = new Map(stored.weights);
    if (weight) weights.set(name, weight);
    else weights.delete(name);
    return { ...stored, weights };
  };

  test.each([
    ['that lacks a layer', () => withLayer('bn3a_branch2a', null), 'its layer bn3a_branch2a is missing'],
    ['that lacks a weight', () => withWeight('fc1000/kernel', null), 'its weight fc1000/kernel is missing'],
    [
      'that strides elsewhere',
      () => withLayer('res3a_branch2a', { strides: [1, 1] }),
      'its layer res3a_branch2a strides by 1,1 instead of 2',
    ],
    [
      'whose batch norm has a smaller epsilon than ours',
      () => withLayer('bn_conv1', { epsilon: 1e-6 }),
      'its layer bn_conv1 has the epsilon 0.000001',
    ],
    [
      'whose weight has another shape',
      () => withWeight('conv1/bias', { shape: [2], values: new Float32Array(2) }),
      'its weight conv1/bias has the shape [2] instead of [4]',
    ],
    [
      'that holds what is no number',
      () => withWeight('fc1000/bias', { shape: [1000], values: new Float32Array(1000).fill(Number.NaN) }),
      'its weight fc1000/bias is not all numbers',
    ],
  ])('%s', (_, change, sentence) => {
    expect(() => convertKerasResNet50(change(), graph)).toThrow(sentence);
  });
});
