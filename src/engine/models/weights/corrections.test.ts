import { expect, test } from 'vitest';
import type { WeightsCard } from '../../platform/ports.ts';
import { readJson } from '../../testing/fixtures.ts';
import { correctCard, correctionsOf } from './corrections.ts';

const LITE0 = readJson<WeightsCard>('public/weights/efficientnet-lite0.json');
const RESNET: WeightsCard = {
  ...LITE0,
  id: 'mine',
  label: 'ResNet-50, yours (mine.pth)',
  architecture: 'resnet50',
  preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

test('a ResNet-50 may be the one of 2015, whose tensors are the same; a Lite0 can be nothing else', () => {
  expect(correctionsOf(RESNET)).toMatchObject({
    architecture: 'resnet50',
    feeding: 'imagenet',
    architectures: [{ id: 'resnet50' }, { id: 'resnet50-v1' }],
  });
  expect(correctionsOf(LITE0)).toMatchObject({
    architecture: 'efficientnet-lite0',
    feeding: 'tensorflowLite',
    architectures: [{ id: 'efficientnet-lite0' }],
  });
  const another = { ...RESNET, preprocessing: { mean: [0.1, 0.1, 0.1], std: [0.3, 0.3, 0.3] } };
  expect(correctionsOf(another).feeding).toBeNull();
});

test('a card is corrected, its file is not', () => {
  const corrected = correctCard(RESNET, { architecture: 'resnet50-v1', feeding: 'meansTaken' });
  expect(corrected).toMatchObject({ id: 'mine', sha256: RESNET.sha256, label: 'ResNet-50 (2015), yours (mine.pth)' });
  // Keras feeds blue, green, red of 0..255 less its means; here pixels are of 0..1 and in our order.
  const { mean, std } = corrected.preprocessing;
  const fed = [0.2, 0.4, 0.6].map((value, channel) => (value - (mean[channel] ?? 0)) / (std[channel] ?? 1));
  [51 - 123.68, 102 - 116.779, 153 - 103.939].forEach((value, channel) => {
    expect(fed[channel]).toBeCloseTo(value, 3);
  });
  expect(correctionsOf(corrected)).toMatchObject({ architecture: 'resnet50-v1', feeding: 'meansTaken' });
});

test('what its tensors do not allow is refused', () => {
  expect(() => correctCard(RESNET, { architecture: 'resnet34', feeding: 'imagenet' })).toThrow('It stays as it was.');
  expect(() => correctCard(RESNET, { architecture: 'resnet50', feeding: 'upsideDown' })).toThrow('It stays as it was.');
});
