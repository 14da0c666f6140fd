// The setting of a training that repeats pictures of rare classes, and the training set that it means. Validation never changes.

import type { OptionSpec } from '../../protocol/recipe.ts';
import type { SplitActivations } from '../activations/activationCache.ts';
import { oversample } from '../data/oversample.ts';
import type { LabelledPictures } from '../learner/pictureData.ts';
import type { StepContext } from './stepContext.ts';

export const BALANCE_OPTION: OptionSpec = {
  kind: 'toggle',
  id: 'repeatRareClasses',
  label: 'Repeat rare classes',
  help: 'Shows training pictures of rare classes several times an epoch, until every class is seen as often as the largest.',
  default: false,
};

/** The rows of a training set in their order, each as often as an epoch shows it. A finder has no such setting: once each. */
function rowsOf({ settings, seed }: Pick<StepContext, 'settings' | 'seed'>, labels: Int32Array): number[] {
  const rows = Array.from(labels, (classIndex, id) => ({ id, split: 'train' as const, classIndex }));
  return settings[BALANCE_OPTION.id] === true ? oversample(rows, seed) : rows.map(({ id }) => id);
}

export function balancePictures(
  context: Pick<StepContext, 'settings' | 'seed'>,
  { ids, labels }: LabelledPictures,
): LabelledPictures {
  const rows = rowsOf(context, labels);
  return {
    ids: rows.map((row) => ids[row] as number),
    labels: Int32Array.from(rows, (row) => labels[row] as number),
  };
}

export function balanceFeatures(
  context: Pick<StepContext, 'settings' | 'seed'>,
  { features, labels }: Pick<SplitActivations, 'features' | 'labels'>,
  featureCount: number,
): Pick<SplitActivations, 'features' | 'labels'> {
  const rows = rowsOf(context, labels);
  if (rows.length === labels.length) return { features, labels };
  const repeated = new Float32Array(rows.length * featureCount);
  rows.forEach((row, place) => {
    repeated.set(features.subarray(row * featureCount, (row + 1) * featureCount), place * featureCount);
  });
  return { features: repeated, labels: Int32Array.from(rows, (row) => labels[row] as number) };
}
