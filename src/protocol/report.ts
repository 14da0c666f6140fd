// The report of a run: what `npm run recipe` writes and what the page offers as a download.

import type { BackendName } from './catalog.ts';
import type { EngineEvent } from './events.ts';
import type { EpochRow, ResultScore } from './training.ts';

/** One way in which a step judged the validation pictures. */
export interface ReportedResult {
  readonly stepId: string;
  readonly label: string;
  readonly score: ResultScore;
  /** Mean cross-entropy; of tags the binary one. */
  readonly logLoss: number;
}

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
  /** Of every step's newest run, in the order in which they were run. */
  readonly results: readonly ReportedResult[];
  readonly events: readonly EngineEvent[];
  /** Set when a step failed: the page's own sentence. */
  readonly error?: string;
}
