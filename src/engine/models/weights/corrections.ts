// What no file of weights says for sure, and a person may know better: which of the networks with the same tensors it is of, and how
// pictures were fed when it was trained.

import { EngineError } from '../../../protocol/errors.ts';
import type { WeightsCorrection, WeightsCorrections } from '../../../protocol/networks.ts';
import type { WeightsCard } from '../../platform/ports.ts';
import type { Architecture } from '../architecture.ts';
import { ARCHITECTURES, findArchitecture } from '../catalog.ts';
import { buildFeatureExtractor } from '../head.ts';

interface Feeding {
  readonly id: string;
  readonly label: string;
  /** On pixels of 0..1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const grey = (value: number) => [value, value, value];

/** The customs that published weights follow. */
const FEEDINGS: readonly Feeding[] = [
  {
    id: 'imagenet',
    label: 'ImageNet’s mean and deviation (torchvision, timm)',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  { id: 'halves', label: '−1 to 1: mean 0.5, deviation 0.5', mean: grey(0.5), std: grey(0.5) },
  {
    id: 'tensorflowLite',
    label: '(pixel − 127) / 128 (TensorFlow’s EfficientNet-Lite)',
    mean: grey(127 / 255),
    std: grey(128 / 255),
  },
  { id: 'zeroToOne', label: '0 to 1', mean: grey(0), std: grey(1) },
  {
    id: 'meansTaken',
    label: '0 to 255 less ImageNet’s mean (Keras’ ResNet, in red, green, blue)',
    mean: [123.68 / 255, 116.779 / 255, 103.939 / 255],
    std: grey(1 / 255),
  },
];

/** What can be corrected of a card, and what it says now. */
export function correctionsOf({ architecture, preprocessing }: WeightsCard): WeightsCorrections {
  const isNow = ({ mean, std }: Feeding) => isClose(mean, preprocessing.mean) && isClose(std, preprocessing.std);
  return {
    architectures: sameTensors(findArchitecture(architecture)).map(({ id, label }) => ({ id, label })),
    feedings: FEEDINGS.map(({ id, label }) => ({ id, label })),
    architecture,
    feeding: FEEDINGS.find(isNow)?.id ?? null,
  };
}

/** The card as it is meant. Throws EngineError 'settingInvalid' for what `correctionsOf` does not offer. */
export function correctCard(card: WeightsCard, { architecture, feeding }: WeightsCorrection): WeightsCard {
  const meant = sameTensors(findArchitecture(card.architecture)).find(({ id }) => id === architecture);
  const fed = FEEDINGS.find(({ id }) => id === feeding);
  if (!meant || !fed) {
    throw new EngineError('settingInvalid', `“${card.label}” cannot be taken for that. It stays as it was.`);
  }
  const before = findArchitecture(card.architecture).label;
  return {
    ...card,
    architecture: meant.id,
    label: card.label.startsWith(before) ? `${meant.label}${card.label.slice(before.length)}` : card.label,
    preprocessing: { mean: fed.mean, std: fed.std },
  };
}

/** With itself: networks whose bodies have the same names and shapes, which a file of their tensors cannot tell apart. */
function sameTensors(architecture: Architecture): readonly Architecture[] {
  const tensors = listTensors(architecture);
  return ARCHITECTURES.filter((other) => listTensors(other) === tensors);
}

/** By id: asked for at every comparison, and always the same. */
const TENSORS = new Map<string, string>();

function listTensors(architecture: Architecture): string {
  const known = TENSORS.get(architecture.id);
  if (known !== undefined) return known;
  const { parameters } = buildFeatureExtractor(architecture, architecture.imageSizePx);
  const listed = parameters.map(({ name, shape }) => `${name} ${shape}`).join('\n');
  TENSORS.set(architecture.id, listed);
  return listed;
}

function isClose(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, channel) => Math.abs(value - (b[channel] ?? Number.NaN)) < 1e-6);
}
