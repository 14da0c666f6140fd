import { expect, test } from 'vitest';
import type { Callback } from '../callback.ts';
import { keepCyclePredictions } from './keepCyclePredictions.ts';

const BATCHES_PER_EPOCH = 10;
/** Cycles of 1, 2 and 4 epochs. */
const CYCLE_ENDS = [10, 30, 70];

/** Ends epochs one after the other; each one's logits are its number. */
function endEpochs(callback: Callback, epochCount: number) {
  for (let epoch = 0; epoch < epochCount; epoch++) {
    callback.epochEnded?.(
      {
        batch: (epoch + 1) * BATCHES_PER_EPOCH - 1,
        epoch,
        batchesPerEpoch: BATCHES_PER_EPOCH,
        epochCount: 7,
        rates: [0.1],
        momentum: 0.9,
        loss: 1,
        smoothedLoss: 1,
        valid: { loss: 1, score: 0.5, logits: Float32Array.of(epoch) },
      },
      { setRateFactor() {}, setMomentum() {}, stop() {} },
    );
  }
}

test('what the last epoch of each cycle said is kept', () => {
  const keeper = keepCyclePredictions(CYCLE_ENDS, 5);
  endEpochs(keeper, 7);
  expect(keeper.predictions().map(({ cycle, logits }) => [cycle, ...logits])).toEqual([
    [0, 0],
    [1, 2],
    [2, 6],
  ]);
});

test('of more cycles than are wanted the last ones stay', () => {
  const keeper = keepCyclePredictions(CYCLE_ENDS, 2);
  endEpochs(keeper, 7);
  expect(keeper.predictions().map(({ cycle }) => cycle)).toEqual([1, 2]);
});

test('a cycle that was cut short is not kept', () => {
  const keeper = keepCyclePredictions(CYCLE_ENDS, 5);
  endEpochs(keeper, 6);
  expect(keeper.predictions().map(({ cycle }) => cycle)).toEqual([0, 1]);
});
