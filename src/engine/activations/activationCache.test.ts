import { expect, test } from 'vitest';
import { ActivationCache, type ActivationKey, type Activations } from './activationCache.ts';

const KEY: ActivationKey = {
  datasetFingerprint: 'dogs and cats',
  architecture: 'resnet34',
  weights: 'abc',
  imageSizePx: 224,
  square: 'centreSquare',
  resamplerVersion: 1,
};
const OTHERS: Record<keyof ActivationKey, string | number> = {
  datasetFingerprint: 'split otherwise',
  architecture: 'resnet50',
  weights: 'abc trained 1',
  imageSizePx: 299,
  square: 'squashed',
  resamplerVersion: 2,
};

function makeSet(key: ActivationKey): Activations {
  const nothing = {
    features: new Float32Array(),
    targets: { kind: 'oneClass', values: new Int32Array(), classCount: 2 },
    pictureIds: [],
  } as const;
  return { key, featureCount: 1024, train: nothing, valid: nothing, lostPictureIds: [] };
}

test.each(Object.entries(OTHERS))('features are not found for another %s', (field, other) => {
  const cache = new ActivationCache();
  const kept = makeSet(KEY);
  cache.store(kept);
  expect(cache.find({ ...KEY })).toBe(kept);
  expect(cache.find({ ...KEY, [field]: other })).toBeUndefined();
});

test('the last three sets are kept, and a set that is computed anew takes the place of the old one', () => {
  const cache = new ActivationCache();
  const sets = [64, 128, 224, 299].map((imageSizePx) => makeSet({ ...KEY, imageSizePx }));
  for (const set of sets) cache.store(set);
  expect(sets.map(({ key }) => cache.find(key))).toEqual([undefined, ...sets.slice(1)]);
  const anew = makeSet({ ...KEY, imageSizePx: 128 });
  cache.store(anew);
  expect(cache.find(anew.key)).toBe(anew);
  expect(cache.find({ ...KEY, imageSizePx: 224 })).toBe(sets[2]);
  cache.clear();
  expect(cache.find(anew.key)).toBeUndefined();
});
