// EngineEvent: one variant per thing that a person may want to see. The page keeps every event in its log
// (the store is the log, views are queries over it); the worker sends them in batches, ten messages a second at most.

import type { BackendDescription } from './catalog.ts';
import type { EngineErrorData } from './errors.ts';
import type { SquareRule } from './looks.ts';
import type { SettingValues } from './recipe.ts';
import type { SchedulePlan } from './schedule.ts';
import type {
  AccuracyInterval,
  ClassReport,
  ConfusionMatrix,
  EpochRow,
  FinderEnd,
  FinderZone,
  FitDiagnosis,
  Galleries,
  KnownTestScore,
  LearningRateSuggestion,
  PicturePrediction,
  ResultScore,
  SnapshotSummary,
  TagPrediction,
  TagReport,
} from './training.ts';

export interface CountProgress {
  readonly done: number;
  readonly total: number;
}

export type StepOutcome = 'done' | 'stopped' | 'failed';

/** The card was reset or taken away, is full, or refused a piece of work. */
export type DeviceProblemKind = 'lost' | 'outOfMemory' | 'invalid';

/** What cut a step off: the device, or a loss that is no number any more. */
export type CutOffCause = DeviceProblemKind | 'lossNotFinite';

export type EngineEventBody =
  /** Reading and checking dropped files, before any step. */
  | { readonly type: 'datasetProgress'; readonly files: CountProgress; readonly setAsideCount: number }
  /** Weights on their way from a hub, at every percent. */
  | { readonly type: 'weightsProgress'; readonly architecture: string; readonly bytes: CountProgress }
  | { readonly type: 'stepStarted'; readonly stepId: string; readonly settings: SettingValues; readonly seed: number }
  /** Three levels: the step as a whole (0..1), epoch, batch. A level that the step does not have is null. */
  | {
      readonly type: 'progress';
      readonly stepId: string;
      readonly label: string;
      readonly stepFraction: number;
      readonly epochs: CountProgress | null;
      readonly batches: CountProgress | null;
      /** Null until it can be measured. */
      readonly imagesPerSecond: number | null;
      /** Null while it is being measured. */
      readonly timeLeftMs: number | null;
    }
  /** One point of the learning-rate finder: the smoothed loss at a rate. */
  | {
      readonly type: 'lrPoint';
      readonly stepId: string;
      readonly iteration: number;
      readonly learningRate: number;
      readonly loss: number;
    }
  | {
      readonly type: 'lrSuggested';
      readonly stepId: string;
      readonly end: FinderEnd;
      readonly suggestions: readonly LearningRateSuggestion[];
      /** Of the whole curve, too small rates first; empty where it says nothing. */
      readonly zones: readonly FinderZone[];
    }
  /** A training begins with a rate that no finder has been run for, or one that ran before something changed. */
  | { readonly type: 'finderOutdated'; readonly stepId: string; readonly reasons: readonly string[] }
  /** What the rate of this training does, told before its first batch. */
  | { readonly type: 'schedulePlanned'; readonly stepId: string; readonly plan: SchedulePlan }
  | {
      readonly type: 'batchEnded';
      readonly stepId: string;
      /** 0-based, over the whole fit. */
      readonly iteration: number;
      readonly epoch: number;
      readonly learningRate: number;
      readonly momentum: number;
      readonly loss: number;
      readonly smoothedLoss: number;
    }
  | { readonly type: 'epochEnded'; readonly stepId: string; readonly row: EpochRow }
  | {
      readonly type: 'confusion';
      readonly stepId: string;
      /** Of the result row that this is the matrix of. */
      readonly label: string;
      readonly matrix: ConfusionMatrix;
      readonly accuracy: AccuracyInterval;
      readonly predictions: readonly PicturePrediction[];
      /** One for each class of the matrix. */
      readonly classes: readonly ClassReport[];
      readonly galleries: Galleries;
    }
  /** As `confusion`, where pictures have any number of tags. */
  | {
      readonly type: 'tagsJudged';
      readonly stepId: string;
      readonly label: string;
      readonly classes: readonly string[];
      readonly score: Extract<ResultScore, { readonly kind: 'f2' }>;
      /** One for each class. */
      readonly reports: readonly TagReport[];
      /** counts[true tag][predicted tag], at the one threshold: pictures that have the one and were given the other. */
      readonly cooccurrences: readonly (readonly number[])[];
      readonly predictions: readonly TagPrediction[];
    }
  /** One way of judging the validation pictures: plainly, by several looks, by several cycles together. */
  | {
      readonly type: 'resultRow';
      readonly stepId: string;
      readonly label: string;
      readonly score: ResultScore;
      /** Mean cross-entropy; of tags the binary one. */
      readonly logLoss: number;
      /** Of a step's rows with the same word only the newest counts: a person chose anew. */
      readonly choice?: string;
    }
  /** What a training of several cycles left of each, oldest first. */
  | {
      readonly type: 'snapshotsKept';
      readonly stepId: string;
      readonly snapshots: readonly SnapshotSummary[];
      readonly heldBytes: number;
      /** Beyond it the weights of the oldest cycles were let go. */
      readonly budgetBytes: number;
    }
  /** What the network says about the pictures of the test folder. */
  | {
      readonly type: 'testPredicted';
      readonly stepId: string;
      /** How they were looked at. */
      readonly label: string;
      readonly classes: readonly string[];
      readonly pictureIds: readonly number[];
      /** [picture, class] in the order of `pictureIds`, to six decimals; `writeSubmission` has all of them. */
      readonly probabilities: readonly number[];
      /** Pictures that no longer open, so that nothing is said about them. */
      readonly lostPictureIds: readonly number[];
      /** Of those that lie in a class folder inside the test folder; null where none does. Older runs say nothing of it. */
      readonly known?: KnownTestScore | null;
    }
  /** What train and valid loss say together, and what to do next. */
  | { readonly type: 'fitDiagnosed'; readonly stepId: string; readonly diagnosis: FitDiagnosis }
  /** What is trained so far is another than before: what the lesson would call it ('224_lastlayer'). */
  | { readonly type: 'trainedChanged'; readonly name: string }
  /** Another network, or a loaded one, sees pictures in this way from now on. */
  | { readonly type: 'networkInput'; readonly imageSizePx: number; readonly square: SquareRule }
  /** Something is wrong with what computes: the step that runs fails; pictures, features and finished steps are kept. */
  | { readonly type: 'deviceProblem'; readonly problem: DeviceProblemKind; readonly sentence: string }
  /** A step broke, and `resumeStep` would do what is said here; until then nothing is done, and what was kept stays. */
  | {
      readonly type: 'stepCutOff';
      readonly stepId: string;
      readonly cause: CutOffCause;
      /** Trained and kept, both from 0: epochs that ended, and batches of the one that goes on. Null where the step would begin again. */
      readonly place: { readonly epoch: number; readonly batch: number } | null;
      /** Settings of the step that would be others, with their new values. */
      readonly changes: SettingValues;
      /** What happened, what was kept and what would be done. */
      readonly sentence: string;
      /** What would be done, as a button says it. */
      readonly offer: string;
    }
  /** A step goes on from where it was kept: what was told of it beyond that place is told again. */
  | {
      readonly type: 'stepGoneOn';
      readonly stepId: string;
      readonly epoch: number;
      /** Batches trained so far, over the whole step. */
      readonly batch: number;
      readonly settings: SettingValues;
    }
  /** After a device problem the studio computes with this from now on: the same card anew, or the next rung of the ladder. */
  | { readonly type: 'backendChanged'; readonly backend: BackendDescription }
  /** The browser has kept the work so far: after a crash it goes on from here. */
  | {
      readonly type: 'workKept';
      /** Of a training, both from 0: epochs that ended, and batches of the one that goes on; null between two steps. */
      readonly place: { readonly stepId: string; readonly epoch: number; readonly batch: number } | null;
      readonly sizeBytes: number;
      readonly elapsedMs: number;
    }
  /** It could not: what was kept before is still there. */
  | { readonly type: 'workNotKept'; readonly sentence: string }
  /**
   * How the step that just ended came by its pictures, counted each time one was asked for beyond what lay near the device: opened and scaled, or
   * read as they were scaled before.
   */
  | {
      readonly type: 'picturesRead';
      readonly stepId: string;
      readonly decodedCount: number;
      readonly cachedCount: number;
    }
  /** The browser keeps no more scaled pictures: they are opened anew each time. */
  | { readonly type: 'pixelsNotKept'; readonly sentence: string }
  | {
      readonly type: 'stepEnded';
      readonly stepId: string;
      readonly outcome: StepOutcome;
      readonly elapsedMs: number;
      readonly imagesPerSecond: number | null;
      /** Peak bytes that the backend held for tensors. */
      readonly memoryBytes: number | null;
      /** The result read in a sentence, from this run's numbers. */
      readonly reading: string;
      readonly error: EngineErrorData | null;
    };

/** An event as it is kept: `atMs` is milliseconds since the worker started. */
export type EngineEvent = EngineEventBody & { readonly atMs: number };
export type EngineEventType = EngineEvent['type'];
export type EventOf<T extends EngineEventType> = Extract<EngineEvent, { readonly type: T }>;
