import { describe, expect, test } from 'vitest';
import { makeTargets, type Targets } from '../data/targets.ts';
import { balanceFeatures, balancePictures } from './balanceSettings.ts';

const on = { settings: { repeatRareClasses: true }, seed: 4 };
const off = { settings: { repeatRareClasses: false }, seed: 4 };
/** Five of class 0, two of class 1. */
const labels = Int32Array.from([0, 1, 0, 0, 1, 0, 0]);
const targets: Targets = { kind: 'oneClass', values: labels, classCount: 2 };
const ids = [10, 11, 12, 13, 14, 15, 16];

describe('repeating rare classes', () => {
  test('shows every class as often as the largest, each picture with its own label', () => {
    const balanced = balancePictures(on, { ids, targets });
    expect(balanced.ids).toHaveLength(10);
    expect([...balanced.targets.values].filter((label) => label === 1)).toHaveLength(5);
    balanced.ids.forEach((id, place) => {
      expect(balanced.targets.values[place]).toBe(labels[ids.indexOf(id)]);
    });
    expect(new Set(balanced.ids)).toEqual(new Set(ids));
  });

  test('repeats features as it repeats pictures', () => {
    const features = Float32Array.from(ids.flatMap((id) => [id, -id]));
    const balanced = balanceFeatures(on, { features, targets }, 2);
    const pictures = balancePictures(on, { ids, targets });
    expect([...balanced.targets.values]).toEqual([...pictures.targets.values]);
    expect([...balanced.features]).toEqual(pictures.ids.flatMap((id) => [id, -id]));
  });

  test('changes nothing where it is off, or where a step has no such setting', () => {
    const features = new Float32Array(14);
    for (const context of [off, { settings: {}, seed: 4 }]) {
      expect(balancePictures(context, { ids, targets })).toEqual({ ids, targets });
      expect(balanceFeatures(context, { features, targets }, 2)).toEqual({ features, targets });
    }
  });

  test('is refused for tags, with the reason', () => {
    const tags = makeTargets('tags', [[0], [0, 1]], 2);
    expect(() => balancePictures(on, { ids: [1, 2], targets: tags })).toThrow('would bring its common ones along');
    expect(balancePictures(off, { ids: [1, 2], targets: tags }).ids).toEqual([1, 2]);
  });
});
