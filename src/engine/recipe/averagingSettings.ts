// The settings of a training that say which weights it ends with: the last ones, those of the best epoch, or a mean over epochs.

import { EngineError } from '../../protocol/errors.ts';
import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import { countEpochs } from './scheduleSettings.ts';
import { choiceSetting, numberSetting } from './settings.ts';

export const KEPT_WEIGHTS_OPTIONS: readonly OptionSpec[] = [
  {
    kind: 'toggle',
    id: 'averagesWeights',
    label: 'Average the weights',
    help: 'The mean of the weights after several epochs often suits new pictures better than the last ones (stochastic weight averaging). Its result comes beside the plain one.',
    default: false,
  },
  {
    kind: 'number',
    id: 'averagedFrom',
    label: 'Averaged from epoch',
    help: 'The first epoch, as the table counts them, whose weights are in the mean; all later ones are, too.',
    default: 0,
    min: 0,
    max: 9999,
    isInteger: true,
    scale: 'linear',
    onlyWhen: { optionId: 'averagesWeights', isOneOf: [true] },
  },
  {
    kind: 'choice',
    id: 'keptWeights',
    label: 'Weights kept',
    help: 'The best epoch is chosen by the validation pictures, so its accuracy on them flatters a little.',
    default: 'last',
    choices: [
      { value: 'last', label: 'of the last epoch' },
      { value: 'best', label: 'of the most accurate epoch' },
      { value: 'averaged', label: 'averaged' },
    ],
  },
];

export interface ChosenAveraging {
  /** 0-based; null where nothing is averaged. */
  readonly firstEpoch: number | null;
  readonly kept: 'last' | 'best' | 'averaged';
}

/** Throws EngineError 'settingInvalid' where the choices leave nothing to keep or to average. */
export function averagingSettings(settings: SettingValues): ChosenAveraging {
  // The setting was checked against its choices.
  const kept = choiceSetting(settings, 'keptWeights') as ChosenAveraging['kept'];
  if (settings.averagesWeights !== true) {
    if (kept !== 'averaged') return { firstEpoch: null, kept };
    throw new EngineError(
      'settingInvalid',
      'Averaged weights are to be kept, but none are averaged. Nothing was run; switch “Average the weights” on, or keep others.',
    );
  }
  const firstEpoch = numberSetting(settings, 'averagedFrom');
  const last = countEpochs(settings) - 1;
  if (firstEpoch <= last) return { firstEpoch, kept };
  throw new EngineError(
    'settingInvalid',
    `Weights are to be averaged from epoch ${firstEpoch} on, but the last epoch is ${last}. Nothing was run; begin earlier or train longer.`,
  );
}
