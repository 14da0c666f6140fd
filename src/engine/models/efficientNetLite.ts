// EfficientNet-Lite (Tan & Le 2019, arXiv 1905.11946, without squeeze-excitation, with ReLU6): one row of data per network,
// named as in the state dict of the package efficientnet-lite-pytorch. Padding is TensorFlow's 'same'; batch norm as the
// source trained it.

import type { GraphBuilder, NodeIndex } from '../graph/graph.ts';
import type { Architecture } from './architecture.ts';

/**
 * Epsilon: efficientnet_lite_builder.py. Momentum: PyTorch's default, as timm trains these networks. The original's 0.99 (0.01 in PyTorch's
 * convention) is meant for a million pictures: of a small set an epoch has a dozen batches, so running statistics would lag far behind
 * what is learnt, and a network would be judged by those of other pictures (docs/decisions/0017).
 */
const BATCH_NORM = { epsilon: 1e-3, momentum: 0.1 };

interface LiteRow {
  readonly id: string;
  readonly label: string;
  /** Of ImageNet's training. */
  readonly imageSizePx: number;
  /** Factor of every stage's channels. */
  readonly width: number;
  /** Factor of the stages' repeats. */
  readonly depth: number;
}

/** efficientnet_lite_builder.py, the function efficientnet_lite_params. */
const ROWS: readonly LiteRow[] = [
  { id: 'efficientnet-lite0', label: 'EfficientNet-Lite0', imageSizePx: 224, width: 1, depth: 1 },
  { id: 'efficientnet-lite1', label: 'EfficientNet-Lite1', imageSizePx: 240, width: 1, depth: 1.1 },
  { id: 'efficientnet-lite2', label: 'EfficientNet-Lite2', imageSizePx: 260, width: 1.1, depth: 1.2 },
];

/** The stages at width and depth 1: repeats, channels at the end, what a block widens them by inside, first stride. */
const STAGES = [
  { kernelSize: 3, repeats: 1, outChannels: 16, expansion: 1, stride: 1 },
  { kernelSize: 3, repeats: 2, outChannels: 24, expansion: 6, stride: 2 },
  { kernelSize: 5, repeats: 2, outChannels: 40, expansion: 6, stride: 2 },
  { kernelSize: 3, repeats: 3, outChannels: 80, expansion: 6, stride: 2 },
  { kernelSize: 5, repeats: 3, outChannels: 112, expansion: 6, stride: 1 },
  { kernelSize: 5, repeats: 4, outChannels: 192, expansion: 6, stride: 2 },
  { kernelSize: 3, repeats: 1, outChannels: 320, expansion: 6, stride: 1 },
] as const;

// "fix_head_stem": the same at every width, and the first and last stage at every depth.
const STEM_CHANNELS = 32;
const FEATURE_CHANNELS = 1280;

interface BlockOptions {
  readonly kernelSize: number;
  readonly stride: number;
  readonly outChannels: number;
  readonly expansion: number;
}

/** Every block in running order. */
function listBlocks({ width, depth }: LiteRow): readonly BlockOptions[] {
  return STAGES.flatMap(({ repeats, ...stage }, index) => {
    const isScaled = index > 0 && index < STAGES.length - 1;
    const outChannels = scaleChannels(stage.outChannels, width);
    return Array.from({ length: isScaled ? Math.ceil(repeats * depth) : repeats }, (_, repeat) => {
      return { ...stage, outChannels, stride: repeat === 0 ? stage.stride : 1 };
    });
  });
}

/** The multiple of 8 nearest to the product, or the next one where that is below nine tenths of it (efficientnet_model.py). */
function scaleChannels(channels: number, width: number): number {
  const scaled = channels * width;
  const rounded = Math.max(8, 8 * Math.floor((scaled + 4) / 8));
  return rounded < 0.9 * scaled ? rounded + 8 : rounded;
}

function invertedBottleneck(builder: GraphBuilder, name: string, input: NodeIndex, options: BlockOptions): NodeIndex {
  const { kernelSize, stride, outChannels, expansion } = options;
  const inChannels = builder.shapeOf(input).at(-1) as number;
  const wideChannels = inChannels * expansion;
  let node = input;
  if (expansion !== 1) {
    node = builder.conv2d(`${name}._expand_conv`, node, { outChannels: wideChannels, kernelSize: 1, padding: 0 });
    node = builder.activation(builder.batchNorm(`${name}._bn0`, node, BATCH_NORM), 'relu6');
  }
  node = builder.conv2d(`${name}._depthwise_conv`, node, {
    outChannels: wideChannels,
    kernelSize,
    stride,
    padding: 'same',
    groups: wideChannels,
  });
  node = builder.activation(builder.batchNorm(`${name}._bn1`, node, BATCH_NORM), 'relu6');
  node = builder.conv2d(`${name}._project_conv`, node, { outChannels, kernelSize: 1, padding: 0 });
  node = builder.batchNorm(`${name}._bn2`, node, BATCH_NORM);
  return stride === 1 && inChannels === outChannels ? builder.addNodes(node, input) : node;
}

function buildBody(builder: GraphBuilder, images: NodeIndex, blocks: readonly BlockOptions[]): NodeIndex {
  let node = builder.conv2d('_conv_stem', images, {
    outChannels: STEM_CHANNELS,
    kernelSize: 3,
    stride: 2,
    padding: 'same',
  });
  node = builder.activation(builder.batchNorm('_bn0', node, BATCH_NORM), 'relu6');
  blocks.forEach((block, index) => {
    node = invertedBottleneck(builder, `_blocks.${index}`, node, block);
  });
  node = builder.conv2d('_conv_head', node, { outChannels: FEATURE_CHANNELS, kernelSize: 1, padding: 0 });
  return builder.activation(builder.batchNorm('_bn1', node, BATCH_NORM), 'relu6');
}

/**
 * The block at which the picture shrinks to 1/16, the first of stage 3: the second layer group begins there, as that of the
 * lesson's ResNets begins at layer3, which also works at 1/16 (LESSON section 4.2). The stem and two stages stride before it.
 */
function findSplit(blocks: readonly BlockOptions[]): number {
  const strided = blocks.flatMap(({ stride }, index) => (stride === 2 ? [index] : []));
  return strided[2] as number;
}

function createArchitecture(row: LiteRow): Architecture {
  const blocks = listBlocks(row);
  const earlyBlocks = Array.from({ length: findSplit(blocks) }, (_, block) => `_blocks.${block}.`);
  return {
    id: row.id,
    label: row.label,
    imageSizePx: row.imageSizePx,
    featureChannels: FEATURE_CHANNELS,
    bodyGroups: [
      ['_conv_stem.', '_bn0.', ...earlyBlocks],
      ['_blocks.', '_conv_head.', '_bn1.'],
    ],
    body: (builder, images) => buildBody(builder, images, blocks),
    /** Without the original's dropout before it: parity compares what is not random. */
    classifier: (builder, featureMap, classCount) => builder.linear('_fc', builder.averagePool(featureMap), classCount),
  };
}

export const EFFICIENT_NET_LITES: readonly Architecture[] = ROWS.map(createArchitecture);
