// What a training leaves of its cycles, and runs that are run again.

import { beforeEach, describe, expect, test } from 'vitest';
import { useBackend } from './testing/backends.ts';
import { GO_ON, SMALLEST, startTestSession, type TestSession } from './testing/testSession.ts';

useBackend('wasm');

let studio: TestSession;
const inCycles = { batchSize: 8, cycles: 3, cycleMultiplier: 1, learningRate: 0.05, averagedCycles: 2 };
const rowsOf = (stepId: string) => studio.eventsOf('epochEnded', stepId).map(({ row }) => row);
const headSteps = async () => {
  await studio.openColours();
  await studio.run('prepare', SMALLEST);
  await studio.run('trainHead', { batchSize: 8, epochs: 1 });
};

beforeEach(async () => {
  studio = await startTestSession();
});

describe('the cycles of a training', () => {
  test('are kept with what they are worth, and a person goes on from one of them', async () => {
    await headSteps();
    await studio.run('augment', inCycles);
    const [kept] = studio.eventsOf('snapshotsKept', 'augment');
    const names = [0, 1, 2].map((cycle) => `32_lastlayer_cyc_${cycle}`);
    expect(kept?.snapshots.map(({ name }) => name)).toEqual(names);
    expect(kept?.snapshots.map(({ result }) => result?.score)).toMatchObject(
      rowsOf('augment').map(({ score }) => ({ kind: 'accuracy', accuracy: { accuracy: score } })),
    );
    expect(kept?.snapshots.map(({ isAveraged, hasWeights }) => [isAveraged, hasWeights])).toEqual([
      [false, true],
      [true, true],
      [true, true],
    ]);
    // Three heads and what they say of four pictures; the frozen network is not kept three times.
    expect(kept?.heldBytes).toBeLessThan(3 * 8e6);

    const { sentence } = await studio.session.takeSnapshot({ stepId: 'augment', cycle: 0 }, GO_ON);
    expect(sentence).toContain('after cycle 1 (“32_lastlayer_cyc_0”)');
    await studio.run('tta', { looks: 1, batchSize: 4 });
    const [plain] = studio.eventsOf('resultRow', 'tta');
    expect(plain?.logLoss).toBeCloseTo(kept?.snapshots[0]?.result?.logLoss as number, 5);
    expect(plain?.logLoss).not.toBeCloseTo(kept?.snapshots[2]?.result?.logLoss as number, 5);
  });

  test('are averaged as a person chooses, a row in the place of the step’s own', async () => {
    await headSteps();
    await studio.run('augment', inCycles);
    await studio.session.averageSnapshots({ stepId: 'augment', cycles: [2, 0] }, GO_ON);
    const averages = studio.eventsOf('resultRow', 'augment').filter(({ choice }) => choice === 'cycles');
    expect(averages.map(({ label }) => label)).toEqual(['Average of cycles 2 to 3', 'Average of cycles 1 and 3']);
    // Same predictions, same average.
    await studio.session.averageSnapshots({ stepId: 'augment', cycles: [1, 2] }, GO_ON);
    const again = studio.eventsOf('resultRow', 'augment').at(-1);
    expect([again?.label, again?.logLoss]).toEqual([averages[0]?.label, averages[0]?.logLoss]);
    const average = (cycles: number[], stepId = 'augment') =>
      studio.session.averageSnapshots({ stepId, cycles }, GO_ON);
    await expect(average([1])).rejects.toThrow('An average takes two cycles or more');
    await expect(average([0, 7])).rejects.toThrow('Of cycle 8 nothing is kept');
    await expect(average([0, 1], 'fineTune')).rejects.toThrow('not here any more');
  });

  test('come back with the network that was trained in them, whose features are no longer those of step 1', async () => {
    await headSteps();
    await studio.run('unfreeze', { learns: 'laterLayers' });
    await studio.run('fineTune', { ...inCycles, cycles: 2, learningRate: 1e-2 });
    const [kept] = studio.eventsOf('snapshotsKept', 'fineTune');
    expect(kept?.snapshots.map(({ name }) => name)).toEqual(['32_all_cyc_0', '32_all_cyc_1']);
    await studio.session.takeSnapshot({ stepId: 'fineTune', cycle: 0 }, GO_ON);
    expect(await studio.run('trainHead', { batchSize: 8, epochs: 1 })).toBe('failed');
    await studio.run('tta', { looks: 1, batchSize: 4 });
    expect(studio.eventsOf('resultRow', 'tta')[0]?.logLoss).toBeCloseTo(
      kept?.snapshots[0]?.result?.logLoss as number,
      4,
    );
  });
});

describe('a run again', () => {
  const start = { startFrom: 'trainedLayers', batchSize: 8, epochs: 2 };

  test('gives the very same table, whatever was trained since', async () => {
    await headSteps();
    await studio.run('augment', inCycles);
    const first = rowsOf('augment');
    expect(first).toHaveLength(3);
    // Goes on from what the run above has trained: begun from there, the table would be another one.
    studio.forget();
    expect(await studio.run('augment', inCycles, { isAgain: true })).toBe('done');
    expect(rowsOf('augment')).toEqual(first);
    await studio.run('trainHead', start);
    studio.forget();
    await studio.run('augment', inCycles, { isAgain: true });
    expect(rowsOf('augment')).toEqual(first);
    studio.forget();
    await studio.run('augment', inCycles);
    expect(rowsOf('augment')).not.toEqual(first);
  });

  test('of the whole network leaves what step 5 and 6 say now', async () => {
    await headSteps();
    await studio.run('unfreeze', { learns: 'laterLayers' });
    const settings = { ...inCycles, cycles: 1, learningRate: 1e-2 };
    await studio.run('fineTune', settings);
    const first = rowsOf('fineTune');
    await studio.run('unfreeze', { learns: 'newLayers' });
    studio.forget();
    expect(await studio.run('fineTune', settings, { isAgain: true })).toBe('done');
    expect(rowsOf('fineTune')).toEqual(first);
    await studio.run('unfreeze', { learns: 'newLayers' });
    expect(studio.eventsOf('stepEnded', 'unfreeze').at(-1)?.reading).toContain('as before');
  });

  test('is refused where it could not be the same', async () => {
    await headSteps();
    await expect(studio.run('augment', {}, { isAgain: true })).rejects.toThrow('not here any more');
    await studio.run('prepare', { ...SMALLEST, imageSizePx: 64 });
    await expect(studio.run('trainHead', start, { isAgain: true })).rejects.toThrow('another network or picture size');
  });
});

describe('averaged weights', () => {
  const training = { batchSize: 8, epochs: 4, learningRate: 1e-3, averagesWeights: true, averagedFrom: 1 };
  const resultsOf = (stepId: string) =>
    studio.eventsOf('resultRow', stepId).map(({ label, logLoss }) => [label, logLoss]);

  test('come beside the plain result, and change nothing about it unless they are to be kept', async () => {
    await headSteps();
    await studio.run('trainHead', { ...training, averagesWeights: false });
    studio.forget();
    await studio.run('trainHead', training);
    const [plain, averaged] = resultsOf('trainHead');
    expect([plain?.[0], averaged?.[0]]).toEqual(['Plain', 'Averaged weights, epochs 1 to 3']);
    expect(averaged?.[1]).not.toBe(plain?.[1]);
    expect(studio.eventsOf('confusion').at(-1)?.label).toBe('Plain');
    expect(studio.eventsOf('stepEnded').at(-1)?.reading).toMatch(/Averaged weights, epochs 1 to 3: \d of 4 right\.$/);
    const rows = rowsOf('trainHead');
    studio.forget();
    await studio.run('trainHead', { ...training, averagesWeights: false });
    expect(rowsOf('trainHead')).toEqual(rows);
    expect(resultsOf('trainHead')).toEqual([plain]);

    studio.forget();
    await studio.run('trainHead', { ...training, keptWeights: 'averaged' });
    expect(resultsOf('trainHead')).toEqual([plain, averaged]);
    expect(studio.eventsOf('confusion').at(-1)?.label).toBe('Averaged weights, epochs 1 to 3');
    await studio.run('tta', { looks: 1, batchSize: 4 });
    expect(resultsOf('tta')[0]?.[1]).toBeCloseTo(averaged?.[1] as number, 4);
  });

  test('are refused before anything runs where there is nothing to average or to keep', async () => {
    await headSteps();
    const readingOf = async (settings: object) => {
      expect(await studio.run('trainHead', { ...training, ...settings })).toBe('failed');
      return studio.eventsOf('stepEnded').at(-1)?.reading;
    };
    expect(await readingOf({ averagedFrom: 4 })).toContain('from epoch 4 on, but the last epoch is 3');
    expect(await readingOf({ averagesWeights: false, keptWeights: 'averaged' })).toContain('none are averaged');
  });
});

test('weight decay by the cycle’s length trains otherwise than without, and the same where nothing decays', async () => {
  await headSteps();
  const train = async (settings: object) => {
    studio.forget();
    await studio.run('trainHead', { batchSize: 8, epochs: 2, learningRate: 0.05, ...settings });
    return rowsOf('trainHead');
  };
  const whole = await train({ weightDecay: 0.5 });
  // Two epochs of two batches are one cycle of four: half the decay.
  expect(await train({ weightDecay: 0.5, normalisedDecay: true })).toEqual(await train({ weightDecay: 0.25 }));
  expect(await train({ weightDecay: 0.5 })).toEqual(whole);
  expect(whole).not.toEqual(await train({ weightDecay: 0.25 }));
});

describe('models kept by name', () => {
  test('are called as the lesson calls them, and can be gone on from without a file', async () => {
    const { session } = studio;
    const nameNow = () => studio.eventsOf('trainedChanged').at(-1)?.name;
    await studio.openColours();
    await studio.run('prepare', SMALLEST);
    await expect(session.keepModel({ name: 'x' }, GO_ON)).rejects.toThrow('Nothing has been trained yet');
    await studio.run('trainHead', { batchSize: 8, epochs: 2 });
    expect(nameNow()).toBe('32_lastlayer');
    const { models } = await session.keepModel({ name: '32_lastlayer' }, GO_ON);
    expect(models).toMatchObject([{ name: '32_lastlayer', imageSizePx: 32 }]);
    expect(models[0]?.sizeBytes).toBeGreaterThan(4 * 500_000);
    const goOn = { batchSize: 8, epochs: 1, learningRate: 1e-7, startFrom: 'trainedLayers' };
    await studio.run('trainHead', goOn);
    const expected = rowsOf('trainHead').at(-1);
    await studio.run('augment', inCycles);
    await session.takeSnapshot({ stepId: 'augment', cycle: 1 }, GO_ON);
    expect(nameNow()).toBe('32_lastlayer_cyc_1');
    const { sentence } = await session.loadKeptModel({ name: '32_lastlayer' }, GO_ON);
    expect(sentence).toContain('Opened “32_lastlayer”: the new layers');
    await studio.run('trainHead', goOn);
    expect(rowsOf('trainHead').at(-1)).toEqual(expected);
    expect((await session.forgetModel({ name: '32_lastlayer' }, GO_ON)).models).toEqual([]);
    await expect(session.loadKeptModel({ name: '32_lastlayer' }, GO_ON)).rejects.toThrow('No model called');
  });
});

test('what would learn is counted before the step is run, and is what the step then says', async () => {
  const preview = (settings: Record<string, string>) =>
    studio.session.previewLearning({ recipeId: 'eight', stepId: 'unfreeze', settings }, GO_ON);
  await studio.openColours();
  expect(await preview({})).toBeNull();
  await headSteps();
  const laterOnly = await preview({ learns: 'laterLayers', batchNorms: 'stay' });
  const [early, later, head] = laterOnly ?? [];
  expect(early?.learningCount).toBe(0);
  expect(later?.learningCount).toBe(later?.parameterCount);
  expect(head?.learningCount).toBe(head?.parameterCount);
  await studio.run('unfreeze', { learns: 'laterLayers', batchNorms: 'stay' });
  const total = (laterOnly ?? []).reduce((sum, { learningCount }) => sum + learningCount, 0);
  expect(studio.eventsOf('stepEnded').at(-1)?.reading).toContain(`${total.toLocaleString('en')} of `);
  expect(studio.eventsOf('stepEnded').at(-1)?.reading).toContain('Batch norms keep what they have measured.');
});
