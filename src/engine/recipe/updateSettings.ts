// The settings of a step that say how the optimizer moves the weights, and the rule that they mean.

import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import { DEFAULT_ADAMW, LESSON_SGD, type UpdateRule, withMomentum } from '../optimizers/optimizer.ts';
import { choiceSetting, numberSetting } from './settings.ts';

export const UPDATE_OPTIONS: readonly OptionSpec[] = [
  {
    kind: 'choice',
    id: 'optimizer',
    label: 'Optimizer',
    help: 'AdamW wants a rate about ten times smaller: look for it again.',
    default: 'sgd',
    choices: [
      { value: 'sgd', label: 'SGD with momentum (the lesson’s)' },
      { value: 'adamW', label: 'AdamW' },
    ],
  },
  {
    kind: 'number',
    id: 'momentum',
    label: 'Momentum',
    help: 'How much of the last step’s direction is kept; for AdamW its first beta.',
    default: 0.9,
    min: 0,
    max: 0.999,
    isInteger: false,
    scale: 'linear',
  },
  {
    kind: 'number',
    id: 'weightDecay',
    label: 'Weight decay',
    help: 'Pulls weights towards zero. The lesson trains without.',
    default: 0,
    min: 0,
    max: 1,
    isInteger: false,
    scale: 'linear',
  },
  {
    kind: 'choice',
    id: 'decay',
    label: 'Decay acts',
    help: 'On the gradient, as in the lesson, or on the weights themselves; AdamW always does the latter.',
    default: 'coupled',
    choices: [
      { value: 'coupled', label: 'on the gradient' },
      { value: 'decoupled', label: 'on the weights' },
    ],
  },
  {
    kind: 'number',
    id: 'largestGradient',
    label: 'Largest gradient',
    help: 'Gradients whose length together is larger are shortened to it. 0 leaves them as they are.',
    default: 0,
    min: 0,
    max: 1000,
    isInteger: false,
    scale: 'linear',
  },
];

/** A finder's sweep has no cycles. */
const CYCLE_DECAY: OptionSpec = {
  kind: 'toggle',
  id: 'normalisedDecay',
  label: 'Decay by the cycle’s length',
  help: 'Divides the decay by the root of the number of batches in the cycle, so that one decay suits short and long cycles.',
  default: false,
};

export const TRAINING_UPDATE_OPTIONS: readonly OptionSpec[] = UPDATE_OPTIONS.flatMap((option) =>
  option.id === 'weightDecay' ? [option, CYCLE_DECAY] : [option],
);

export function isDecayNormalised(settings: SettingValues): boolean {
  return settings[CYCLE_DECAY.id] === true;
}

export interface ChosenUpdate {
  readonly rule: UpdateRule;
  readonly weightDecay: number;
  /** Null for no limit. */
  readonly maxGradientNorm: number | null;
}

export function updateSettings(settings: SettingValues): ChosenUpdate {
  const isAdamW = choiceSetting(settings, 'optimizer') === 'adamW';
  const decay = choiceSetting(settings, 'decay') === 'decoupled' ? 'decoupled' : 'coupled';
  return {
    rule: withMomentum(isAdamW ? DEFAULT_ADAMW : { ...LESSON_SGD, decay }, numberSetting(settings, 'momentum')),
    weightDecay: numberSetting(settings, 'weightDecay'),
    maxGradientNorm: numberSetting(settings, 'largestGradient') || null,
  };
}
