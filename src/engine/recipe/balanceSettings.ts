// The setting of a training that repeats pictures of rare classes, and the training set that it means. Validation never changes.

import { EngineError } from '../../protocol/errors.ts';
import type { OptionSpec } from '../../protocol/recipe.ts';
import type { SplitActivations } from '../activations/activationCache.ts';
import { oversample } from '../data/oversample.ts';
import { countItems, pickTargets, type Targets } from '../data/targets.ts';
import type { LabelledPictures } from '../learner/pictureData.ts';
import type { StepContext } from './stepContext.ts';

export const BALANCE_OPTION: OptionSpec = {
  kind: 'toggle',
  id: 'repeatRareClasses',
  label: 'Repeat rare classes',
  help: 'Shows training pictures of rare classes several times an epoch, until every class is seen as often as the largest.',
  default: false,
};

/**
 * The rows of a training set in their order, each as often as an epoch shows it. A finder has no such setting: once each.
 * Throws EngineError 'settingInvalid' for tags: a picture that is repeated for a rare one brings its common ones along.
 */
function rowsOf({ settings, seed }: Pick<StepContext, 'settings' | 'seed'>, targets: Targets): number[] {
  if (settings[BALANCE_OPTION.id] !== true) return Array.from({ length: countItems(targets) }, (_, row) => row);
  if (targets.kind === 'tags') {
    throw new EngineError(
      'settingInvalid',
      `“${BALANCE_OPTION.label}” is for pictures of one class each: a picture repeated for a rare tag would bring its common ones along. Nothing was run. Switch it off.`,
    );
  }
  return oversample(targets.values, seed);
}

export function balancePictures(
  context: Pick<StepContext, 'settings' | 'seed'>,
  { ids, targets }: LabelledPictures,
): LabelledPictures {
  const rows = rowsOf(context, targets);
  return { ids: rows.map((row) => ids[row] as number), targets: pickTargets(targets, rows) };
}

export function balanceFeatures(
  context: Pick<StepContext, 'settings' | 'seed'>,
  { features, targets }: Pick<SplitActivations, 'features' | 'targets'>,
  featureCount: number,
): Pick<SplitActivations, 'features' | 'targets'> {
  const rows = rowsOf(context, targets);
  if (rows.length === countItems(targets)) return { features, targets };
  const repeated = new Float32Array(rows.length * featureCount);
  rows.forEach((row, place) => {
    repeated.set(features.subarray(row * featureCount, (row + 1) * featureCount), place * featureCount);
  });
  return { features: repeated, targets: pickTargets(targets, rows) };
}
