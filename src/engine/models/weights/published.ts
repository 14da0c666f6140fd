// Public weights of each architecture that are known to fit it: where they are, what they reach, under which licence. A row is a fact about a file
// elsewhere; nothing is fetched from here.

/** What timm's repositories call their weights. */
export const PUBLISHED_FILE = 'model.safetensors';

export interface PublishedWeights {
  readonly architecture: string;
  /** Repository of the Hugging Face hub whose file PUBLISHED_FILE has timm's names for the architecture; null where none is known. */
  readonly repository: string | null;
  /** ImageNet accuracy as the authors give it, 0..1. */
  readonly top1: number;
  readonly licence: string;
  /** What `npm run weights -- NAME` calls a conversion of its own; null where there is none. */
  readonly command: string | null;
}

/** Torchvision's first weights (V1) under the licence of its code; timm's table of results for the others. */
const PUBLISHED: readonly PublishedWeights[] = [
  {
    architecture: 'resnet18',
    repository: 'timm/resnet18.tv_in1k',
    top1: 0.6976,
    licence: 'BSD-3-Clause',
    command: null,
  },
  {
    architecture: 'resnet34',
    repository: 'timm/resnet34.tv_in1k',
    top1: 0.7331,
    licence: 'BSD-3-Clause',
    command: null,
  },
  { architecture: 'resnet50-v1', repository: null, top1: 0.749, licence: 'MIT', command: 'resnet50' },
  {
    architecture: 'resnet50',
    repository: 'timm/resnet50.tv_in1k',
    top1: 0.7613,
    licence: 'BSD-3-Clause',
    command: null,
  },
  {
    architecture: 'resnet101',
    repository: 'timm/resnet101.tv_in1k',
    top1: 0.7737,
    licence: 'BSD-3-Clause',
    command: null,
  },
  {
    architecture: 'resnext50',
    repository: 'timm/resnext50_32x4d.tv_in1k',
    top1: 0.7762,
    licence: 'BSD-3-Clause',
    command: null,
  },
  {
    architecture: 'resnext101-32x8d',
    repository: 'timm/resnext101_32x8d.tv_in1k',
    top1: 0.7931,
    licence: 'BSD-3-Clause',
    command: null,
  },
  {
    architecture: 'resnext101-64x4d',
    repository: 'timm/resnext101_64x4d.tv_in1k',
    top1: 0.8325,
    licence: 'BSD-3-Clause',
    command: null,
  },
  {
    architecture: 'mobilenet-v2',
    repository: 'timm/mobilenetv2_100.ra_in1k',
    top1: 0.7297,
    licence: 'Apache-2.0',
    command: null,
  },
  {
    architecture: 'efficientnet-lite1',
    repository: 'timm/tf_efficientnet_lite1.in1k',
    top1: 0.7664,
    licence: 'Apache-2.0',
    command: 'efficientnet-lite1',
  },
  {
    architecture: 'efficientnet-lite2',
    repository: 'timm/tf_efficientnet_lite2.in1k',
    top1: 0.7746,
    licence: 'Apache-2.0',
    command: 'efficientnet-lite2',
  },
];

/** Null where nobody is known to have published any that fit. */
export function findPublished(architecture: string): PublishedWeights | null {
  return PUBLISHED.find((row) => row.architecture === architecture) ?? null;
}
