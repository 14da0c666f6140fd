// MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381) as torchvision builds it, names as in its state dict. A block's last
// convolution has no activation behind it; everything else ends in ReLU6.

import type { GraphBuilder, NodeIndex } from '../graph/graph.ts';
import type { Architecture } from './architecture.ts';

/** torch.nn.BatchNorm2d's defaults, which torchvision keeps. */
const BATCH_NORM = { epsilon: 1e-5, momentum: 0.1 };

/** Table 2 of the paper, without its first and last line. */
const STAGES = [
  { expansion: 1, outChannels: 16, repeats: 1, stride: 1 },
  { expansion: 6, outChannels: 24, repeats: 2, stride: 2 },
  { expansion: 6, outChannels: 32, repeats: 3, stride: 2 },
  { expansion: 6, outChannels: 64, repeats: 4, stride: 2 },
  { expansion: 6, outChannels: 96, repeats: 3, stride: 1 },
  { expansion: 6, outChannels: 160, repeats: 3, stride: 2 },
  { expansion: 6, outChannels: 320, repeats: 1, stride: 1 },
] as const;

const STEM_CHANNELS = 32;
const FEATURE_CHANNELS = 1280;

interface LayerOptions {
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride?: number;
  readonly groups?: number;
}

/** Convolution (`NAME.0`), batch norm (`NAME.1`), ReLU6. */
function convolutionLayer(builder: GraphBuilder, name: string, input: NodeIndex, options: LayerOptions): NodeIndex {
  const node = builder.conv2d(`${name}.0`, input, { ...options, padding: (options.kernelSize - 1) / 2 });
  return builder.activation(builder.batchNorm(`${name}.1`, node, BATCH_NORM), 'relu6');
}

interface BlockOptions {
  readonly stride: number;
  readonly outChannels: number;
  readonly expansion: number;
}

/** `NAME.conv` counts its parts: the first stage does not widen, so there the others move up by one. */
function invertedResidual(builder: GraphBuilder, name: string, input: NodeIndex, options: BlockOptions): NodeIndex {
  const { stride, outChannels, expansion } = options;
  const inChannels = builder.shapeOf(input).at(-1) as number;
  const wideChannels = inChannels * expansion;
  let node = input;
  let part = 0;
  if (expansion !== 1) {
    node = convolutionLayer(builder, `${name}.conv.${part}`, node, { outChannels: wideChannels, kernelSize: 1 });
    part += 1;
  }
  node = convolutionLayer(builder, `${name}.conv.${part}`, node, {
    outChannels: wideChannels,
    kernelSize: 3,
    stride,
    groups: wideChannels,
  });
  node = builder.conv2d(`${name}.conv.${part + 1}`, node, { outChannels, kernelSize: 1, padding: 0 });
  node = builder.batchNorm(`${name}.conv.${part + 2}`, node, BATCH_NORM);
  return stride === 1 && inChannels === outChannels ? builder.addNodes(node, input) : node;
}

function buildBody(builder: GraphBuilder, images: NodeIndex): NodeIndex {
  let node = convolutionLayer(builder, 'features.0', images, { outChannels: STEM_CHANNELS, kernelSize: 3, stride: 2 });
  let feature = 1;
  for (const { repeats, ...stage } of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const stride = repeat === 0 ? stage.stride : 1;
      node = invertedResidual(builder, `features.${feature}`, node, { ...stage, stride });
      feature += 1;
    }
  }
  return convolutionLayer(builder, `features.${feature}`, node, { outChannels: FEATURE_CHANNELS, kernelSize: 1 });
}

/**
 * fastai v1 splits before features[10] (its vision/learner.py, LESSON section 4.1), the last block of 64 channels: in the middle
 * of what works at 1/16 of the picture, features[7] to features[13].
 */
const SPLIT = 10;
const EARLY_FEATURES = Array.from({ length: SPLIT }, (_, feature) => `features.${feature}.`);

export const mobileNetV2: Architecture = {
  id: 'mobilenet-v2',
  label: 'MobileNetV2',
  imageSizePx: 224,
  featureChannels: FEATURE_CHANNELS,
  bodyGroups: [EARLY_FEATURES, ['features.']],
  body: buildBody,
  /** Without torchvision's dropout of 0.2 before it: parity and benches compare what is not random. */
  classifier: (builder, featureMap, classCount) =>
    builder.linear('classifier.1', builder.averagePool(featureMap), classCount),
};
