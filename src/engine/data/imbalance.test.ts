import { expect, test } from 'vitest';
import type { LabelKind } from '../../protocol/dataset.ts';
import { adviseOnImbalance } from './imbalance.ts';

const advise = (counts: Record<string, number>, labelKind?: LabelKind) =>
  adviseOnImbalance(
    Object.entries(counts).map(([className, train]) => ({ className, train })),
    labelKind,
  );

test('the lesson’s breeds, 66 to 126 pictures each, are fine', () => {
  const { act, ratio, sentence } = advise({ briard: 66, scottish_deerhound: 126, beagle: 100 });
  expect(act).toBe('nothing');
  expect(ratio).toBeCloseTo(1.909, 3);
  expect(sentence).toBe(
    '“scottish_deerhound” has 126 training pictures and “briard” 66. That is balanced enough: leave it as it is.',
  );
});

test('a class with 30 pictures beside one with 100 is worth repeating', () => {
  const { act, sentence } = advise({ a: 100, b: 30 });
  expect(act).toBe('oversample');
  expect(sentence).toContain('an epoch then shows 200 pictures instead of 130.');
});

test('many rare classes beside a common one are weighed, because repeating them takes too long', () => {
  const { act, sentence } = advise({ sky: 1000, a: 10, b: 10, c: 10, d: 10 });
  expect(act).toBe('weightClasses');
  expect(sentence).toContain('make an epoch 4.8 times as long');
});

test('rare tags can only be helped by more pictures', () => {
  expect(advise({ clear: 300, haze: 100 }, 'tags')).toMatchObject({
    act: 'addPictures',
    sentence: '“clear” has 300 training pictures and “haze” 100. Rare tags are learnt badly: add pictures of them.',
  });
  expect(advise({ clear: 299, haze: 100 }, 'tags').act).toBe('nothing');
});

test('advice begins at three to one', () => {
  expect(advise({ a: 299, b: 100 }).act).toBe('nothing');
  expect(advise({ a: 300, b: 100 }).act).toBe('oversample');
});

test('classes without training pictures are not compared', () => {
  expect(advise({ a: 50, b: 50, none: 0 }).ratio).toBe(1);
  expect(advise({ a: 50, none: 0 }).sentence).toBe('There are no two classes to compare.');
  expect(advise({}).act).toBe('nothing');
});
