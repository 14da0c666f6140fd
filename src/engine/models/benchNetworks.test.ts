import { describe, expect, test } from 'vitest';
import { type Graph, sizeOf } from '../graph/graph.ts';
import { groupParameters } from '../graph/layerGroups.ts';
import type { Architecture } from './architecture.ts';
import { BENCH_NETWORKS, buildBenchNetwork } from './benchNetworks.ts';
import { ARCHITECTURES } from './catalog.ts';
import { buildClassifier, buildFeatureExtractor } from './head.ts';
import { mobileNetV2 } from './mobileNetV2.ts';
import { RESNETS } from './resnet.ts';
import { torchShape } from './weights/tensorLayout.ts';

function find(id: string): Architecture {
  return [...RESNETS, mobileNetV2].find((architecture) => architecture.id === id) as Architecture;
}

function countLearned(graph: Graph): number {
  return graph.parameters.filter(({ isLearned }) => isLearned).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Name and PyTorch shape of the parameters whose name begins like this. */
function describeParameters(graph: Graph, prefix: string): string[] {
  return graph.parameters
    .filter(({ name }) => name.startsWith(prefix))
    .map((spec) => `${spec.name} ${torchShape(spec).join('x')}`);
}

// Learned parameters with 1000 classes: torchvision.models, the `num_params` of each weights entry.
test.each([
  ['resnet18', 11_689_512],
  ['resnet34', 21_797_672],
  ['resnet50', 25_557_032],
  ['resnet101', 44_549_160],
  ['resnext50', 25_028_904],
  ['resnext101-64x4d', 83_455_272],
  ['resnext101-32x8d', 88_791_336],
  ['mobilenet-v2', 3_504_872],
])('%s has the %d parameters that torchvision publishes', (id, published) => {
  expect(countLearned(buildClassifier(find(id), 224, 1000))).toBe(published);
});

// LESSON section 4.1: what the head is given, maximum and mean of each channel.
test.each([
  ['resnet18', 1024],
  ['resnet34', 1024],
  ['resnet50', 4096],
  ['resnet101', 4096],
  ['resnext50', 4096],
  ['resnext101-64x4d', 4096],
])('%s gives a head %i features', (id, expected) => {
  expect(buildFeatureExtractor(find(id), 32).outputShape).toEqual([expected]);
});

describe.each([...RESNETS, mobileNetV2].map(({ id }) => id))('%s', (id) => {
  test('shrinks a picture 32 times and has the channels that it states', () => {
    const architecture = find(id);
    const graph = buildFeatureExtractor(architecture, 96);
    const pooled = graph.nodes.at(-2);
    expect(pooled?.shape).toEqual([3, 3, architecture.featureChannels]);
    expect(graph.outputShape).toEqual([2 * architecture.featureChannels]);
    expect(buildClassifier(architecture, 64, 7).outputShape).toEqual([7]);
  });

  test('has every parameter of its body in one of two layer groups, and none of its classifier', () => {
    const architecture = find(id);
    const body = buildFeatureExtractor(architecture, 64);
    const groups = groupParameters(body, architecture.bodyGroups);
    expect(groups.map(({ length }) => length > 0)).toEqual([true, true]);
    expect(groups.flat().length).toBe(body.parameters.length);
    const classifier = buildClassifier(architecture, 64, 7).parameters.slice(body.parameters.length);
    for (const { name } of classifier) {
      expect(architecture.bodyGroups.flat().some((prefix) => name.startsWith(prefix))).toBe(false);
    }
  });
});

test('the second group of a ResNet begins at layer3, that of MobileNetV2 at features[10]', () => {
  for (const [architecture, first] of [
    [find('resnet50'), 'layer3.0.conv1.weight'],
    [mobileNetV2, 'features.10.conv.0.0.weight'],
  ] as const) {
    const groups = groupParameters(buildFeatureExtractor(architecture, 64), architecture.bodyGroups);
    expect(groups[1]?.[0]?.name).toBe(first);
  }
});

test('a ResNeXt block has torchvision’s names and shapes, its stride in the 3x3 convolution', () => {
  const graph = buildClassifier(find('resnext50'), 64, 10);
  expect(describeParameters(graph, 'layer2.0.').filter((line) => line.endsWith('x1') || line.endsWith('x3'))).toEqual([
    'layer2.0.conv1.weight 256x256x1x1',
    'layer2.0.conv2.weight 256x8x3x3',
    'layer2.0.conv3.weight 512x256x1x1',
    'layer2.0.downsample.0.weight 512x256x1x1',
  ]);
  expect(describeParameters(graph, 'layer2.0.downsample.1')).toEqual(
    ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `layer2.0.downsample.1.${part} 512`),
  );
  expect(describeParameters(graph, 'fc')).toEqual(['fc.weight 10x2048', 'fc.bias 10']);
  const strides = graph.nodes.flatMap((node) =>
    node.op === 'conv2d' && node.name.startsWith('layer2.0.') ? [`${node.name} ${node.stride}`] : [],
  );
  expect(strides).toEqual(['layer2.0.conv1 1', 'layer2.0.conv2 2', 'layer2.0.conv3 1', 'layer2.0.downsample.0 2']);
});

test('MobileNetV2 has torchvision’s names and shapes', () => {
  const graph = buildClassifier(mobileNetV2, 64, 10);
  const weights = (prefix: string) => describeParameters(graph, prefix).filter((line) => line.includes('.weight'));
  expect(weights('features.1.')).toEqual([
    'features.1.conv.0.0.weight 32x1x3x3',
    'features.1.conv.0.1.weight 32',
    'features.1.conv.1.weight 16x32x1x1',
    'features.1.conv.2.weight 16',
  ]);
  expect(weights('features.2.')).toEqual([
    'features.2.conv.0.0.weight 96x16x1x1',
    'features.2.conv.0.1.weight 96',
    'features.2.conv.1.0.weight 96x1x3x3',
    'features.2.conv.1.1.weight 96',
    'features.2.conv.2.weight 24x96x1x1',
    'features.2.conv.3.weight 24',
  ]);
  expect(weights('features.18.')).toEqual(['features.18.0.weight 1280x320x1x1', 'features.18.1.weight 1280']);
  expect(describeParameters(graph, 'classifier')).toEqual(['classifier.1.weight 10x1280', 'classifier.1.bias 10']);
});

test('benches know six networks by name and refuse others', () => {
  expect(BENCH_NETWORKS.map(({ id }) => id)).toEqual([
    'resnet18',
    'resnet34',
    'resnet50',
    'resnext50',
    'mobilenet-v2',
    'efficientnet-lite0',
  ]);
  expect(buildBenchNetwork('resnet34', 64, 10).outputShape).toEqual([10]);
  expect(() => buildBenchNetwork('vgg16', 64, 10)).toThrow('vgg16');
});

test('the studio offers no network without weights', () => {
  expect(ARCHITECTURES.map(({ id }) => id)).toEqual(['efficientnet-lite0']);
});
