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

export type SuggestionRule = 'minimumDividedBy10' | 'valley';

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
