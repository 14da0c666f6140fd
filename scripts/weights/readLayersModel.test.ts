import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLayersModel } from './readLayersModel.ts';

const root = mkdtempSync(path.join(tmpdir(), 'windowbox-layers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const BIAS = { name: 'conv1/bias', shape: [2], dtype: 'float32' };
const KERNEL = { name: 'conv1/kernel', shape: [1, 1], dtype: 'float32' };
const MODEL = {
  format: 'layers-model',
  modelTopology: {
    model_config: { config: { layers: [{ class_name: 'Conv2D', config: { name: 'conv1', strides: [2, 2] } }] } },
  },
  weightsManifest: [{ paths: ['shard1.bin', 'shard2.bin'], weights: [BIAS, KERNEL] }],
};

/** @returns the model.json, beside its shards, in a folder of its own */
function write(model: unknown, shards: readonly (readonly number[])[] = [[1, 2], [3]]): string {
  const folder = mkdtempSync(path.join(root, 'model-'));
  shards.forEach((values, index) => {
    writeFileSync(path.join(folder, `shard${index + 1}.bin`), Buffer.from(Float32Array.from(values).buffer));
  });
  const file = path.join(folder, 'model.json');
  writeFileSync(file, typeof model === 'string' ? model : JSON.stringify(model));
  return file;
}

function withWeights(weights: readonly unknown[]): unknown {
  return { ...MODEL, weightsManifest: [{ paths: ['shard1.bin', 'shard2.bin'], weights }] };
}

test.each([
  ['cut between two weights', [[1, 2], [3]]],
  ['cut inside of one', [[1], [2, 3]]],
])('weights are read from shards that are %s', (_, shards) => {
  const { layers, weights } = readLayersModel(write(MODEL, shards));
  expect(layers.get('conv1')?.strides).toEqual([2, 2]);
  expect([...weights].map(([name, { shape, values }]) => [name, shape, [...values]])).toEqual([
    ['conv1/bias', [2], [1, 2]],
    ['conv1/kernel', [1, 1], [3]],
  ]);
});

test.each([
  ['is not JSON', () => write('{"format":'), 'its model.json is not JSON'],
  ['is a graph model', () => write({ ...MODEL, format: 'graph-model' }), 'not a layers-model of TensorFlow.js'],
  ['lacks a shard', () => write(MODEL, [[1, 2]]), 'its shard shard2.bin is missing'],
  ['ends early', () => write(MODEL, [[1, 2], []]), 'its shards end before the weight conv1/kernel'],
  [
    'is too long',
    () =>
      write(MODEL, [
        [1, 2],
        [3, 4],
      ]),
    'its shards hold 16 bytes instead of 12',
  ],
  [
    'is quantised',
    () => write(withWeights([BIAS, { ...KERNEL, quantization: { dtype: 'uint8', scale: 1, min: 0 } }])),
    'its weight conv1/kernel is not made of plain 32-bit floats',
  ],
  [
    'holds whole numbers',
    () => write(withWeights([{ ...BIAS, dtype: 'int32' }, KERNEL])),
    'its weight conv1/bias is not made of plain 32-bit floats',
  ],
  ['is not there', () => path.join(root, 'model.json'), 'it has no model.json'],
])('a model that %s is refused in a sentence', (_, make, sentence) => {
  expect(() => readLayersModel(make())).toThrow(sentence);
});
