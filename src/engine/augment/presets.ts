// The lesson's lists of transforms as data (LESSON section 6.2): what changes from one look at a picture to the next.

/** basic: turned and relit. sideOn: also mirrored, for things seen from the side. topDown: all eight ways round. */
export type AugmentationPreset = 'none' | 'basic' | 'sideOn' | 'topDown';

export interface AugmentationOptions {
  readonly preset: AugmentationPreset;
  /** Up to how much larger than the output the picture is scaled before the crop; 1 never zooms. */
  readonly maxZoom: number;
  readonly crop: 'random' | 'centre';
}

export interface PresetParts {
  /** Largest turn either way; 0 never turns. */
  readonly maxDegrees: number;
  /** Largest change either way of brightness (added, in 0..1) and of contrast. */
  readonly lighting: { readonly brightness: number; readonly contrast: number };
  readonly flips: 'none' | 'horizontal' | 'dihedral';
}

const BASIC: PresetParts = { maxDegrees: 10, lighting: { brightness: 0.05, contrast: 0.05 }, flips: 'none' };

export const PRESETS: Readonly<Record<AugmentationPreset, PresetParts>> = {
  none: { maxDegrees: 0, lighting: { brightness: 0, contrast: 0 }, flips: 'none' },
  basic: BASIC,
  sideOn: { ...BASIC, flips: 'horizontal' },
  topDown: { ...BASIC, flips: 'dihedral' },
};
