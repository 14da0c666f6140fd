import { describe, expect, test } from 'vitest';
import { adviseOnImbalance } from '../data/imbalance.ts';
import { makeTargets, type Targets } from '../data/targets.ts';
import { BALANCE_OPTION, balanceFeatures, balanceLoss, balancePictures } from './balanceSettings.ts';

const contextOf = (rareClasses: string) => ({ settings: { rareClasses }, seed: 4 });
const [off, repeating, weighing] = ['asTheyAre', 'repeat', 'weigh'].map(contextOf) as [Context, Context, Context];
type Context = ReturnType<typeof contextOf>;
const finder = { settings: {}, seed: 4 };
/** Five of class 0, two of class 1. */
const labels = Int32Array.from([0, 1, 0, 0, 1, 0, 0]);
const targets: Targets = { kind: 'oneClass', values: labels, classCount: 2 };
const ids = [10, 11, 12, 13, 14, 15, 16];

describe('repeating rare classes', () => {
  test('shows every class as often as the largest, each picture with its own label', () => {
    const balanced = balancePictures(repeating, { ids, targets });
    expect(balanced.ids).toHaveLength(10);
    expect([...balanced.targets.values].filter((label) => label === 1)).toHaveLength(5);
    balanced.ids.forEach((id, place) => {
      expect(balanced.targets.values[place]).toBe(labels[ids.indexOf(id)]);
    });
    expect(new Set(balanced.ids)).toEqual(new Set(ids));
  });

  test('repeats features as it repeats pictures', () => {
    const features = Float32Array.from(ids.flatMap((id) => [id, -id]));
    const balanced = balanceFeatures(repeating, { features, targets }, 2);
    const pictures = balancePictures(repeating, { ids, targets });
    expect([...balanced.targets.values]).toEqual([...pictures.targets.values]);
    expect([...balanced.features]).toEqual(pictures.ids.flatMap((id) => [id, -id]));
  });

  test('changes nothing where another way is chosen, or where a step has no such setting', () => {
    const features = new Float32Array(14);
    for (const context of [off, weighing, finder]) {
      expect(balancePictures(context, { ids, targets })).toEqual({ ids, targets });
      expect(balanceFeatures(context, { features, targets }, 2)).toEqual({ features, targets });
    }
  });
});

describe('weighing rare classes', () => {
  test('lets every class count as much as the others together, and a picture 1 on average', () => {
    const { classWeights } = balanceLoss(weighing, targets);
    expect(classWeights).toEqual(Float32Array.of(7 / 10, 7 / 4));
    const three: Targets = { ...targets, classCount: 3 };
    expect(balanceLoss(weighing, three).classWeights).toEqual(Float32Array.of(7 / 10, 7 / 4, 0));
  });

  test('is told to no loss where another way is chosen, or where a step has no such setting', () => {
    for (const context of [off, repeating, finder]) expect(balanceLoss(context, targets)).toEqual({});
  });
});

describe('tags', () => {
  const tags = makeTargets('tags', [[0], [0, 1]], 2);

  test('are neither repeated nor weighed, with the reason', () => {
    expect(() => balancePictures(repeating, { ids: [1, 2], targets: tags })).toThrow('to repeat a picture for a rare');
    expect(() => balanceLoss(weighing, tags)).toThrow('to weigh a picture for a rare tag would bring its common ones');
  });

  test('are trained on as they are', () => {
    expect(balancePictures(off, { ids: [1, 2], targets: tags }).ids).toEqual([1, 2]);
    expect(balanceLoss(off, tags)).toEqual({});
  });
});

test.each([
  ['repeat', { sky: 100, bird: 30 }],
  ['weigh', { sky: 1000, bird: 10, bat: 10, bee: 10, moth: 10 }],
])('the advice for unequal classes calls the setting and its choice by their names: %s', (value, counts) => {
  if (BALANCE_OPTION.kind !== 'choice') throw new Error('“Rare classes” is no choice any more.');
  const choice = BALANCE_OPTION.choices.find((candidate) => candidate.value === value);
  const { sentence } = adviseOnImbalance(Object.entries(counts).map(([className, train]) => ({ className, train })));
  expect(sentence).toContain(`Choose “${choice?.label}” for “${BALANCE_OPTION.label}”`);
});
