// What the browser keeps beyond the page: runs with all that was told of them, and the work that was cut off.

import type { DatasetSummary, SplitOptions } from './dataset.ts';
import type { LabelOptions } from './labels.ts';
import type { ResultScore } from './training.ts';

/** A run: what was told from the opening or splitting of a data set to the next. */
export interface KeptRun {
  /** From 1, in the order of their beginnings. */
  readonly number: number;
  /** As the person called it; empty before that. */
  readonly name: string;
  readonly note: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly datasetName: string;
  readonly pictureCount: number;
  readonly recipeId: string;
  /** Steps that came to their end, whatever it was. */
  readonly stepCount: number;
  /** The best of its results; null where nothing was judged. */
  readonly best: { readonly label: string; readonly score: ResultScore } | null;
}

/** Work that can go on. */
export interface KeptWork {
  readonly runNumber: number;
  readonly datasetName: string;
  /** Of the data set. */
  readonly fingerprint: string;
  readonly pictureCount: number;
  readonly recipeId: string;
  /** Where the page found the pictures, on its own site; null where a person gave them. */
  readonly address: string | null;
  /** The step that was running; null where none was. */
  readonly cutOff: CutOffPlace | null;
  /** What is kept, in a sentence. */
  readonly sentence: string;
}

export interface CutOffPlace {
  readonly stepId: string;
  /** Trained so far, both from 0: epochs that ended, and batches of the one that goes on. */
  readonly epoch: number;
  readonly batch: number;
  /** False for a training on features, which are kept with it. */
  readonly needsPictures: boolean;
}

/** What is kept when the page opens. */
export interface KeptThings {
  /** Why nothing of this page will be kept, as a sentence; null where it will. */
  readonly whyNot: string | null;
  /** What of the kept could not be used, as a sentence. */
  readonly trouble: string | null;
  readonly work: KeptWork | null;
  /** The newest first. */
  readonly runs: readonly KeptRun[];
}

export interface RestoredWork {
  readonly dataset: DatasetSummary;
  readonly split: SplitOptions;
  readonly labels: LabelOptions | null;
  /** False until the same pictures are opened again. */
  readonly hasPictures: boolean;
  readonly recipeId: string;
  readonly trainedName: string | null;
  /** Null where no step was cut off; else `resumeStep` goes on with it. */
  readonly cutOff: CutOffPlace | null;
  /** The run so far as a recorded run: a header, then one event a line. */
  readonly recording: string;
  readonly sentence: string;
}
