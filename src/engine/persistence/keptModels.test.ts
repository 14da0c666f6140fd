import { expect, test } from 'vitest';
import { LITE0_WEIGHTS } from '../testing/weights.ts';
import { findModel, forgetModel, KEPT_MODELS_BUDGET_BYTES, keepModel, listModels } from './keptModels.ts';
import type { SavedModel } from './modelFile.ts';

const modelOf = (name: string, bytes = 8): SavedModel => ({
  name,
  weights: LITE0_WEIGHTS,
  imageSizePx: 224,
  classes: ['a', 'b'],
  square: 'squashed',
  labelKind: 'oneClass',
  rateShares: [1, 1, 1],
  // Only its size is looked at.
  head: new Map([['head.weight', { byteLength: bytes } as Float32Array]]),
  body: null,
});

test('models are kept by name, a newer one in the place of an older one', () => {
  const first = keepModel(keepModel([], modelOf('224_lastlayer')), modelOf('224_all', 16));
  const kept = keepModel(first, modelOf('224_lastlayer', 32));
  expect(listModels(kept)).toEqual([
    { name: '224_all', imageSizePx: 224, sizeBytes: 16 },
    { name: '224_lastlayer', imageSizePx: 224, sizeBytes: 32 },
  ]);
  expect(listModels(forgetModel(kept, '224_all')).map(({ name }) => name)).toEqual(['224_lastlayer']);
  expect(() => findModel(kept, 'x')).toThrow('No model called “x” is kept');
});

test('more than the budget, and names that no file can have, are refused in a sentence', () => {
  const kept = keepModel([], modelOf('large', KEPT_MODELS_BUDGET_BYTES - 8));
  expect(listModels(keepModel(kept, modelOf('small')))).toHaveLength(2);
  expect(() => keepModel(kept, modelOf('larger', 16))).toThrow('more than 512 MB. It was not kept');
  for (const name of ['', ' ', 'a/b', 'a\nb', 'x'.repeat(81)]) {
    expect(() => keepModel([], modelOf(name)), name).toThrow('A model’s name has 1 to 80 characters');
  }
});
