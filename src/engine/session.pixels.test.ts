// Decoded pictures outlive the page: another session on what an earlier one has left in the browser.

import { expect, test } from 'vitest';
import { useBackend } from './testing/backends.ts';
import { createLastingStore } from './testing/lastingStore.ts';
import { GO_ON, SMALLEST, startTestSession, type TestSession } from './testing/testSession.ts';

useBackend('wasm');

const countsOf = (studio: TestSession, stepId: string) =>
  studio.eventsOf('picturesRead', stepId).map(({ decodedCount, cachedCount }) => [decodedCount, cachedCount]);

test('a later page opens no picture that an earlier one has opened at this size, however they are split, and learns the same', async () => {
  const store = createLastingStore();
  const first = await startTestSession({ store });
  await first.openColours();
  await first.run('prepare', SMALLEST);
  await first.run('trainHead', { batchSize: 5, epochs: 1 });
  expect(countsOf(first, 'prepare')).toEqual([[16, 0]]);
  expect(countsOf(first, 'trainHead')).toEqual([]);
  while (store.files.size < 2) await new Promise<void>((resolve) => setTimeout(resolve, 1));

  const later = await startTestSession({ store: store.copy() });
  await later.openColours();
  await later.run('prepare', SMALLEST);
  await later.run('trainHead', { batchSize: 5, epochs: 1 });
  expect(countsOf(later, 'prepare')).toEqual([[0, 16]]);
  const rowOf = (studio: TestSession) => studio.eventsOf('epochEnded', 'trainHead').map(({ row }) => row);
  expect(rowOf(later)).toEqual(rowOf(first));

  // Another split is another data set, of the same pictures.
  await later.session.splitDataset({ validationShare: 0.5, seed: 2 }, GO_ON);
  await later.run('prepare', SMALLEST);
  expect(countsOf(later, 'prepare')).toEqual([
    [0, 16],
    [0, 16],
  ]);
});
