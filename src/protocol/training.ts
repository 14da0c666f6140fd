// The nouns of training: rows, curves, matrices. All structured-cloneable.

/** One line of the loss table, as in the lesson: `epoch, train loss, valid loss, accuracy`. */
export interface EpochRow {
  /** 0-based, as the lesson prints it. */
  readonly epoch: number;
  /** Debiased moving average (0.98) of the training loss at the epoch's last batch. */
  readonly trainLoss: number;
  /** Mean over the validation pictures. */
  readonly validLoss: number;
  /** Share of validation pictures whose largest probability is the true class, 0..1. */
  readonly accuracy: number;
}

/** An estimate with its 95 % Wilson score interval, all in 0..1. */
export interface AccuracyInterval {
  readonly accuracy: number;
  readonly low: number;
  readonly high: number;
  readonly correctCount: number;
  readonly count: number;
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
