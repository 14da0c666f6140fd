// What the network said about validation pictures that may have several tags: how good it is with one threshold for all, with one for
// each tag, which tags go together, and picture by picture.

import type { ResultScore, TagPrediction, TagReport } from '../../protocol/training.ts';
import type { TargetsOf } from '../data/targets.ts';
import { classIndicesOf } from '../data/targets.ts';
import { itemBinaryCrossEntropies } from '../metrics/binaryCrossEntropy.ts';
import { reportClasses } from '../metrics/classReport.ts';
import { meanItemFBeta } from '../metrics/fBeta.ts';
import { countClassHits } from '../metrics/hitCounts.ts';
import { predictTags, tagAccuracy } from '../metrics/predictTags.ts';
import { tuneClassThresholds, tuneThreshold } from '../metrics/tuneThresholds.ts';
import { countCooccurrences } from './tagCooccurrence.ts';

export interface JudgedTags {
  /** [picture, class] of independent classes. */
  readonly probabilities: Float32Array;
  readonly targets: TargetsOf<'tags'>;
  /** Id of each picture. */
  readonly pictureIds: readonly number[];
}

export type TagScore = Extract<ResultScore, { readonly kind: 'f2' }>;

export interface TagJudgement {
  readonly score: TagScore;
  /** One for each class, at its own threshold. */
  readonly reports: readonly TagReport[];
  /** counts[true tag][predicted tag] at the one threshold. */
  readonly cooccurrences: readonly (readonly number[])[];
  readonly predictions: readonly TagPrediction[];
}

const BETA = 2;
/** As the lesson's accuracy_thresh. */
const EVEN_ODDS = 0.5;

export function judgeTags({ probabilities, targets, pictureIds }: JudgedTags): TagJudgement {
  const { values: truth, classCount } = targets;
  const items = { probabilities, truth, classCount };
  const { threshold, tunedScore } = tuneThreshold(items);
  const perClass = tuneClassThresholds(items, { fallback: threshold });
  const classThresholds = perClass.map((tuned) => tuned.threshold);
  const ownTags = predictTags(probabilities, classThresholds);
  const predicted = predictTags(probabilities, threshold);
  return {
    score: {
      kind: 'f2',
      f2: tunedScore,
      threshold,
      f2AtClassThresholds: meanItemFBeta(ownTags, truth, classCount, BETA),
      tagAccuracy: tagAccuracy(predictTags(probabilities, EVEN_ODDS), truth),
      count: pictureIds.length,
    },
    reports: reportClasses(countClassHits(ownTags, truth, classCount)).map(
      ({ precision, recall, support }, classIndex): TagReport => {
        const tuned = perClass[classIndex] as (typeof perClass)[number];
        return { threshold: tuned.threshold, f2: tuned.tunedScore, precision, recall, support };
      },
    ),
    cooccurrences: countCooccurrences(truth, predicted, classCount),
    predictions: describePictures({ probabilities, targets, pictureIds }, predicted),
  };
}

function describePictures(
  { probabilities, targets, pictureIds }: JudgedTags,
  predicted: Float32Array,
): TagPrediction[] {
  const { values, classCount } = targets;
  const losses = itemBinaryCrossEntropies(probabilities, values, classCount);
  const trueTags = classIndicesOf(targets);
  const predictedTags = classIndicesOf({ ...targets, values: predicted });
  return pictureIds.map((pictureId, item) => ({
    pictureId,
    trueTags: trueTags[item] as number[],
    predictedTags: predictedTags[item] as number[],
    probabilities: probabilities.slice(item * classCount, (item + 1) * classCount),
    loss: losses[item] as number,
  }));
}
