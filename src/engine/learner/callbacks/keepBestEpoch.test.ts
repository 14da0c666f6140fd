import { expect, test } from 'vitest';
import type { Network } from '../../executors/executor.ts';
import type { EpochView } from '../callback.ts';
import { keepBestEpoch } from './keepBestEpoch.ts';

/** Ends epochs with these losses and accuracies; the epoch's parameters are its number. @returns the best after each. */
async function bestAfterEach(scores: readonly [number, number][], by?: 'score' | 'loss') {
  let epoch = 0;
  const readParameters = async () => new Map([['weight', Float32Array.of(epoch)]]);
  // Nothing else is called here.
  const keeper = keepBestEpoch({ readParameters } as Partial<Network> as Network, by);
  const bests: (number | undefined)[] = [];
  for (const [loss, score] of scores) {
    await keeper.epochEnded?.({ epoch, valid: { loss, score } } as EpochView, NO_CONTROL);
    bests.push(keeper.best()?.epoch);
    expect(keeper.best()?.parameters.get('weight')?.[0]).toBe(keeper.best()?.epoch);
    epoch += 1;
  }
  return { bests, best: keeper.best() };
}

const NO_CONTROL = { setRateFactor() {}, setMomentum() {}, setDecayFactor() {}, stop() {} };

test('the more accurate epoch is kept, of equally accurate ones that with the lower loss', async () => {
  const { bests, best } = await bestAfterEach([
    [0.5, 0.9],
    [0.4, 0.9],
    [0.6, 0.91],
    [0.3, 0.9],
  ]);
  expect(bests).toEqual([0, 1, 2, 2]);
  expect(best).toMatchObject({ epoch: 2, loss: 0.6, score: 0.91 });
});

test('an epoch that is as good in both is not kept again', async () => {
  const { bests } = await bestAfterEach([
    [0.5, 0.9],
    [0.5, 0.9],
    [0.6, 0.9],
  ]);
  expect(bests).toEqual([0, 0, 0]);
});

test('an epoch whose loss is no number is never kept, however accurate', async () => {
  const { bests } = await bestAfterEach([
    [Number.NaN, 0.99],
    [0.5, 0.9],
    [Number.NaN, 1],
  ]);
  expect(bests).toEqual([undefined, 1, 1]);
});

test('by validation loss, accuracy does not count', async () => {
  const { bests } = await bestAfterEach(
    [
      [0.5, 0.9],
      [0.6, 0.99],
      [0.5, 0.95],
      [0.4, 0.1],
    ],
    'loss',
  );
  expect(bests).toEqual([0, 0, 0, 3]);
});

test('without validation no epoch is better than another', async () => {
  const keeper = keepBestEpoch({} as Network);
  await keeper.epochEnded?.({ epoch: 0, valid: null } as EpochView, NO_CONTROL);
  expect(keeper.best()).toBeNull();
});
