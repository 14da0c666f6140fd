import { expect, test } from 'vitest';
import { createMemoryStore } from './memoryPlatform.ts';

test('a folder is measured, listed and removed with all that lies in it, and nothing beside it', async () => {
  const store = createMemoryStore();
  const write = (path: string, length: number) => store.write(path, new Uint8Array(length));
  await write('runs/0001/a', 3);
  await write('runs/0001/deep/b', 4);
  await write('runs/0001.json', 5);
  await write('runs/00010/c', 6);
  expect(await store.listFolders('runs')).toEqual(['runs/0001', 'runs/00010']);
  expect(await store.list('runs')).toEqual(['runs/0001.json']);
  expect(await store.measure('runs/0001')).toMatchObject({ sizeBytes: 7, fileCount: 2 });
  expect(await store.measure('runs/0001.json')).toMatchObject({ sizeBytes: 5, fileCount: 1 });
  expect(await store.measure('runs/0002')).toMatchObject({ sizeBytes: 0, fileCount: 0 });
  await store.removeFolder('runs/0001');
  await store.removeFolder('nowhere');
  expect(await store.measure('runs')).toMatchObject({ sizeBytes: 11, fileCount: 2 });
});
