// The report of a run: what `npm run recipe` writes and what the page offers as a download.

import type { BackendName } from './catalog.ts';
import type { EngineEvent } from './events.ts';
import type { EpochRow } from './training.ts';

export interface RunReport {
  readonly backend: BackendName;
  readonly adapter: string;
  /** From the first step's start to the last step's end. */
  readonly seconds: number;
  readonly seed: number;
  readonly dataset: string;
  readonly classes: readonly string[];
  /** Everything was learnt from: no row has a validation loss, and none is a result. */
  readonly usesAll: boolean;
  /** In order; the last one is the result. */
  readonly epochs: readonly EpochRow[];
  readonly events: readonly EngineEvent[];
  /** Set when a step failed: the page's own sentence. */
  readonly error?: string;
}
