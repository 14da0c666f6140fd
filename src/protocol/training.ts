// The nouns of training: rows, curves, matrices. All structured-cloneable.

/** One line of the loss table, as in the lesson: `epoch, train loss, valid loss, score`. */
export interface EpochRow {
  /** 0-based, as the lesson prints it. */
  readonly epoch: number;
  /** Debiased moving average (0.98) of the training loss at the epoch's last batch. */
  readonly trainLoss: number;
  /** Mean over the validation pictures; null without any. */
  readonly validLoss: number | null;
  /**
   * 0..1, the higher the better; null without validation pictures. Of one class each: the accuracy, the share whose largest
   * probability is the true class. Of tags: the F2 at the threshold that gives the largest one.
   */
  readonly score: number | null;
}

/** An estimate with its 95 % Wilson score interval, all in 0..1. */
export interface AccuracyInterval {
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  readonly correctCount: number;
  readonly count: number;
}

/** How well those test pictures were judged whose class is known. */
export interface KnownTestScore {
  readonly accuracy: AccuracyInterval;
  readonly logLoss: number;
}

/** How well the validation pictures were judged. */
export type ResultScore =
  | {
      readonly kind: 'accuracy';
      readonly accuracy: AccuracyInterval;
      /** Mean of the classes' F1: each class counts alike, however rare it is. */
      readonly macroF1: number;
    }
  | {
      readonly kind: 'f2';
      /** Mean over the pictures, at `threshold`; flatters a little, because these pictures chose the threshold. */
      readonly f2: number;
      /** A tag is given above this probability. */
      readonly threshold: number;
      /** The same with each tag's own threshold, which flatters more. */
      readonly f2AtClassThresholds: number;
      /** Share of (picture, tag) pairs that are right at one half. */
      readonly tagAccuracy: number;
      readonly count: number;
    };

/** What each tag is worth by itself, at the threshold of its own. */
export interface TagReport {
  readonly threshold: number;
  readonly f2: number;
  readonly precision: number;
  readonly recall: number;
  /** Pictures that have the tag. */
  readonly support: number;
}

/** What the network said about one validation picture that may have several tags. */
export interface TagPrediction {
  readonly pictureId: number;
  readonly trueTags: readonly number[];
  /** At the one threshold of the result. */
  readonly predictedTags: readonly number[];
  /** Of each class, 0..1. */
  readonly probabilities: Float32Array;
  /** Mean binary cross-entropy over the classes. */
  readonly loss: number;
}

/** How much of a layer group would learn. */
export interface GroupLearning {
  /** 'the early layers' */
  readonly title: string;
  readonly learningCount: number;
  readonly parameterCount: number;
}

/** A model that is kept in the page by name until it is closed. */
export interface KeptModel {
  readonly name: string;
  readonly imageSizePx: number;
  readonly sizeBytes: number;
}

/** What was kept of one cycle of a training. */
export interface SnapshotSummary {
  /** 0-based, as the lesson numbers its files; the page counts from 1. */
  readonly cycle: number;
  /** 0-based, of its last epoch. */
  readonly epoch: number;
  /** '224_all_cyc_1' */
  readonly name: string;
  /** Null where nothing validates. */
  readonly result: { readonly score: ResultScore; readonly logLoss: number } | null;
  /** False where its weights were let go: it can be averaged, not gone on from. */
  readonly hasWeights: boolean;
  /** Whether the step's own average has it. */
  readonly isAveraged: boolean;
}

/** What each class is worth by itself. */
export interface ClassReport {
  /** Share of the items predicted as this class that are of it, 0..1; 0 where none was predicted, as scikit-learn's. */
  readonly precision: number;
  /** Share of this class's items that were found, 0..1; 0 where it has none. */
  readonly recall: number;
  readonly f1: number;
  /** Items of this class. */
  readonly support: number;
  /** Wilson's; null where the share is of nothing. */
  readonly precisionInterval: AccuracyInterval | null;
  readonly recallInterval: AccuracyInterval | null;
}

export type DiagnosisKind =
  | 'tooEarly'
  | 'diverged'
  | 'overfitting'
  | 'underfitting'
  /** Train loss falls, valid loss stays level and is not above train loss. */
  | 'notImproving'
  | 'rightTrack';

export type NextStep = 'trainLonger' | 'findRateAgain' | 'longerCycles' | 'augment' | 'unfreeze' | 'stopHere';

export interface FitDiagnosis {
  readonly kind: DiagnosisKind;
  /** The finding with the run's own numbers, and the next step in words. */
  readonly sentence: string;
  readonly nextStep: NextStep;
}

export type SuggestionRule = 'minimumDividedBy10' | 'steepest' | 'valley' | 'slide';

export interface LearningRateSuggestion {
  readonly rule: SuggestionRule;
  /** The rate to train with. */
  readonly learningRate: number;
  /** Where the mark is drawn on the curve (the minimum itself for the lecture's rule). */
  readonly markedLearningRate: number;
  readonly label: string;
  /** True for the one that an automatic run takes. */
  readonly isRecommended: boolean;
}

export type FinderZoneKind = 'tooSmall' | 'good' | 'nearEdge' | 'diverging';

/** A stretch of a finder's curve that is read alike. */
export interface FinderZone {
  readonly kind: FinderZoneKind;
  readonly fromRate: number;
  /** Where the next zone begins, or the sweep ended. */
  readonly toRate: number;
}

export type FinderEnd = 'finished' | 'diverged' | 'stopped';

/** Counts of [true class][predicted class]. */
export interface ConfusionMatrix {
  readonly classes: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** What the network said about one validation picture. */
export interface PicturePrediction {
  readonly pictureId: number;
  readonly trueClassIndex: number;
  readonly predictedClassIndex: number;
  /** Probability of the predicted class. */
  readonly probability: number;
  /** Probability of the true class. */
  readonly trueProbability: number;
}

/** Pictures of one class, by id, in the order in which they are shown. */
export interface ClassGallery {
  readonly mostCorrect: readonly number[];
  readonly mostIncorrect: readonly number[];
  readonly mostUncertain: readonly number[];
}

/** Validation pictures worth a look, by id, in the order in which they are shown. */
export interface Galleries {
  /** One for each class. */
  readonly classes: readonly ClassGallery[];
  readonly topLosses: readonly { readonly pictureId: number; readonly loss: number }[];
  readonly mostUncertain: readonly number[];
  readonly randomCorrect: readonly number[];
  readonly randomIncorrect: readonly number[];
}
