// Settings of a step, checked against its options before anything runs.

import { EngineError } from '../../protocol/errors.ts';
import type { OptionSpec, RecipeStep, SettingValue, SettingValues } from '../../protocol/recipe.ts';

/** Every option of the step with a value: the given one, else its default. Throws EngineError 'settingInvalid'. */
export function completeSettings(step: RecipeStep, given: SettingValues): SettingValues {
  const known = new Set(step.options.map((option) => option.id));
  const stranger = Object.keys(given).find((id) => !known.has(id));
  if (stranger !== undefined) {
    throw new EngineError('settingInvalid', `“${step.title}” has no setting called “${stranger}”. Nothing was run.`);
  }
  return Object.fromEntries(
    step.options.map((option) => [option.id, check(option, given[option.id] ?? option.default)]),
  );
}

function check(option: OptionSpec, value: SettingValue): SettingValue {
  if (option.kind === 'number') {
    const isNumber =
      typeof value === 'number' && Number.isFinite(value) && (!option.isInteger || Number.isInteger(value));
    if (isNumber && value >= option.min && value <= option.max) return value;
    const whole = option.isInteger ? 'a whole number' : 'a number';
    throw invalid(option, value, `${whole} from ${option.min} to ${option.max}`);
  }
  if (option.kind === 'choice') {
    // Which networks there are is known where their weights are read, and told there.
    if (option.choosesNetwork && typeof value === 'string') return value;
    if (option.choices.some((choice) => choice.value === value)) return value;
    throw invalid(option, value, option.choices.map((choice) => choice.value).join(' or '));
  }
  if (typeof value === 'boolean') return value;
  throw invalid(option, value, 'on or off');
}

function invalid(option: OptionSpec, value: SettingValue, allowed: string): EngineError {
  return new EngineError(
    'settingInvalid',
    `“${option.label}” takes ${allowed}, not ${String(value)}. Nothing was run; change it and run the step again.`,
  );
}

/** Reads a checked number setting. */
export function numberSetting(settings: SettingValues, id: string): number {
  const value = settings[id];
  if (typeof value !== 'number') throw new RangeError(`The setting ${id} is not a number.`);
  return value;
}

/** Reads a checked choice setting. */
export function choiceSetting(settings: SettingValues, id: string): string {
  const value = settings[id];
  if (typeof value !== 'string') throw new RangeError(`The setting ${id} is not a choice.`);
  return value;
}
