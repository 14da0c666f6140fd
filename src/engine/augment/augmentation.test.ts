import { expect, test } from 'vitest';
import { type Augmentation, isChanging } from './augmentation.ts';
import { PRESETS } from './presets.ts';

const STILL: Augmentation = { ...PRESETS.none, maxZoom: 1, padding: 0, crop: 'centre' };

test('looks change with any part of the list, and with none they stay the same', () => {
  expect(isChanging(STILL)).toBe(false);
  // A border cancels where the crop stays in the middle.
  expect(isChanging({ ...STILL, padding: 0.5 })).toBe(false);
  const parts: Partial<Augmentation>[] = [
    { maxDegrees: 1 },
    { lighting: { brightness: 0.1, contrast: 0 } },
    { lighting: { brightness: 0, contrast: 0.1 } },
    { flips: 'horizontal' },
    { maxZoom: 1.01 },
    { crop: 'random' },
  ];
  for (const part of parts) expect(isChanging({ ...STILL, ...part }), JSON.stringify(part)).toBe(true);
});
