import { expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { createMemoryStore, createMemoryWeights } from '../../platform/memory/memoryPlatform.ts';
import type { WeightsCard } from '../../platform/ports.ts';
import { sha256Of } from '../../sha256.ts';
import { LITE0_WEIGHTS } from '../../testing/weights.ts';
import { createWeightsShelf } from './weightsShelf.ts';

// Of a card the shelf reads id, label, size and hash.
const SITE_CARD = LITE0_WEIGHTS as WeightsCard;
const BYTES = Uint8Array.of(1, 2, 3);

async function cardOf(id: string, bytes = BYTES): Promise<WeightsCard> {
  return { ...SITE_CARD, id, label: `my ${id}`, sizeBytes: bytes.length, sha256: await sha256Of(bytes) };
}

function createShelf(store = createMemoryStore()) {
  const site = createMemoryWeights(new Map([[SITE_CARD.id, { card: SITE_CARD, bytes: Uint8Array.of(9) }]]));
  return { shelf: createWeightsShelf(site, store), store };
}

const idsOf = async ({ shelf }: ReturnType<typeof createShelf>) => (await shelf.listCards()).map(({ id }) => id);

test('a person’s own weights stand behind those of the site, outlive the shelf, and can be taken away', async () => {
  const made = createShelf();
  await made.shelf.add(await cardOf('mine'), BYTES);
  const later = createShelf(made.store);
  expect(await idsOf(later)).toEqual(['efficientnet-lite0', 'mine']);
  expect(await later.shelf.readWeights('mine')).toEqual(BYTES);
  expect((await later.shelf.readCard('mine')).label).toBe('my mine');
  expect([await later.shelf.isOwn('mine'), await later.shelf.isOwn('efficientnet-lite0')]).toEqual([true, false]);
  await later.shelf.remove('mine');
  expect(await idsOf(later)).toEqual(['efficientnet-lite0']);
  expect(await later.store.list('weights')).toEqual([]);
  await expect(later.shelf.readWeights('mine')).rejects.toThrow('no weights for mine');
});

test.each([
  ['cut', Uint8Array.of(1, 2)],
  ['changed', Uint8Array.of(1, 2, 4)],
])('a file that was %s is not loaded', async (_, found) => {
  const { shelf, store } = createShelf();
  await shelf.add(await cardOf('mine'), BYTES);
  await store.write('weights/mine.safetensors', found);
  await expect(shelf.readWeights('mine')).rejects.toThrow('“my mine” is not what was put there. Nothing was loaded.');
});

test('a file that is gone is told', async () => {
  const { shelf, store } = createShelf();
  await shelf.add(await cardOf('mine'), BYTES);
  await store.remove('weights/mine.safetensors');
  await expect(shelf.readWeights('mine')).rejects.toThrow('“my mine” is gone');
});

test('where the disk is full nothing is offered that cannot be read', async () => {
  const full = (ending: string) => (path: string) => {
    if (path.endsWith(ending)) throw new EngineError('storageFull', 'Full.');
  };
  for (const ending of ['.safetensors', '.json']) {
    const made = createShelf(createMemoryStore(full(ending)));
    await expect(made.shelf.add(await cardOf('mine'), BYTES)).rejects.toThrow('Full.');
    expect(await idsOf(made)).toEqual(['efficientnet-lite0']);
    expect(await made.store.list('weights')).toEqual([]);
  }
});
