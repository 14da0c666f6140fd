import { describe, expect, test } from 'vitest';
import { balanceFeatures, balancePictures } from './balanceSettings.ts';

const on = { settings: { repeatRareClasses: true }, seed: 4 };
const off = { settings: { repeatRareClasses: false }, seed: 4 };
/** Five of class 0, two of class 1. */
const labels = Int32Array.from([0, 1, 0, 0, 1, 0, 0]);
const ids = [10, 11, 12, 13, 14, 15, 16];

describe('repeating rare classes', () => {
  test('shows every class as often as the largest, each picture with its own label', () => {
    const balanced = balancePictures(on, { ids, labels });
    expect(balanced.ids).toHaveLength(10);
    expect([...balanced.labels].filter((label) => label === 1)).toHaveLength(5);
    balanced.ids.forEach((id, place) => {
      expect(balanced.labels[place]).toBe(labels[ids.indexOf(id)]);
    });
    expect(new Set(balanced.ids)).toEqual(new Set(ids));
  });

  test('repeats features as it repeats pictures', () => {
    const features = Float32Array.from(ids.flatMap((id) => [id, -id]));
    const balanced = balanceFeatures(on, { features, labels }, 2);
    const pictures = balancePictures(on, { ids, labels });
    expect([...balanced.labels]).toEqual([...pictures.labels]);
    expect([...balanced.features]).toEqual(pictures.ids.flatMap((id) => [id, -id]));
  });

  test('changes nothing where it is off, or where a step has no such setting', () => {
    const features = new Float32Array(14);
    for (const context of [off, { settings: {}, seed: 4 }]) {
      expect(balancePictures(context, { ids, labels })).toEqual({ ids, labels });
      expect(balanceFeatures(context, { features, labels }, 2)).toEqual({ features, labels });
    }
  });
});
