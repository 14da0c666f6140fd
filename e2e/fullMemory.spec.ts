// A WebAssembly whose memory is full in the middle of a step: the page says so, and one press begins the step again with half the batch, in
// another instance. The trainer's script is given a second part by this test alone, which lets its memory grow to a limit and counts instances.

import { addToTrainer, expect, findTrainer, test } from './studioTest.ts';

test.use({ serviceWorkers: 'block' });

const limitMemory = `
self.largestBytes = 2 ** 32;
const memories = new Set();
self.countMemories = () => memories.size;
self.newestBytes = () => [...memories].at(-1).buffer.byteLength;
const { grow } = WebAssembly.Memory.prototype;
WebAssembly.Memory.prototype.grow = function (pages) {
  memories.add(this);
  if (this.buffer.byteLength + pages * 65536 > self.largestBytes) throw new RangeError('no more');
  return grow.call(this, pages);
};
`;

test('a step that finds no memory begins again with half the batch', async ({ page, studio, tinyDataset }) => {
  await addToTrainer(page, limitMemory);
  await page.goto('/?backend=wasm');
  expect((await studio.readBadge()).backend).toBe('wasm');
  await studio.chooseFolder(tinyDataset({ classNames: ['circles', 'squares'], trainPerClass: 12, validPerClass: 2 }));
  await studio.setOptions('prepare', { imageSizePx: 128, batchSize: 2 });
  await studio.runStep('prepare');
  await studio.setOptions('trainHead', { epochs: 1, batchSize: 4 });
  await studio.runStep('trainHead');

  const trainer = findTrainer(page);
  const inTrainer = async (script: string) => Number(await trainer?.evaluate(script));
  expect(await inTrainer('countMemories()')).toBe(1);
  // Enough for the network and a few pictures.
  await trainer?.evaluate('largestBytes = newestBytes() + 2 ** 27');
  await studio.setOptions('augment', { cycles: 1, cycleLength: 2, batchSize: 24 });
  await studio.startStep('augment');
  await expect(studio.error).toContainText('There was no memory left for batches of 24.', { timeout: 120_000 });
  // Whether its first batch was kept by then is a matter of time.
  await expect(studio.error).toContainText(/The step can (begin again|go on from there) with batches of 12/);
  await page.screenshot({ path: test.info().outputPath('full-memory.png') });
  // The notice says that it would go on by itself; its button need not be waited for.
  expect(await studio.goOnAlone('augment')).toContain('with batches of 12');
  expect(await studio.waitForEnd('augment')).toBe('done');
  // One of them is of the step before.
  expect(await studio.readLossRows(3)).toHaveLength(3);
  expect(await inTrainer('countMemories()')).toBe(2);
  expect((await studio.readBadge()).backend).toBe('wasm');
  await studio.throwFailure();
});
