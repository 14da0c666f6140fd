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

const MAX_ZOOM: OptionSpec = {
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
};

const PRESET = {
  kind: 'choice',
  id: 'augmentation',
  label: 'Changes',
  help: 'Side-on for things photographed from the side, top-down for satellite or microscope pictures.',
  default: 'sideOn',
} as const;

export const AUGMENTATION_OPTIONS: readonly OptionSpec[] = [{ ...PRESET, choices: PRESET_LABELS }, MAX_ZOOM];

/** For several looks at one picture: with no other change the lesson still cuts each at random. */
export const LOOK_OPTIONS: readonly OptionSpec[] = [
  {
    ...PRESET,
    help: 'How a look differs from the next. Choose what the network was trained with.',
    choices: PRESET_LABELS.map((choice) =>
      choice.value === 'none' ? { ...choice, label: 'none: only cut elsewhere and zoomed' } : choice,
    ),
  },
  MAX_ZOOM,
];

/** Without changes nothing is cut at random either: cached features stand for exactly these pictures. */
export function augmentationSettings(settings: SettingValues): AugmentationOptions {
  // The setting was checked against its choices, which are presets.
  const preset = choiceSetting(settings, 'augmentation') as AugmentationPreset;
  if (preset === 'none') return { preset, maxZoom: 1, crop: 'centre' };
  return { preset, maxZoom: numberSetting(settings, 'maxZoom'), crop: 'random' };
}

export function lookSettings(settings: SettingValues): AugmentationOptions {
  const preset = choiceSetting(settings, 'augmentation') as AugmentationPreset;
  return { preset, maxZoom: numberSetting(settings, 'maxZoom'), crop: 'random' };
}
