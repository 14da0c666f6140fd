// Pictures that are in train and in valid: the same bytes, or nearly the same look. What was learnt by heart is then checked with
// itself, and the accuracy looks better than it is.

import type { LeakedPair, LeakList, Leaks, Split } from '../../protocol/dataset.ts';
import { BAND_COUNT, compareLooks, type Look } from './look.ts';

/** What the reading pass keeps of a picture, so that it is found again. */
export interface PictureTraits {
  /** SHA-256 of the file; null where the browser keeps hashes from the page. */
  readonly contentHash: string | null;
  /** Null for a picture that is too plain to be told from others. */
  readonly look: Look | null;
}

/** Enough to see what is wrong; the counts are of all. */
const MAX_PAIRS = 200;

/**
 * A part of a hash that more pictures than these share says nothing of any (half a sky, a white ground), and following it would compare
 * all with all: it is passed over. A pair is missed then only where every part that its hashes share is as common.
 */
const MAX_SHARING = 1000;

/** @param splits of each picture, as `traits` are; a picture to check with that is there in the same bytes is not counted as near too. */
export function findLeaks(traits: readonly PictureTraits[], splits: readonly Split[]): Leaks {
  const trainIds = traits.flatMap((_, id) => (splits[id] === 'train' ? [id] : []));
  const validIds = traits.flatMap((_, id) => (splits[id] === 'valid' ? [id] : []));
  const exact = findSameBytes(traits, trainIds, validIds);
  const exactIds = new Set(exact.map(({ validId }) => validId));
  const others = validIds.filter((id) => !exactIds.has(id));
  return { exact: list(exact), near: list(findNearlySame(traits, trainIds, others)) };
}

function list(pairs: readonly LeakedPair[]): LeakList {
  return { count: pairs.length, pairs: pairs.slice(0, MAX_PAIRS) };
}

type Ids = readonly number[];

/** Each valid picture once, with the first of its twins. */
function findSameBytes(traits: readonly PictureTraits[], trainIds: Ids, validIds: Ids): LeakedPair[] {
  const trainIdOf = new Map<string, number>();
  for (const trainId of trainIds) {
    const hash = traits[trainId]?.contentHash ?? null;
    if (hash !== null && !trainIdOf.has(hash)) trainIdOf.set(hash, trainId);
  }
  return validIds.flatMap((validId) => {
    const trainId = trainIdOf.get(traits[validId]?.contentHash ?? '');
    return trainId === undefined ? [] : [{ trainId, validId }];
  });
}

/** Each valid picture once, with the nearest. */
function findNearlySame(traits: readonly PictureTraits[], trainIds: Ids, validIds: Ids): LeakedPair[] {
  const sharing = groupByBand(traits, trainIds);
  return validIds.flatMap((validId) => {
    const look = traits[validId]?.look ?? null;
    if (look === null) return [];
    let nearest: { readonly trainId: number; readonly distance: number } | null = null;
    for (let band = 0; band < BAND_COUNT; band++) {
      const ids = sharing[band]?.get(look.bands[band] as number) ?? [];
      if (ids.length > MAX_SHARING) continue;
      for (const trainId of ids) {
        const distance = compareLooks(look, traits[trainId]?.look as Look);
        if (distance !== null && (nearest === null || distance < nearest.distance)) nearest = { trainId, distance };
      }
    }
    return nearest === null ? [] : [{ trainId: nearest.trainId, validId }];
  });
}

/** For each band of the hash, the pictures that have each of its values. */
function groupByBand(traits: readonly PictureTraits[], ids: Ids): Map<number, number[]>[] {
  const groups = Array.from({ length: BAND_COUNT }, () => new Map<number, number[]>());
  for (const id of ids) {
    const look = traits[id]?.look ?? null;
    if (look === null) continue;
    groups.forEach((group, band) => {
      const bits = look.bands[band] as number;
      const sharing = group.get(bits);
      if (sharing === undefined) group.set(bits, [id]);
      else sharing.push(id);
    });
  }
  return groups;
}
