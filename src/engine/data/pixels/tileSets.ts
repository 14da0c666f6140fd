// Which sets of decoded pictures the browser keeps: each a folder of shards, `pixels/ID/`, with a line about it beside, `pixels/ID.json`.
// A set is one collection of pictures at one size. Any of them may be removed at any time: then its pictures are opened again.

import type { BlobStore } from '../../platform/ports.ts';
import { RESAMPLER_VERSION } from '../areaResize.ts';

/** How a picture was scaled; see PictureDecoder. */
export type TileKind = 'centreSquare' | 'whole' | 'squashed';

/** What is written of a set. */
export interface TileSetFacts {
  /** Stands for the contents of its pictures, whatever they are called and however they are split. */
  readonly collection: string;
  /** Of the data set, as the person named it. */
  readonly datasetName: string;
  readonly kind: TileKind;
  readonly sizePx: number;
  readonly resamplerVersion: number;
  /** ISO 8601, of the last step that used it. */
  readonly usedAt: string;
}

export interface KeptTileSet extends TileSetFacts {
  readonly id: string;
  readonly sizeBytes: number;
}

const FOLDER = 'pixels';
const EXTENSION = '.tiles';
/** Of what the browser would still keep, the most that decoded pictures take. */
const SHARE_OF_ROOM = 1 / 4;
const MOST_BYTES = 8e9;

export function tileSetId({
  collection,
  kind,
  sizePx,
  resamplerVersion,
}: Omit<TileSetFacts, 'datasetName' | 'usedAt'>) {
  return `${collection}-${kind}-${sizePx}-r${resamplerVersion}`;
}

export const factsPath = (id: string) => `${FOLDER}/${id}.json`;
export const shardPath = (id: string, number: number) =>
  `${FOLDER}/${id}/${String(number).padStart(5, '0')}${EXTENSION}`;

/** Of a set, the oldest first. */
export async function listShards(store: BlobStore, id: string): Promise<readonly string[]> {
  // A browser that crashed may have left half-written files beside.
  return (await store.list(`${FOLDER}/${id}`)).filter((path) => path.endsWith(EXTENSION));
}

/** From 0. */
export function shardNumber(path: string): number {
  return Number(path.slice(path.lastIndexOf('/') + 1, -EXTENSION.length));
}

export async function writeFacts(store: BlobStore, facts: TileSetFacts): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(facts)) as Uint8Array<ArrayBuffer>;
  await store.write(factsPath(tileSetId(facts)), bytes);
}

/** Ids of the sets that have the same pixels for the same picture: of any collection. */
export async function findAlike(store: BlobStore, facts: TileSetFacts): Promise<readonly string[]> {
  const ending = tileSetId(facts).slice(facts.collection.length);
  return (await listIds(store)).filter((id) => id.endsWith(ending));
}

async function listIds(store: BlobStore): Promise<readonly string[]> {
  return (await store.list(FOLDER)).flatMap((path) => /^pixels\/(.+)\.json$/.exec(path)?.[1] ?? []);
}

/** Those used longest ago first. */
export async function listTileSets(store: BlobStore): Promise<readonly KeptTileSet[]> {
  const sets = await Promise.all((await listIds(store)).map((id) => readSet(store, id)));
  return sets.toSorted((one, other) => (one.usedAt < other.usedAt ? -1 : 1));
}

async function readSet(store: BlobStore, id: string): Promise<KeptTileSet> {
  const paths = await listShards(store, id);
  const sizes = await Promise.all(paths.map(async (path) => (await store.read(path))?.size ?? 0));
  return { ...(await readFacts(store, id)), id, sizeBytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** Facts that are damaged are those of a set that nobody has used since it can be told: the first to go. */
async function readFacts(store: BlobStore, id: string): Promise<TileSetFacts> {
  const unknown = {
    collection: '',
    datasetName: '',
    kind: 'whole',
    sizePx: 0,
    resamplerVersion: 0,
    usedAt: '',
  } as const;
  try {
    const file = await store.read(factsPath(id));
    if (!file) return unknown;
    // Written by writeFacts above.
    const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(await file.arrayBuffer()))) as TileSetFacts;
    return { ...unknown, ...facts };
  } catch {
    return unknown;
  }
}

/** Also while it is in use. Its facts go last: what a crash on the way leaves is still listed. */
export async function removeTileSet(store: BlobStore, id: string): Promise<void> {
  for (const path of await listShards(store, id)) await store.remove(path);
  await store.remove(factsPath(id));
}

export interface Room {
  readonly usedBytes: number;
  readonly budgetBytes: number;
}

/** @param freeBytes what the browser would keep beside all that it keeps already; null where it does not say */
export async function measureRoom(store: BlobStore, freeBytes: number | null): Promise<Room> {
  const usedBytes = (await listTileSets(store)).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const share = freeBytes === null ? MOST_BYTES : SHARE_OF_ROOM * (freeBytes + usedBytes);
  return { usedBytes, budgetBytes: Math.min(MOST_BYTES, share) };
}

/**
 * Removes sets until so many bytes fit: those of another resampler, which nobody can use, then those used longest ago.
 * @param inUse ids of sets that stay
 * @returns what is used then
 */
export async function makeRoom(
  store: BlobStore,
  neededBytes: number,
  { usedBytes, budgetBytes }: Room,
  inUse: ReadonlySet<string>,
): Promise<number> {
  const isStale = ({ resamplerVersion }: KeptTileSet) => resamplerVersion !== RESAMPLER_VERSION;
  const sets = await listTileSets(store);
  let used = usedBytes;
  for (const set of [...sets.filter(isStale), ...sets.filter((each) => !isStale(each))]) {
    if (used + neededBytes <= budgetBytes) break;
    if (inUse.has(set.id)) continue;
    await removeTileSet(store, set.id);
    used -= set.sizeBytes;
  }
  return used;
}
