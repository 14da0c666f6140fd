// What the session holds between two commands. A value: steps make a new one, nobody changes it in place.

import type { Activations } from '../activations/activationCache.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import type { ParameterValues } from '../graph/graph.ts';

export interface StudioState {
  readonly dataset: DatasetIndex | null;
  readonly activations: Activations | null;
  /** The head as it was last trained on `activations`; null before that. */
  readonly head: ParameterValues | null;
}

export const EMPTY_STATE: StudioState = { dataset: null, activations: null, head: null };
