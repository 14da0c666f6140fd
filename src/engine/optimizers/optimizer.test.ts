// The lesson's numbers (LESSON section 3), computed by the reference executor's form of the rules.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OptimizerState } from '../executors/reference/optimizerState.ts';
import { useBackend } from '../testing/backends.ts';
import * as tf from '../tf.ts';
import { clipFactor, DEFAULT_ADAMW, LESSON_SGD, momentumOf, type UpdateRule, withMomentum } from './optimizer.ts';

useBackend('cpu');

let state: OptimizerState;
beforeEach(() => {
  state = new OptimizerState();
});
afterEach(() => state.reset());

/** A parameter that starts at 1 and has the gradient 1 in every step. */
function run(rule: UpdateRule, rates: readonly number[], weightDecay = 0): number[] {
  let parameter = 1;
  return rates.map((learningRate) => {
    state.startStep();
    parameter = tf.tidy(
      () =>
        state
          .update('p', tf.scalar(parameter), tf.scalar(1), { learningRate, weightDecay }, rule)
          .dataSync()[0] as number,
    );
    return parameter;
  });
}

function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 6);
}

describe('the lesson’s SGD', () => {
  test('gathers speed: three steps at 0.1 go to 0.9, 0.71, 0.439', () => {
    expectClose(run(LESSON_SGD, [0.1, 0.1, 0.1]), [0.9, 0.71, 0.439]);
  });

  test('adds weight decay to the gradient', () => {
    expectClose(run(LESSON_SGD, [0.1, 0.1], 0.01), [0.899, 0.707201]);
  });

  test('shrinks the parameter instead when decay is decoupled', () => {
    expectClose(run({ ...LESSON_SGD, decay: 'decoupled' }, [0.1, 0.1], 0.01), [0.899, 0.899 * 0.999 - 0.19]);
  });

  test('applies a new rate to the whole velocity at once', () => {
    expectClose(run(LESSON_SGD, [0.1, 0.01]), [0.9, 0.9 - 0.01 * 1.9]);
  });
});

test('AdamW moves by its rate, whatever the size of the gradient, and shrinks the parameter first', () => {
  expectClose(run(DEFAULT_ADAMW, [0.1, 0.1]), [0.9, 0.8]);
  state.reset();
  expectClose(run(DEFAULT_ADAMW, [0.1, 0.1], 0.01), [0.999 - 0.1, 0.899 * 0.999 - 0.1]);
});

test('gradients are shortened to the largest norm, and never lengthened', () => {
  expect(clipFactor(2, 1)).toBeCloseTo(0.5, 6);
  expect(clipFactor(0.5, 1)).toBe(1);
});

test.each([LESSON_SGD, DEFAULT_ADAMW])('momentum is replaced, and nothing else: $kind', (rule) => {
  const changed = withMomentum(rule, 0.8);
  expect([momentumOf(rule), momentumOf(changed)]).toEqual([0.9, 0.8]);
  expect(withMomentum(changed, 0.9)).toEqual(rule);
});
