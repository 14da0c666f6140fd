// The lesson's lists of transforms as data (LESSON section 6.2): what changes from one look at a picture to the next.

import type { LookChanges } from './augmentation.ts';

/** basic: turned and relit. sideOn: also mirrored, for things seen from the side. topDown: all eight ways round. */
export type AugmentationPreset = 'none' | 'basic' | 'sideOn' | 'topDown';

const BASIC: LookChanges = { maxDegrees: 10, lighting: { brightness: 0.05, contrast: 0.05 }, flips: 'none' };

export const PRESETS: Readonly<Record<AugmentationPreset, LookChanges>> = {
  none: { maxDegrees: 0, lighting: { brightness: 0, contrast: 0 }, flips: 'none' },
  basic: BASIC,
  sideOn: { ...BASIC, flips: 'horizontal' },
  topDown: { ...BASIC, flips: 'dihedral' },
};
