// The settings of a step that say how pictures change, and what they mean.

import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import type { AugmentationOptions, AugmentationPreset } from '../augment/presets.ts';
import { choiceSetting, numberSetting } from './settings.ts';

const PRESET_LABELS: readonly { readonly value: AugmentationPreset; readonly label: string }[] = [
  { value: 'sideOn', label: 'side-on: turned, relit, mirrored' },
  { value: 'topDown', label: 'top-down: turned, relit, all eight ways round' },
  { value: 'basic', label: 'basic: turned and relit' },
  { value: 'none', label: 'none: the middle of each picture, always the same' },
];

export const AUGMENTATION_OPTIONS: readonly OptionSpec[] = [
  {
    kind: 'choice',
    id: 'augmentation',
    label: 'Changes',
    help: 'Side-on for things photographed from the side, top-down for satellite or microscope pictures.',
    default: 'sideOn',
    choices: PRESET_LABELS,
  },
  {
    kind: 'number',
    id: 'maxZoom',
    label: 'Largest zoom',
    help: 'Up to how much larger a picture is shown before its random crop. 1 never zooms.',
    default: 1.1,
    min: 1,
    max: 2,
    isInteger: false,
    scale: 'linear',
    unit: '×',
  },
];

/** Without changes nothing is cut at random either: cached features stand for exactly these pictures. */
export function augmentationSettings(settings: SettingValues): AugmentationOptions {
  // The setting was checked against its choices, which are presets.
  const preset = choiceSetting(settings, 'augmentation') as AugmentationPreset;
  if (preset === 'none') return { preset, maxZoom: 1, crop: 'centre' };
  return { preset, maxZoom: numberSetting(settings, 'maxZoom'), crop: 'random' };
}
