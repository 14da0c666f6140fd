// Weights and their cards from the page's own origin. A file is used only when its sha256 is the card's.

import { EngineError } from '../../../protocol/errors.ts';
import { findSha256 } from '../../sha256.ts';
import type { WeightsCard, WeightsSource } from '../ports.ts';

/** @param baseUrl folder of the weights, with a slash at its end. */
export function createFetchWeights(baseUrl: string): WeightsSource {
  const cards = new Map<string, Promise<WeightsCard>>();
  const readCard = (id: string) => {
    const known = cards.get(id);
    if (known) return known;
    // The card is part of the site and checked by a test of the project, so its shape is believed.
    const card = fetchFile(`${baseUrl}${id}.json`).then((response) => response.json() as Promise<WeightsCard>);
    cards.set(id, card);
    card.catch(() => cards.delete(id));
    return card;
  };
  return {
    async listCards() {
      // Made beside the cards when the site is built, so its shape is believed.
      const ids = (await (await fetchFile(`${baseUrl}index.json`)).json()) as string[];
      return await Promise.all(ids.map(readCard));
    },
    readCard,
    async readWeights(id) {
      const card = await readCard(id);
      const url = `${baseUrl}${id}.safetensors`;
      // A copy that the browser keeps may be damaged or of an older site: then it is dropped for a new one, once.
      for (const cache of ['default', 'reload'] as const) {
        const bytes = new Uint8Array(await (await fetchFile(url, cache)).arrayBuffer());
        if (await isAsDescribed(bytes, card)) return bytes;
      }
      throw new EngineError(
        'weightsDamaged',
        'The weights file is not the one its card describes, fetched anew as well. Nothing was loaded. Reload the page; if that does not help, the file on this site is damaged.',
      );
    },
  };
}

async function fetchFile(url: string, cache: RequestCache = 'default'): Promise<Response> {
  const response = await fetch(url, { cache }).catch(() => null);
  if (response?.ok) return response;
  throw new EngineError(
    'weightsUnavailable',
    'The network’s weights could not be fetched from this site. Nothing was changed. Check that the studio is still served and run the step again.',
  );
}

async function isAsDescribed(bytes: Uint8Array<ArrayBuffer>, card: WeightsCard): Promise<boolean> {
  // Where there are no hashes the size is all that can be checked.
  const digest = (await findSha256(bytes)) ?? card.sha256;
  return bytes.byteLength === card.sizeBytes && digest === card.sha256;
}
