// What was learnt about an adapter on an earlier visit, kept in the browser: that its self-test passed, and which tiles its
// products are fastest with. Losing the notes costs a few seconds; so every failure to read or write them is let pass.

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

export interface DeviceNotes {
  readPassedTest(adapterKey: string): Promise<number | null>;
  writePassedTest(adapterKey: string, version: number): Promise<void>;
  /** Tile number by product key. */
  readTiles(adapterKey: string): Promise<ReadonlyMap<string, number>>;
  writeTiles(adapterKey: string, tiles: ReadonlyMap<string, number>): Promise<void>;
}

interface NotesSchema extends DBSchema {
  passedTests: { key: string; value: number };
  tiles: { key: string; value: Map<string, number> };
}

const DATABASE = 'windowbox-devices';
/** Also changes when the meaning of a tile number does: notes of another version are forgotten. */
const DATABASE_VERSION = 1;

export function openDeviceNotes(): DeviceNotes {
  const database = openDB<NotesSchema>(DATABASE, DATABASE_VERSION, {
    upgrade(upgraded) {
      for (const name of upgraded.objectStoreNames) upgraded.deleteObjectStore(name);
      upgraded.createObjectStore('passedTests');
      upgraded.createObjectStore('tiles');
    },
  });
  const attempt = async <Result>(work: (db: IDBPDatabase<NotesSchema>) => Promise<Result>, otherwise: Result) => {
    try {
      return await work(await database);
    } catch {
      return otherwise;
    }
  };
  return {
    readPassedTest: (key) => attempt(async (db) => (await db.get('passedTests', key)) ?? null, null),
    writePassedTest: (key, version) =>
      attempt(async (db) => void (await db.put('passedTests', version, key)), undefined),
    readTiles: (key) => attempt(async (db) => (await db.get('tiles', key)) ?? new Map<string, number>(), new Map()),
    writeTiles: (key, tiles) => attempt(async (db) => void (await db.put('tiles', new Map(tiles), key)), undefined),
  };
}
