// ResNet (He et al. 2015, arXiv 1512.03385) and ResNeXt (Xie et al. 2016, arXiv 1611.05431) as torchvision builds them: one
// row of data per network, names as in its state dict. A bottleneck strides in its 3x3 convolution (torchvision's "v1.5"),
// or in its first 1x1 as the paper has it and Keras kept it.

import type { GraphBuilder, NodeIndex } from '../graph/graph.ts';
import type { Architecture } from './architecture.ts';

interface ResNetRow {
  readonly id: string;
  readonly label: string;
  /** basic: two 3x3 convolutions. bottleneck: 1x1, 3x3, 1x1, four times as wide at its end as its stage. */
  readonly block: 'basic' | 'bottleneck';
  /** Blocks in layer1 to layer4. */
  readonly depths: readonly [number, number, number, number];
  /** Groups of the 3x3 convolution of a bottleneck. */
  readonly groups: number;
  /** Channels of each group in layer1; they double with every further layer. */
  readonly groupWidth: number;
  /** The convolution of a bottleneck that strides, from 0; a basic block always strides in its first. */
  readonly stridingConvolution: 0 | 1;
}

const PLAIN = { groups: 1, groupWidth: 64, stridingConvolution: 1 } as const;

const ROWS: readonly ResNetRow[] = [
  { id: 'resnet18', label: 'ResNet-18', block: 'basic', depths: [2, 2, 2, 2], ...PLAIN },
  { id: 'resnet34', label: 'ResNet-34', block: 'basic', depths: [3, 4, 6, 3], ...PLAIN },
  { id: 'resnet50', label: 'ResNet-50', block: 'bottleneck', depths: [3, 4, 6, 3], ...PLAIN },
  {
    ...PLAIN,
    id: 'resnet50-v1',
    label: 'ResNet-50 (2015)',
    block: 'bottleneck',
    depths: [3, 4, 6, 3],
    stridingConvolution: 0,
  },
  { id: 'resnet101', label: 'ResNet-101', block: 'bottleneck', depths: [3, 4, 23, 3], ...PLAIN },
  {
    id: 'resnext50',
    label: 'ResNeXt-50 32x4d',
    block: 'bottleneck',
    depths: [3, 4, 6, 3],
    groups: 32,
    groupWidth: 4,
    stridingConvolution: 1,
  },
  {
    id: 'resnext101-64x4d',
    label: 'ResNeXt-101 64x4d',
    block: 'bottleneck',
    depths: [3, 4, 23, 3],
    groups: 64,
    groupWidth: 4,
    stridingConvolution: 1,
  },
  {
    id: 'resnext101-32x8d',
    label: 'ResNeXt-101 32x8d',
    block: 'bottleneck',
    depths: [3, 4, 23, 3],
    groups: 32,
    groupWidth: 8,
    stridingConvolution: 1,
  },
];

/** torch.nn.BatchNorm2d's defaults, which torchvision keeps. */
const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 };
const STEM_CHANNELS = 64;
const BOTTLENECK_EXPANSION = 4;

/** Batch-normalised convolution; zeros on every side keep the size where the stride is 1. */
function convolveAndNormalise(
  builder: GraphBuilder,
  names: { readonly convolution: string; readonly batchNorm: string },
  input: NodeIndex,
  options: { outChannels: number; kernelSize: number; stride?: number; groups?: number },
): NodeIndex {
  const padding = (options.kernelSize - 1) / 2;
  return builder.batchNorm(
    names.batchNorm,
    builder.conv2d(names.convolution, input, { ...options, padding }),
    BATCH_NORM,
  );
}

interface BlockOptions {
  readonly stride: number;
  /** 64, 128, 256, 512 for layer1 to layer4. */
  readonly stageChannels: number;
}

function basicPath(builder: GraphBuilder, name: string, input: NodeIndex, options: BlockOptions): NodeIndex {
  const { stageChannels: outChannels, stride } = options;
  const first = { convolution: `${name}.conv1`, batchNorm: `${name}.bn1` };
  const second = { convolution: `${name}.conv2`, batchNorm: `${name}.bn2` };
  const node = convolveAndNormalise(builder, first, input, { outChannels, kernelSize: 3, stride });
  return convolveAndNormalise(builder, second, builder.activation(node, 'relu'), { outChannels, kernelSize: 3 });
}

function bottleneckPath(
  builder: GraphBuilder,
  name: string,
  input: NodeIndex,
  { stageChannels, stride }: BlockOptions,
  { groups, groupWidth, stridingConvolution }: ResNetRow,
): NodeIndex {
  const innerChannels = groups * groupWidth * (stageChannels / STEM_CHANNELS);
  const strides = stridingConvolution === 0 ? [stride, 1] : [1, stride];
  const layers = [
    { outChannels: innerChannels, kernelSize: 1, stride: strides[0] as number },
    { outChannels: innerChannels, kernelSize: 3, stride: strides[1] as number, groups },
    { outChannels: stageChannels * BOTTLENECK_EXPANSION, kernelSize: 1 },
  ];
  return layers.reduce((node, options, index) => {
    const names = { convolution: `${name}.conv${index + 1}`, batchNorm: `${name}.bn${index + 1}` };
    return convolveAndNormalise(builder, names, index === 0 ? node : builder.activation(node, 'relu'), options);
  }, input);
}

/** Where size or channels change, a 1x1 convolution takes the input along (torchvision's `downsample`). */
function addBlock(builder: GraphBuilder, name: string, input: NodeIndex, options: BlockOptions, row: ResNetRow) {
  const isBasic = row.block === 'basic';
  const path = isBasic ? basicPath(builder, name, input, options) : bottleneckPath(builder, name, input, options, row);
  const names = { convolution: `${name}.downsample.0`, batchNorm: `${name}.downsample.1` };
  const outChannels = builder.shapeOf(path).at(-1) as number;
  const isSame = options.stride === 1 && builder.shapeOf(input).at(-1) === outChannels;
  const shortcut = isSame
    ? input
    : convolveAndNormalise(builder, names, input, { outChannels, kernelSize: 1, stride: options.stride });
  return builder.activation(builder.addNodes(path, shortcut), 'relu');
}

function buildBody(builder: GraphBuilder, images: NodeIndex, row: ResNetRow): NodeIndex {
  const stem = { outChannels: STEM_CHANNELS, kernelSize: 7, stride: 2 };
  let node = convolveAndNormalise(builder, { convolution: 'conv1', batchNorm: 'bn1' }, images, stem);
  node = builder.maxPool(builder.activation(node, 'relu'), { kernelSize: 3, stride: 2, padding: 1 });
  row.depths.forEach((depth, stage) => {
    for (let block = 0; block < depth; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      const stageChannels = STEM_CHANNELS * 2 ** stage;
      node = addBlock(builder, `layer${stage + 1}.${block}`, node, { stride, stageChannels }, row);
    }
  });
  return node;
}

/** LESSON section 4.2: the second group begins where the picture has shrunk to 1/16. */
const BODY_GROUPS = [
  ['conv1.', 'bn1.', 'layer1.', 'layer2.'],
  ['layer3.', 'layer4.'],
];

function createArchitecture(row: ResNetRow): Architecture {
  return {
    id: row.id,
    label: row.label,
    imageSizePx: 224,
    featureChannels: 8 * STEM_CHANNELS * (row.block === 'basic' ? 1 : BOTTLENECK_EXPANSION),
    bodyGroups: BODY_GROUPS,
    body: (builder, images) => buildBody(builder, images, row),
    classifier: (builder, featureMap, classCount) => builder.linear('fc', builder.averagePool(featureMap), classCount),
  };
}

export const RESNETS: readonly Architecture[] = ROWS.map(createArchitecture);
