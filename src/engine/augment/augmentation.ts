// What changes from one look at a picture to the next, in numbers: what the lesson's presets and a person's own list both come
// down to. drawTransform knows nothing else.

export interface LookChanges {
  /** Largest turn either way in degrees; 0 never turns. */
  readonly maxDegrees: number;
  /** Largest change either way of brightness (added, in 0..1) and of contrast. */
  readonly lighting: { readonly brightness: number; readonly contrast: number };
  /** horizontal: every other look is mirrored. dihedral: all eight ways round, each as often. */
  readonly flips: 'none' | 'horizontal' | 'dihedral';
}

export interface Augmentation extends LookChanges {
  /** Up to how much larger than the output the picture is scaled before the crop; 1 never zooms. */
  readonly maxZoom: number;
  /** Width of the mirrored border on all four sides that the crop may reach into, as a share of the output's side. */
  readonly padding: number;
  readonly crop: 'random' | 'centre';
}

/** Whether two looks at one picture can differ; a border alone changes nothing where the crop stays in the middle. */
export function isChanging({ maxDegrees, lighting, flips, maxZoom, crop }: Augmentation): boolean {
  const isRelit = lighting.brightness > 0 || lighting.contrast > 0;
  return maxDegrees > 0 || isRelit || flips !== 'none' || maxZoom > 1 || crop === 'random';
}
