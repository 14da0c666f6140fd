// Settings for how looks at a picture differ: the lesson's lists of transforms, or a list of the person's own, and the largest zoom. All
// of them end as one Augmentation.

import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import type { Augmentation, LookChanges } from '../augment/augmentation.ts';
import { type AugmentationPreset, PRESETS } from '../augment/presets.ts';
import { choiceSetting, numberSetting } from './settings.ts';

const CUSTOM = 'custom';

type PresetChoice = { readonly value: AugmentationPreset | typeof CUSTOM; readonly label: string };

const PRESET_CHOICES: readonly PresetChoice[] = [
  { value: 'sideOn', label: 'side-on: turned, relit, mirrored' },
  { value: 'topDown', label: 'top-down: turned, relit, all eight ways round' },
  { value: 'basic', label: 'basic: turned and relit' },
  { value: CUSTOM, label: 'custom: a list of your own' },
  { value: 'none', label: 'none: the middle of each picture, always the same' },
];

const PRESET = {
  kind: 'choice',
  id: 'augmentation',
  label: 'Changes',
  help: 'Side-on for things photographed from the side, top-down for satellite or microscope pictures.',
  default: 'sideOn',
  changesLooks: true,
} as const;

const MAX_ZOOM = {
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
  changesLooks: true,
} as const;

/** Not where nothing changes: cached features stand for pictures without zoom. */
const TRAINING_ZOOM: OptionSpec = {
  ...MAX_ZOOM,
  onlyWhen: {
    optionId: PRESET.id,
    isOneOf: PRESET_CHOICES.flatMap(({ value }) => (value === 'none' ? [] : [value])),
  },
};

const IN_LIST = { changesLooks: true, onlyWhen: { optionId: PRESET.id, isOneOf: [CUSTOM] } } as const;
const SHARE = { kind: 'number', isInteger: false, scale: 'linear' } as const;

/** What a list of one's own says. It begins as the lesson's side-on list. */
const LIST_OPTIONS: readonly OptionSpec[] = [
  {
    ...IN_LIST,
    kind: 'choice',
    id: 'flips',
    label: 'Flips',
    help: 'Mirror where left and right mean the same; all eight ways only where there is no up and down.',
    default: PRESETS.sideOn.flips,
    choices: [
      { value: 'none', label: 'none' },
      { value: 'horizontal', label: 'mirrored, every other look' },
      { value: 'dihedral', label: 'all eight ways round' },
    ],
  },
  {
    ...IN_LIST,
    ...SHARE,
    id: 'maxDegrees',
    label: 'Largest turn',
    help: 'Three looks of four are turned by up to this much either way. 0 never turns.',
    default: PRESETS.sideOn.maxDegrees,
    min: 0,
    max: 180,
    unit: '°',
  },
  {
    ...IN_LIST,
    ...SHARE,
    id: 'brightness',
    label: 'Brightness',
    help: 'Looks get lighter or darker by up to this much, with black at 0 and white at 1.',
    default: PRESETS.sideOn.lighting.brightness,
    min: 0,
    max: 0.5,
  },
  {
    ...IN_LIST,
    ...SHARE,
    id: 'contrast',
    label: 'Contrast',
    help: 'Light and dark are drawn apart or together by up to this share.',
    default: PRESETS.sideOn.lighting.contrast,
    min: 0,
    max: 1,
  },
  {
    ...IN_LIST,
    kind: 'choice',
    id: 'crop',
    label: 'Crop',
    help: 'Which square of a picture a look shows. Validation always takes the middle.',
    default: 'random',
    choices: [
      { value: 'random', label: 'somewhere else each time' },
      { value: 'centre', label: 'the middle' },
    ],
  },
  {
    ...SHARE,
    id: 'padding',
    label: 'Mirrored border',
    help: 'How far a crop may reach beyond the picture, where its mirror image goes on. A twelfth (0.08) helps with satellite pictures.',
    default: 0,
    min: 0,
    max: 0.5,
    unit: 'of the size',
    changesLooks: true,
    // In the middle a border cancels.
    onlyWhen: { optionId: 'crop', isOneOf: ['random'] },
  },
];

export const AUGMENTATION_OPTIONS: readonly OptionSpec[] = [
  { ...PRESET, choices: PRESET_CHOICES },
  ...LIST_OPTIONS,
  TRAINING_ZOOM,
];

/** For several looks at one picture: with no other change the lesson still cuts each at random. */
export const LOOK_OPTIONS: readonly OptionSpec[] = [
  {
    ...PRESET,
    help: 'How a look differs from the next. Choose what the network was trained with.',
    choices: PRESET_CHOICES.map((choice) =>
      choice.value === 'none' ? { ...choice, label: 'none: only cut elsewhere and zoomed' } : choice,
    ),
  },
  ...LIST_OPTIONS,
  MAX_ZOOM,
];

/** Without changes nothing is cut at random either: cached features stand for exactly these pictures. */
export function augmentationSettings(settings: SettingValues): Augmentation {
  if (choiceSetting(settings, PRESET.id) !== 'none') return lookSettings(settings);
  return { ...PRESETS.none, maxZoom: 1, padding: 0, crop: 'centre' };
}

export function lookSettings(settings: SettingValues): Augmentation {
  const choice = choiceSetting(settings, PRESET.id);
  const maxZoom = numberSetting(settings, MAX_ZOOM.id);
  if (choice === CUSTOM) return { ...ownList(settings), maxZoom };
  // The setting was checked against its choices, which but for the person's own are presets.
  return { ...PRESETS[choice as AugmentationPreset], maxZoom, padding: 0, crop: 'random' };
}

function ownList(settings: SettingValues): Omit<Augmentation, 'maxZoom'> {
  return {
    // Checked against their choices, too.
    flips: choiceSetting(settings, 'flips') as LookChanges['flips'],
    crop: choiceSetting(settings, 'crop') as Augmentation['crop'],
    maxDegrees: numberSetting(settings, 'maxDegrees'),
    lighting: { brightness: numberSetting(settings, 'brightness'), contrast: numberSetting(settings, 'contrast') },
    padding: numberSetting(settings, 'padding'),
  };
}
