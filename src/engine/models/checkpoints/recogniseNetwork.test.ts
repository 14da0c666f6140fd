import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import real from '../../../../fixtures/checkpoints/names.json' with { type: 'json' };
import { namesAndShapes, zeros } from '../../testing/checkpointTensors.ts';
import { ARCHITECTURES } from '../catalog.ts';
import { mobileNetV2 } from '../mobileNetV2.ts';
import { RESNETS } from '../resnet.ts';
import type { Checkpoint, CheckpointTensor } from './checkpoint.ts';
import { recogniseNetwork } from './recogniseNetwork.ts';

const KNOWN = [...new Map([...RESNETS, mobileNetV2, ...ARCHITECTURES].map((known) => [known.id, known])).values()];
const find = (id: string) => KNOWN.find((architecture) => architecture.id === id);

/** Name in fixtures/checkpoints/names.json -> our id and the place of the scheme of names. */
const REAL: readonly (readonly [string, string, number])[] = [
  ...['torchvision', 'timm'].flatMap((owner) => [
    [`${owner}/resnet18`, 'resnet18', 0] as const,
    [`${owner}/resnet34`, 'resnet34', 0] as const,
    [`${owner}/resnet50`, 'resnet50', 0] as const,
    [`${owner}/resnet101`, 'resnet101', 0] as const,
    [`${owner}/resnext50_32x4d`, 'resnext50', 0] as const,
    [`${owner}/resnext101_64x4d`, 'resnext101-64x4d', 0] as const,
    [`${owner}/resnext101_32x8d`, 'resnext101-32x8d', 0] as const,
  ]),
  ['torchvision/mobilenet_v2', 'mobilenet-v2', 0],
  ['timm/mobilenetv2_100', 'mobilenet-v2', 1],
  ...[0, 1, 2].flatMap((lite) => [
    [`efficientnet-lite-pytorch/lite${lite}`, `efficientnet-lite${lite}`, 0] as const,
    [`timm/tf_efficientnet_lite${lite}`, `efficientnet-lite${lite}`, 1] as const,
  ]),
];
const cases = REAL.flatMap(([name, id, scheme]) => {
  const architecture = find(id);
  return architecture ? [[name, architecture, scheme] as const] : [];
});

function checkpointOf(
  tensors: ReadonlyMap<string, CheckpointTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Checkpoint {
  return { format: 'safetensors', tensors, metadata: new Map(Object.entries(metadata)), notes: [] };
}

const recognise = (tensors: ReadonlyMap<string, CheckpointTensor>, metadata = {}, options = {}) =>
  recogniseNetwork(checkpointOf(tensors, metadata), KNOWN, options);

const namesOf = (id: string, scheme = 0) => namesAndShapes(find(id) as NonNullable<ReturnType<typeof find>>, scheme);

describe.each(cases)('%s', (name, architecture, scheme) => {
  const tensors = namesAndShapes(architecture, scheme);

  test('has the names and shapes of the real state dict', () => {
    const lines = [...tensors].map(([key, { shape }]) => `${key} ${shape.join()}`).sort();
    const fixture = real.networks[name as keyof typeof real.networks];
    expect(lines.length).toBe(fixture.count);
    expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toBe(fixture.sha256);
  });

  test('is recognised, with or without its end', () => {
    const whole = recognise(tensors);
    expect(whole).toMatchObject({ architecture: { id: architecture.id }, classCount: 1000 });
    expect([whole.body.length, whole.classifier?.length]).toEqual([tensors.size - 2, 2]);
    const bodyOnly = recognise(new Map([...tensors].slice(0, -2)));
    expect(bodyOnly).toMatchObject({ architecture: { id: architecture.id }, classifier: null });
    expect(bodyOnly.body.length).toBe(tensors.size - 2);
  });
});

test('what was found is said in a sentence', () => {
  expect(recognise(namesOf('resnet34')).sentence).toBe(
    'This is a ResNet-34 (torchvision’s and timm’s names): all 180 tensors of its body matched; its 1000-class end (fc) is left out, because new layers are trained.',
  );
  expect(recognise(new Map([...namesOf('mobilenet-v2', 1)].slice(0, -2))).sentence).toBe(
    'This is a MobileNetV2 (timm’s names): all 260 tensors of its body matched; it has no end of its own, and new layers are trained anyway.',
  );
});

test('an end of another kind is left out, and counters are of no account', () => {
  const tensors = new Map([...namesOf('resnet18')].slice(0, -2));
  tensors.set('fc.0.weight', zeros([37, 512]));
  tensors.set('bn1.num_batches_tracked', zeros([], 'I64'));
  expect(recognise(tensors)).toMatchObject({ classifier: null, classCount: null });
  expect(recognise(tensors).sentence).toContain('its end (fc) is left out');
});

test('each publisher’s pictures are prepared as the publisher does', () => {
  const means = (id: string, scheme: number) => recognise(namesOf(id, scheme)).preprocessing.mean[0];
  expect([means('resnet34', 0), means('mobilenet-v2', 1)]).toEqual([0.485, 0.485]);
  expect([means('efficientnet-lite0', 0), means('efficientnet-lite0', 1)]).toEqual([127 / 255, 0.5]);
});

describe('a ResNet-50', () => {
  const tensors = namesOf('resnet50');

  test('is torchvision’s, and the other one with the same tensors is named', () => {
    const { architecture, alternatives, notes } = recognise(tensors);
    expect([architecture.id, alternatives]).toEqual(['resnet50', ['resnet50-v1']]);
    expect(notes.join(' ')).toContain('ResNet-50 (2015) has tensors of the same names and shapes');
    expect(notes.join(' ')).toContain('timm’s resnetblur50 has the same tensors too');
  });

  test('is the one of 2015 where the file or the person says so', () => {
    expect(recognise(tensors, { architecture: 'resnet50-v1' }).architecture.id).toBe('resnet50-v1');
    expect(recognise(tensors, {}, { architectureId: 'resnet50-v1' }).architecture.id).toBe('resnet50-v1');
    expect(() => recognise(tensors, {}, { architectureId: 'resnet34' })).toThrow(
      'its tensors are not those of “resnet34”',
    );
  });

  test('that says it is one that blurs is refused', () => {
    expect(() => recognise(tensors, { architecture: 'resnetblur50.bt_in1k' })).toThrow(
      'it says that it is “resnetblur50”, which has the tensors of a ResNet-50 and computes otherwise',
    );
  });
});

test.each([
  [
    'timm/resnet50d',
    'it is nearly a ResNet-50 (torchvision’s and timm’s names), but 17 tensors are missing (“conv1.weight”',
  ],
  ['timm/wide_resnet50_2', '(“layer1.0.conv2.weight” is [128, 128, 3, 3] instead of [128, 4, 3, 3])'],
  [
    'timm/seresnet50',
    'but 64 have no place in it (“layer1.0.se.fc1.bias”, “layer1.0.se.fc1.weight”, “layer1.0.se.fc2.bias”, …)',
  ],
  ['timm/ecaresnet50d', 'it is nearly a ResNet-50'],
  [
    'timm/resnet50_gn',
    'it is nearly a ResNet-50 (torchvision’s and timm’s names), but 106 tensors are missing (“bn1.running_mean”',
  ],
  [
    'timm/resnet26',
    'it is nearly a ResNet-50 (torchvision’s and timm’s names), but 120 tensors are missing (“layer1.2.conv1.weight”',
  ],
  ['timm/resnetv2_50', 'no network here has tensors of these names, beginning with “norm.bias” [2048]'],
  ['timm/resnet18d', 'it is nearly a ResNet-18'],
  [
    'timm/mobilenetv2_050',
    'it has the names of a MobileNetV2 (timm’s names), but 256 have other shapes (“conv_stem.weight” is [16, 3, 3, 3] instead of [32, 3, 3, 3])',
  ],
  ['timm/tf_efficientnet_b0', 'it is nearly an EfficientNet-Lite0 (timm’s names), but'],
] as const)('%s is refused: %s', (name, sentence) => {
  const variant = real.variants[name];
  const [, id, scheme] = REAL.find(([base]) => base === variant.base) ?? [];
  const tensors = namesOf(id as string, scheme);
  for (const key of variant.without) tensors.delete(key);
  for (const line of variant.with) {
    const [key, shape] = line.split(' ') as [string, string];
    tensors.set(key, zeros(shape.split(',').map(Number)));
  }
  expect(() => recognise(tensors)).toThrow(sentence);
});

describe('numbers that no trained network has', () => {
  const withValues = (name: string, change: (values: Float32Array) => void) => {
    const tensors = namesOf('resnet18');
    const tensor = tensors.get(name) as CheckpointTensor;
    const values = tensor.values.slice();
    change(values);
    return tensors.set(name, { ...tensor, values });
  };

  test.each([
    ['NaN', 'layer1.0.conv1.weight', (values: Float32Array) => values.fill(Number.NaN, 7, 8), 'not finite numbers'],
    [
      'an infinity',
      'fc.bias',
      (values: Float32Array) => values.fill(Number.POSITIVE_INFINITY, 999),
      'not finite numbers',
    ],
    [
      'a negative variance',
      'bn1.running_var',
      (values: Float32Array) => values.fill(-1e-6, 3, 4),
      'variance “bn1.running_var”',
    ],
  ])('are refused: %s', (_, name, change, sentence) => {
    expect(() => recognise(withValues(name, change))).toThrow(sentence);
  });

  test('are refused: whole numbers', () => {
    const tensors = namesOf('resnet18').set('bn1.weight', zeros([64], 'I64'));
    expect(() => recognise(tensors)).toThrow('“bn1.weight” holds whole numbers');
  });
});

test('one tensor missing, misshapen or too many is another network', () => {
  const missing = namesOf('resnet34');
  missing.delete('layer4.2.bn2.weight');
  expect(() => recognise(missing)).toThrow('but 1 tensor is missing (“layer4.2.bn2.weight”)');
  const misshapen = namesOf('resnet34').set('conv1.weight', zeros([64, 1, 7, 7]));
  expect(() => recognise(misshapen)).toThrow(
    'but 1 has another shape (“conv1.weight” is [64, 1, 7, 7] instead of [64, 3, 7, 7])',
  );
  expect(() => recognise(namesOf('resnet34').set('layer5.0.weight', zeros([1])))).toThrow('1 has no place in it');
});
