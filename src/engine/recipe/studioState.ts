// What the session holds between two commands. A value: steps make a new one, nobody changes it in place.

import type { SquareRule } from '../../protocol/looks.ts';
import type { Activations } from '../activations/activationCache.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import type { Targets } from '../data/targets.ts';
import { fingerprintValues } from '../graph/fingerprintValues.ts';
import type { ParameterValues } from '../graph/graph.ts';
import type { FinderSetup } from '../learner/whyFindRateAgain.ts';
import type { UsedWeights } from '../platform/ports.ts';
import type { SubmissionPredictions } from '../submission/predictionCells.ts';

/** The body as it was trained on the person's pictures. */
export interface TrainedBody {
  readonly values: ParameterValues;
  /** Of the values: features that another body computed do not belong to it. */
  readonly fingerprint: string;
}

export function makeTrainedBody(values: ParameterValues): TrainedBody {
  return { values, fingerprint: fingerprintValues(values) };
}

/** The network that step 1 chose, and what later steps made of it. */
export interface ChosenNetwork {
  /** What it began with; its architecture with them. */
  readonly weights: UsedWeights;
  readonly imageSizePx: number;
  /** How pictures become its squares: the same in training, validation, features and every later look. */
  readonly square: SquareRule;
  /** Null while it is as it was shipped. */
  readonly body: TrainedBody | null;
  /** Layer groups from this one on learn; the head is the last. */
  readonly firstLearningGroup: number;
  /** Batch norms keep their statistics where the network learns, those of the head too (the lesson's bn_freeze). */
  readonly keepsBatchNorms: boolean;
  /** Each group's rate as a share of the head's, pixel side first. */
  readonly rateShares: readonly number[];
}

/** The end of one cycle of a training. */
export interface Snapshot {
  /** 0-based */
  readonly cycle: number;
  /** As the lesson calls its file: '224_all_cyc_1'. */
  readonly name: string;
  /** Of the validation pictures: [picture, class]; null where nothing validates. */
  readonly probabilities: Float32Array | null;
  /** Null where the weights were let go for the budget. */
  readonly trained: { readonly head: ParameterValues; readonly body: TrainedBody | null } | null;
}

/** What the last training of several cycles left of them. */
export interface Snapshots {
  readonly stepId: string;
  /** Those that the probabilities are of; null where nothing validates. */
  readonly pictures: { readonly targets: Targets; readonly pictureIds: readonly number[] } | null;
  /** Oldest first. */
  readonly list: readonly Snapshot[];
}

/** What was said of the test pictures, as it would be handed in. */
export interface TestPredictions extends SubmissionPredictions {
  /** Of pictures that no longer opened, so that nothing is said of them. */
  readonly lostPaths: readonly string[];
}

export interface StudioState {
  readonly dataset: DatasetIndex | null;
  readonly network: ChosenNetwork | null;
  readonly activations: Activations | null;
  /** The head as it was last trained; null before that. */
  readonly head: ParameterValues | null;
  /** What the lesson would call what is trained: '224_lastlayer', '224_all', '224_all_cyc_1'; null before that. */
  readonly trainedName: string | null;
  /** Of the last training that went through several cycles; null before that. */
  readonly snapshots: Snapshots | null;
  /** What the last finder of the head alone, and the last of more than the head, was run for; null before that. */
  readonly finderSetups: { readonly head: FinderSetup | null; readonly network: FinderSetup | null };
  /** Null before the first prediction. */
  readonly testPredictions: TestPredictions | null;
}

export const EMPTY_STATE: StudioState = {
  dataset: null,
  network: null,
  activations: null,
  head: null,
  trainedName: null,
  snapshots: null,
  finderSetups: { head: null, network: null },
  testPredictions: null,
};
