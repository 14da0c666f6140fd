// The same network has other names in other libraries. A scheme says, for each parameter of ours, what a library calls it.
// Worked out from the names and shapes of our graphs alone, so that a further member of a family needs nothing here; checked
// against the real state dicts in fixtures/checkpoints/names.json.

import type { ParameterSpec } from '../../graph/graph.ts';

/** On numbers of 0..1: (x - mean) / std for red, green and blue. */
export interface Preprocessing {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

export interface NamingScheme {
  /** Whose names these are, for a sentence: 'torchvision’s'. */
  readonly owner: string;
  /** Our name -> theirs. */
  readonly nameOf: (ours: string) => string;
  /** How pictures were fed when these weights were trained, as far as their publisher says; no file does. */
  readonly preprocessing: Preprocessing;
  /**
   * Networks with the same tensors that compute something else, so that no reader can tell them apart: by the name that a
   * file may give as its architecture, and what is different.
   */
  readonly lookAlikes: Readonly<Record<string, string>>;
}

/** Mean and deviation of ImageNet's pictures, which torchvision's and timm's weights of these families were trained with. */
const IMAGENET: Preprocessing = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** timm's cfg of tf_efficientnet_lite0, 1 and 2. */
const TIMM_LITE: Preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
/** MEAN_RGB 127 and STDDEV_RGB 128 on pixels of 0..255 (efficientnet_lite_builder.py). */
const TENSORFLOW_LITE: Preprocessing = {
  mean: [127 / 255, 127 / 255, 127 / 255],
  std: [128 / 255, 128 / 255, 128 / 255],
};

const BLUR = 'it blurs before it strides';
/** timm 1.0: networks with the names and shapes of the plain ones. */
const RESNET_LOOK_ALIKES = { resnetblur50: BLUR, resnetaa50: BLUR, resnetblur18: BLUR, resnetaa34: BLUR };
const LITE_PADDING = 'it pads otherwise, normalises with another epsilon and saw pictures otherwise';
const LITE_LOOK_ALIKES = {
  efficientnet_lite0: LITE_PADDING,
  efficientnet_lite1: LITE_PADDING,
  efficientnet_lite2: LITE_PADDING,
};

/** @param parameters of a whole network with its end, in running order; empty for a family that is known by no other names */
export function namingSchemesOf(parameters: readonly ParameterSpec[]): readonly NamingScheme[] {
  const same = (ours: string) => ours;
  const [first] = parameters;
  switch (first?.name) {
    case 'conv1.weight':
      return [
        { owner: 'torchvision’s and timm’s', nameOf: same, preprocessing: IMAGENET, lookAlikes: RESNET_LOOK_ALIKES },
      ];
    case 'features.0.0.weight':
      return [
        { owner: 'torchvision’s', nameOf: same, preprocessing: IMAGENET, lookAlikes: {} },
        { owner: 'timm’s', nameOf: timmMobileNetNames(parameters), preprocessing: IMAGENET, lookAlikes: {} },
      ];
    case '_conv_stem.weight':
      return [
        { owner: 'efficientnet-lite-pytorch’s', nameOf: same, preprocessing: TENSORFLOW_LITE, lookAlikes: {} },
        {
          owner: 'timm’s',
          nameOf: timmLiteNames(parameters),
          preprocessing: TIMM_LITE,
          lookAlikes: LITE_LOOK_ALIKES,
        },
      ];
    default:
      return [{ owner: 'the studio’s', nameOf: same, preprocessing: IMAGENET, lookAlikes: {} }];
  }
}

/** Our layer inside a block -> timm's, for a block that does not widen (DepthwiseSeparableConv) and one that does. */
interface BlockNames {
  readonly narrow: Readonly<Record<string, string>>;
  readonly wide: Readonly<Record<string, string>>;
}

const LITE_BLOCK: BlockNames = {
  narrow: { _depthwise_conv: 'conv_dw', _bn1: 'bn1', _project_conv: 'conv_pw', _bn2: 'bn2' },
  wide: {
    _expand_conv: 'conv_pw',
    _bn0: 'bn1',
    _depthwise_conv: 'conv_dw',
    _bn1: 'bn2',
    _project_conv: 'conv_pwl',
    _bn2: 'bn3',
  },
};
const LITE_ENDS = { _conv_stem: 'conv_stem', _bn0: 'bn1', _conv_head: 'conv_head', _bn1: 'bn2', _fc: 'classifier' };

function timmLiteNames(parameters: readonly ParameterSpec[]): (ours: string) => string {
  return timmNames(parameters, /^(_blocks\.\d+)\.(\w+)\.(\w+)$/, LITE_BLOCK, LITE_ENDS);
}

const MOBILENET_BLOCK: BlockNames = {
  narrow: { '0.0': 'conv_dw', '0.1': 'bn1', '1': 'conv_pw', '2': 'bn2' },
  wide: { '0.0': 'conv_pw', '0.1': 'bn1', '1.0': 'conv_dw', '1.1': 'bn2', '2': 'conv_pwl', '3': 'bn3' },
};

function timmMobileNetNames(parameters: readonly ParameterSpec[]): (ours: string) => string {
  const features = parameters.map(({ name }) => Number(/^features\.(\d+)\./.exec(name)?.[1] ?? 0));
  const last = `features.${Math.max(...features)}`;
  const ends = {
    'features.0.0': 'conv_stem',
    'features.0.1': 'bn1',
    [`${last}.0`]: 'conv_head',
    [`${last}.1`]: 'bn2',
    'classifier.1': 'classifier',
  };
  return timmNames(parameters, /^(features\.\d+)\.conv\.([\d.]+)\.(\w+)$/, MOBILENET_BLOCK, ends);
}

/**
 * timm counts blocks within stages, `blocks.STAGE.BLOCK`. A stage begins where a block has other channels at its end than
 * the one before, which is so in every network of these families.
 * @param inBlock our block, its layer and the parameter of it
 */
function timmNames(
  parameters: readonly ParameterSpec[],
  inBlock: RegExp,
  blockNames: BlockNames,
  ends: Readonly<Record<string, string>>,
): (ours: string) => string {
  const layers = new Map<string, Map<string, ParameterSpec>>();
  for (const parameter of parameters) {
    const [, block, layer, kind] = inBlock.exec(parameter.name) ?? [];
    if (block === undefined || layer === undefined) continue;
    const found = layers.get(block) ?? new Map<string, ParameterSpec>();
    layers.set(block, found);
    if (kind === 'weight') found.set(layer, parameter);
  }
  const places = new Map<string, { readonly name: string; readonly layers: Readonly<Record<string, string>> }>();
  let stage = -1;
  let repeat = 0;
  let channels = 0;
  for (const [block, found] of layers) {
    const names = found.size > Object.keys(blockNames.narrow).length ? blockNames.wide : blockNames.narrow;
    const outChannels = [...found.values()].at(-1)?.shape.at(-1) ?? 0;
    const isNewStage = outChannels !== channels;
    stage += isNewStage ? 1 : 0;
    repeat = isNewStage ? 0 : repeat + 1;
    channels = outChannels;
    places.set(block, { name: `blocks.${stage}.${repeat}`, layers: names });
  }
  return (ours) => {
    const [, block = '', layer = '', kind] = inBlock.exec(ours) ?? [];
    const place = places.get(block);
    if (place) return `${place.name}.${place.layers[layer]}.${kind}`;
    const dot = ours.lastIndexOf('.');
    return `${ends[ours.slice(0, dot)]}${ours.slice(dot)}`;
  };
}
