// Where in what was pickled the state dict is: at the top, or under one of the keys that training scripts use.

import { quote, refuseCheckpoint } from './checkpoint.ts';
import { isKind, type PickleObject, type PickleValue, type TensorReference } from './pickle.ts';

type Dictionary = Extract<PickleObject, { readonly kind: 'dict' }>;

/**
 * In this order: plain weights before averages of them, which are often kept beside. 'state_dict' is PyTorch's ImageNet
 * example's, Lightning's and timm's; 'model' torchvision's references' and fastai's.
 */
const WRAPPERS = [
  'state_dict',
  'model_state_dict',
  'model',
  'net',
  'model_state',
  'weights',
  'module',
  'params',
  'state_dict_ema',
  'model_ema',
  'ema_state_dict',
  'ema',
];
const AVERAGES = ['state_dict_ema', 'model_ema', 'ema_state_dict', 'ema'];
/** {'model': {'state_dict': ...}} is as deep as training scripts go. */
const MOST_WRAPPERS = 3;
const LONGEST_TEXT = 200;

export interface FoundStateDict {
  readonly tensors: ReadonlyMap<string, TensorReference>;
  /** Short texts beside the weights, such as {'arch': 'resnet34'}. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/** Throws EngineError 'weightsDamaged' where there is none. */
export function findStateDict(root: PickleValue): FoundStateDict {
  const metadata = new Map<string, string>();
  const notes: string[] = [];
  let found = root;
  for (let depth = 0; isKind(found, 'dict') && depth < MOST_WRAPPERS; depth++) {
    const { entries }: Dictionary = found;
    for (const [key, value] of entries) {
      const isText = typeof key === 'string' && typeof value === 'string' && value.length <= LONGEST_TEXT;
      if (isText && !metadata.has(key)) metadata.set(key, value);
    }
    const wrappers = WRAPPERS.filter((key) => isKind(entries.get(key), 'dict'));
    const [taken] = wrappers;
    if (taken === undefined) break;
    const average = wrappers.find((key) => AVERAGES.includes(key) && key !== taken);
    if (average) notes.push(`The weights under ${quote(taken)} are taken, not the average under ${quote(average)}.`);
    found = entries.get(taken) as Dictionary;
  }
  const tensors = isKind(found, 'dict') ? tensorsOf(found) : new Map<string, TensorReference>();
  if (tensors.size === 0) {
    throw refuseCheckpoint('it holds no dictionary of tensors, neither at its top nor under “state_dict” or “model”');
  }
  return { tensors, metadata, notes };
}

/** What is not a tensor (counters, settings) is no weight, and left out. */
function tensorsOf({ entries }: Dictionary): Map<string, TensorReference> {
  const tensors = new Map<string, TensorReference>();
  for (const [key, value] of entries) {
    if (typeof key === 'string' && isKind(value, 'tensor')) tensors.set(key, value);
  }
  return tensors;
}
