import { describe, expect, test } from 'vitest';
import { diagnoseFit } from './fitDiagnosis.ts';

const table = (...losses: [trainLoss: number, validLoss: number][]) =>
  losses.map(([trainLoss, validLoss], epoch) => ({ epoch, trainLoss, validLoss }));
const HEAD_ALONE = { isAugmented: false, isUnfrozen: false };
const AUGMENTED = { isAugmented: true, isUnfrozen: false };
const EVERYTHING = { isAugmented: true, isUnfrozen: true };

// LESSON section 11: published tables.
const DOGS_AND_CATS_HEAD = table([0.03597, 0.01879], [0.02605, 0.01836], [0.02189, 0.0196]);
const DOGS_AND_CATS_UNFROZEN = table(
  [0.04538, 0.01965],
  [0.03385, 0.01807],
  [0.03194, 0.01714],
  [0.0358, 0.0166],
  [0.02157, 0.01504],
  [0.0196, 0.0151],
  [0.01356, 0.01518],
);
const DOG_BREEDS = table(
  [1.99245, 1.0733],
  [1.09107, 0.7014],
  [0.80813, 0.60066],
  [0.66967, 0.55302],
  [0.57405, 0.52974],
);

describe('the lesson’s own tables', () => {
  test('dogs and cats, whole network: trained until it overfits', () => {
    expect(diagnoseFit(DOGS_AND_CATS_UNFROZEN, EVERYTHING)).toEqual({
      kind: 'overfitting',
      sentence:
        'Train loss, 0.01356, is 11 % below valid loss, 0.01518: the network begins to know its pictures by heart. Stop here; from now on more pictures help more than more training.',
      nextStep: 'stopHere',
    });
    expect(diagnoseFit(DOGS_AND_CATS_UNFROZEN.slice(0, 6), EVERYTHING).kind).toBe('underfitting');
  });

  test('dogs and cats, new layers: room to learn, in longer cycles', () => {
    expect(diagnoseFit(DOGS_AND_CATS_HEAD, AUGMENTED)).toEqual({
      kind: 'underfitting',
      sentence:
        'Valid loss, 0.01960, is 10 % below train loss, 0.02189: there is more to learn. Train on in longer cycles, so that the rate comes to rest before it jumps up again.',
      nextStep: 'longerCycles',
    });
  });

  test('a wider margin reads the same table as not improving', () => {
    expect(diagnoseFit(DOGS_AND_CATS_HEAD, { ...AUGMENTED, margin: 0.15 })).toEqual({
      kind: 'notImproving',
      sentence:
        'Since epoch 1 train loss fell by 16 % to 0.02189 while valid loss stayed about level at 0.01960: not improving, but not overfitting either. Unfreeze the network, so that its earlier layers adapt too.',
      nextStep: 'unfreeze',
    });
  });

  test('dog breeds: the right track, with changing pictures next', () => {
    expect(diagnoseFit(DOG_BREEDS, HEAD_ALONE)).toEqual({
      kind: 'rightTrack',
      sentence:
        'Train loss, 0.57405, and valid loss, 0.52974, lie within 10 % of each other: the right track. Let the pictures change from epoch to epoch.',
      nextStep: 'augment',
    });
  });
});

test('the right track leads through the recipe in its order', () => {
  const steps = [HEAD_ALONE, AUGMENTED, EVERYTHING].map((facts) => diagnoseFit(DOG_BREEDS, facts).nextStep);
  expect(steps).toEqual(['augment', 'unfreeze', 'longerCycles']);
});

test('overfitting asks for changing pictures first, and to stop where they already change', () => {
  const rows = table([0.5, 0.5], [0.2, 0.4]);
  expect(diagnoseFit(rows, HEAD_ALONE)).toMatchObject({ kind: 'overfitting', nextStep: 'augment' });
  expect(diagnoseFit(rows, AUGMENTED)).toMatchObject({ kind: 'overfitting', nextStep: 'stopHere' });
});

test('valid loss that turned up while train loss fell is overfitting, even where dropout keeps train loss above it', () => {
  const { kind, sentence } = diagnoseFit(table([0.9, 0.4], [0.7, 0.3], [0.6, 0.36]), HEAD_ALONE);
  expect(kind).toBe('overfitting');
  expect(sentence).toContain('lowest in epoch 1, 0.30000, and has risen to 0.36000 while train loss fell on');
});

test('losses that count rare classes differently are not held against each other, only against themselves', () => {
  const balanced = { ...HEAD_ALONE, isBalanced: true };
  for (const rows of [table([0.5, 0.5], [0.2, 0.4]), table([0.9, 0.6], [0.8, 0.4])]) {
    expect(diagnoseFit(rows, HEAD_ALONE).kind).not.toBe('rightTrack');
    expect(diagnoseFit(rows, balanced)).toEqual({
      kind: 'rightTrack',
      sentence:
        'Valid loss, 0.40000, has not risen while train loss fell, and rare classes count more in train loss, so the two are not compared: the right track. Let the pictures change from epoch to epoch.',
      nextStep: 'augment',
    });
  }
  expect(diagnoseFit(table([0.9, 0.4], [0.7, 0.3], [0.6, 0.36]), balanced).kind).toBe('overfitting');
  expect(diagnoseFit(table([0.9, 0.5], [0.6, 0.51], [0.5, 0.5]), balanced).kind).toBe('notImproving');
});

test('a restart that lifts both losses for a while is not overfitting', () => {
  expect(diagnoseFit(table([0.9, 0.6], [0.4, 0.4], [0.5, 0.5]), EVERYTHING).kind).toBe('rightTrack');
  expect(diagnoseFit(table([0.46, 0.45], [0.7, 0.46], [0.5, 0.52]), EVERYTHING).kind).toBe('rightTrack');
});

test('a standstill with everything tried means to stop', () => {
  const rows = table([0.9, 0.5], [0.6, 0.51], [0.5, 0.5]);
  expect(diagnoseFit(rows, EVERYTHING)).toMatchObject({ kind: 'notImproving', nextStep: 'stopHere' });
});

test('only the second half of the table decides whether valid loss stands still', () => {
  const rows = table([2, 1], [0.7, 0.51], [0.6, 0.5], [0.5, 0.5]);
  expect(diagnoseFit(rows, AUGMENTED)).toMatchObject({ kind: 'notImproving' });
});

test('losses that both rise, or stop being numbers, ask for a new rate', () => {
  const risen = diagnoseFit(table([0.3, 0.2], [0.8, 0.7]), AUGMENTED);
  expect(risen).toEqual({
    kind: 'diverged',
    sentence:
      'Both losses have risen since the first epoch, train loss from 0.30000 to 0.80000 and valid loss from 0.20000 to 0.70000: the rate is too high. Find a learning rate again and take a smaller one.',
    nextStep: 'findRateAgain',
  });
  for (const broken of [table([Number.NaN, 0.2]), table([0.3, 0.2], [0.2, Number.POSITIVE_INFINITY])]) {
    const { kind, sentence } = diagnoseFit(broken, AUGMENTED);
    expect(kind).toBe('diverged');
    expect(sentence).toContain(`In epoch ${broken.length - 1} the loss stopped being a number`);
  }
});

test('fewer than two epochs are too early to say', () => {
  expect(diagnoseFit([], HEAD_ALONE).sentence).toBe(
    'No epoch is finished: too early to say which way the losses go. Train a few epochs more.',
  );
  const early = diagnoseFit(table([0.3, 0.6]), HEAD_ALONE);
  expect(early).toMatchObject({ kind: 'tooEarly', nextStep: 'trainLonger' });
  expect(early.sentence).toContain('One epoch is finished');
});
