// The setting of a training for classes of unequal size, and what it means: the training set with rare pictures repeated, or how
// much each class counts in the loss. Validation never changes.

import { EngineError } from '../../protocol/errors.ts';
import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import type { SplitActivations } from '../activations/activationCache.ts';
import { balancedClassWeights } from '../data/classWeights.ts';
import { oversample } from '../data/oversample.ts';
import { countItems, pickTargets, type Targets, type TargetsOf } from '../data/targets.ts';
import type { NetworkOptions } from '../executors/executor.ts';
import type { LabelledPictures } from '../learner/pictureData.ts';
import type { StepContext } from './stepContext.ts';

type BalanceContext = Pick<StepContext, 'settings' | 'seed'>;

export const BALANCE_OPTION: OptionSpec = {
  kind: 'choice',
  id: 'rareClasses',
  label: 'Rare classes',
  help: 'Repeated, their pictures are shown until each class is seen as often as the largest: an epoch takes longer. Weighed, each picture pulls harder: an epoch takes no longer. Train loss then counts rare classes more than valid loss does.',
  default: 'asTheyAre',
  choices: [
    { value: 'asTheyAre', label: 'as they are' },
    { value: 'repeat', label: 'repeat their pictures' },
    { value: 'weigh', label: 'weigh them more in the loss' },
  ],
};

/**
 * The targets to balance in this way, or null where another is chosen. A finder has no such setting and balances nothing.
 * Throws EngineError 'settingInvalid' for tags: a picture with a rare one has common ones too.
 */
function targetsToBalance(
  way: 'repeat' | 'weigh',
  { settings }: BalanceContext,
  targets: Targets,
): TargetsOf<'oneClass'> | null {
  if (settings[BALANCE_OPTION.id] !== way) return null;
  if (targets.kind === 'oneClass') return targets;
  throw new EngineError(
    'settingInvalid',
    `“${BALANCE_OPTION.label}” is for pictures of one class each: to ${way} a picture for a rare tag would bring its common ones along. Nothing was run. Leave them as they are.`,
  );
}

/** Whether train loss counts rare classes more than valid loss does. */
export function isBalanced({ settings }: BalanceContext): boolean {
  return settings[BALANCE_OPTION.id] === 'repeat' || settings[BALANCE_OPTION.id] === 'weigh';
}

/** The rows of a training set in their order, each as often as an epoch shows it. */
function rowsOf(context: BalanceContext, targets: Targets): number[] {
  const repeated = targetsToBalance('repeat', context, targets);
  return repeated
    ? oversample(repeated.values, context.seed)
    : Array.from({ length: countItems(targets) }, (_, row) => row);
}

/** How many items an epoch of these has. It does not depend on the seed, which only draws who is repeated. */
export function countRows(settings: SettingValues, targets: Targets): number {
  return rowsOf({ settings, seed: 0 }, targets).length;
}

export function balancePictures(context: BalanceContext, { ids, targets }: LabelledPictures): LabelledPictures {
  const rows = rowsOf(context, targets);
  return { ids: rows.map((row) => ids[row] as number), targets: pickTargets(targets, rows) };
}

export function balanceFeatures(
  context: BalanceContext,
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

/** What a network that trains on these targets is told about its loss: nothing unless classes are to be weighed. */
export function balanceLoss(context: BalanceContext, targets: Targets): Pick<NetworkOptions, 'classWeights'> {
  const weighed = targetsToBalance('weigh', context, targets);
  if (!weighed) return {};
  const counts = new Array<number>(weighed.classCount).fill(0);
  for (const classIndex of weighed.values) counts[classIndex] = (counts[classIndex] as number) + 1;
  return { classWeights: Float32Array.from(balancedClassWeights(counts)) };
}
