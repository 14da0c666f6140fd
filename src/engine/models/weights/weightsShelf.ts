// All weights that can be chosen: those that come with the site, and a person's own, which lie in the browser's storage as a
// safetensors file with a card beside it, just as the site's do.

import { EngineError } from '../../../protocol/errors.ts';
import type { BlobStore, WeightsCard, WeightsSource } from '../../platform/ports.ts';
import { sha256Of } from '../../sha256.ts';

const FOLDER = 'weights';
const CARD = '.json';
const cardPath = (id: string) => `${FOLDER}/${id}${CARD}`;
const filePath = (id: string) => `${FOLDER}/${id}.safetensors`;

export interface WeightsShelf extends WeightsSource {
  /** A person's own alone. */
  listOwnCards(): Promise<readonly WeightsCard[]>;
  /** Keeps a file of weights; one of the same id is replaced. Throws as BlobStore.write does, and then nothing is added. */
  add(card: WeightsCard, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Another card for a file that is kept. Throws as BlobStore.write does. */
  changeCard(card: WeightsCard): Promise<void>;
  /** Only a person's own can be removed; the site's stay. */
  remove(id: string): Promise<void>;
  /** Whether it is a person's own. */
  isOwn(id: string): Promise<boolean>;
}

export function createWeightsShelf(site: WeightsSource, store: BlobStore): WeightsShelf {
  const readOwnCard = async (id: string): Promise<WeightsCard | null> => {
    const file = await store.read(cardPath(id));
    // Written by `add` below.
    return file && (JSON.parse(await textOf(file)) as WeightsCard);
  };
  const listOwnCards = async () => {
    const paths = await store.list(FOLDER);
    const ids = paths.filter((path) => path.endsWith(CARD)).map((path) => path.slice(FOLDER.length + 1, -CARD.length));
    return (await Promise.all(ids.map(readOwnCard))).filter((card) => card !== null);
  };
  return {
    listOwnCards,
    listCards: async () => [...(await site.listCards()), ...(await listOwnCards())],
    readCard: async (id) => (await readOwnCard(id)) ?? (await site.readCard(id)),
    async readWeights(id) {
      const card = await readOwnCard(id);
      if (!card) return await site.readWeights(id);
      const file = await store.read(filePath(id));
      const bytes = file && new Uint8Array(await file.arrayBuffer());
      if (bytes && bytes.length === card.sizeBytes && (await sha256Of(bytes)) === card.sha256) return bytes;
      throw new EngineError(
        'weightsDamaged',
        `What the browser kept of “${card.label}” is ${bytes ? 'not what was put there' : 'gone'}. Nothing was loaded. Add the file again.`,
      );
    },
    async add(card, bytes) {
      // The card last: a file without one is as good as not there.
      await store.remove(cardPath(card.id));
      try {
        await store.write(filePath(card.id), bytes);
        await store.write(cardPath(card.id), encodeCard(card));
      } catch (thrown) {
        await store.remove(filePath(card.id));
        throw thrown;
      }
    },
    changeCard: (card) => store.write(cardPath(card.id), encodeCard(card)),
    async remove(id) {
      await store.remove(cardPath(id));
      await store.remove(filePath(id));
    },
    isOwn: async (id) => (await store.read(cardPath(id))) !== null,
  };
}

const encodeCard = (card: WeightsCard) => new TextEncoder().encode(JSON.stringify(card)) as Uint8Array<ArrayBuffer>;

const textOf = async (file: Blob) => new TextDecoder().decode(new Uint8Array(await file.arrayBuffer()));
