// What lies in the browser's storage for this site: what each thing is, how large, and whether it can be freed.

import type { Catalog } from './catalog.ts';
import type { KeptRun, KeptWork } from './keeping.ts';

/** Of all that the browser keeps for the site. */
export interface StorageTotal {
  readonly usedBytes: number;
  /** What the browser names; the disk may have less. */
  readonly quotaBytes: number;
}

export interface StoredThing {
  /** Names it to `freeStorage`. */
  readonly id: string;
  readonly kind: 'work' | 'run' | 'weights' | 'pixels' | 'remains' | 'site';
  /** What it is, as a person reads it: 'Run 3 on “shapes”'. */
  readonly label: string;
  /** More of it, in a sentence; empty where there is nothing to say. */
  readonly note: string;
  /** Null where the browser does not say. */
  readonly sizeBytes: number | null;
  /** ISO 8601, UTC: when it began or was last changed; null where that is not known. */
  readonly date: string | null;
  /** Why it cannot be freed now, as a sentence; null where it can. */
  readonly whyNotFree: string | null;
}

export interface StorageReport {
  /** The work, runs with the newest first, a person's own weights, prepared pictures, the site's own files. */
  readonly things: readonly StoredThing[];
  /** Null where the browser does not say. */
  readonly total: StorageTotal | null;
}

/** How things are once something was freed. */
export interface FreedStorage {
  readonly storage: StorageReport;
  readonly work: KeptWork | null;
  readonly runs: readonly KeptRun[];
  readonly catalog: Catalog;
}

/** The `id` of a run. */
export function runThingId(number: number): string {
  return `run ${number}`;
}
