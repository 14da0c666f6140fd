import { expect, test } from 'vitest';
import { LITE0_WEIGHTS } from '../testing/weights.ts';
import { networkFromSettings } from './chooseNetwork.ts';

const SETTINGS = { backbone: 'efficientnet-lite0', imageSizePx: 224, square: 'centreSquare' };

test('a new network has three groups, is frozen up to its head, and each group learns ten times slower than the next', () => {
  const network = networkFromSettings(null, SETTINGS, LITE0_WEIGHTS);
  expect(network).toMatchObject({ body: null, firstLearningGroup: 2, keepsBatchNorms: false });
  expect(network.rateShares).toEqual([0.01, 0.1, 1]);
});

test('new pictures or another size freeze it again, and keep what was trained and its rates', () => {
  const trained = {
    ...networkFromSettings(null, SETTINGS, LITE0_WEIGHTS),
    body: { values: new Map([['_conv_stem.weight', Float32Array.of(1)]]), fingerprint: '2' },
    firstLearningGroup: 0,
    rateShares: [1 / 9, 1 / 3, 1],
  };
  const settings = { ...SETTINGS, imageSizePx: 299, square: 'squashed' };
  expect(networkFromSettings(trained, settings, LITE0_WEIGHTS)).toEqual({
    ...trained,
    imageSizePx: 299,
    square: 'squashed',
    firstLearningGroup: 2,
  });
});

test('nothing of another network is kept', () => {
  // Of the same architecture: its values are others.
  const weights = { ...LITE0_WEIGHTS, id: 'mine', sha256: 'def' };
  const other = { ...networkFromSettings(null, SETTINGS, weights), rateShares: [1 / 9, 1 / 3, 1] };
  const trained = { ...other, body: { values: new Map(), fingerprint: '1' }, keepsBatchNorms: true };
  expect(networkFromSettings(trained, SETTINGS, LITE0_WEIGHTS)).toEqual(
    networkFromSettings(null, SETTINGS, LITE0_WEIGHTS),
  );
});
