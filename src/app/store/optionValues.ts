// Reads what was typed into a step's settings against their OptionSpec: a value, or a sentence that says what is allowed.

import type { OptionSpec, SettingValue, SettingValues } from '../../protocol/recipe.ts';
import { formatCount, formatRate } from '../ui/formatNumbers.ts';
import type { TypedValues } from './settings.ts';

export type OptionReading =
  | { readonly isValid: true; readonly value: SettingValue }
  | { readonly isValid: false; readonly problem: string };

function showBound(bound: number, spec: Extract<OptionSpec, { kind: 'number' }>): string {
  if (spec.scale === 'log' && !spec.isInteger) return formatRate(bound);
  return spec.isInteger ? formatCount(bound) : String(bound);
}

/** @returns the range in a sentence: "A whole number from 32 to 512." */
export function describeRange(spec: Extract<OptionSpec, { kind: 'number' }>): string {
  const unit = spec.unit ? ` ${spec.unit}` : '';
  return `${spec.isInteger ? 'A whole number' : 'A number'} from ${showBound(spec.min, spec)} to ${showBound(spec.max, spec)}${unit}.`;
}

/** Checks one typed value. */
export function readOption(spec: OptionSpec, typed: SettingValue | undefined): OptionReading {
  if (typed === undefined) return { isValid: true, value: spec.default };
  if (spec.kind === 'toggle') return { isValid: true, value: typed === true };
  if (spec.kind === 'choice') {
    const isKnown = spec.choices.some((choice) => choice.value === typed);
    if (isKnown) return { isValid: true, value: typed };
    return { isValid: false, problem: `One of: ${spec.choices.map((choice) => choice.label).join(', ')}.` };
  }
  const text = String(typed).trim().replace(',', '.');
  const value = text === '' ? Number.NaN : Number(text);
  const isInRange = value >= spec.min && value <= spec.max;
  if (!isInRange || (spec.isInteger && !Number.isInteger(value)))
    return { isValid: false, problem: describeRange(spec) };
  return { isValid: true, value };
}

export interface SettingsReading {
  readonly values: SettingValues;
  /** By option id; empty when everything can run. */
  readonly problems: Readonly<Record<string, string>>;
}

/** Whether an option plays a part among these values: it waits for no other, or for one that plays a part and has the value. */
export function isInForce(spec: OptionSpec, options: readonly OptionSpec[], values: SettingValues): boolean {
  const { onlyWhen } = spec;
  if (!onlyWhen) return true;
  const other = options.find(({ id }) => id === onlyWhen.optionId);
  if (!other || !isInForce(other, options, values)) return false;
  return onlyWhen.isOneOf.includes(values[other.id] ?? other.default);
}

/** The options that play a part, in their order: what a form and a summary show. */
export function optionsInForce(options: readonly OptionSpec[], values: SettingValues): readonly OptionSpec[] {
  return options.filter((spec) => isInForce(spec, options, values));
}

/**
 * Checks all of a step's settings. An option with a problem keeps its default in `values`; where it plays no part, what was typed
 * into it is no problem.
 */
export function readSettings(options: readonly OptionSpec[], typed: TypedValues | undefined): SettingsReading {
  const values: Record<string, SettingValue> = {};
  const problems: Record<string, string> = {};
  for (const spec of options) {
    const reading = readOption(spec, typed?.[spec.id]);
    values[spec.id] = reading.isValid ? reading.value : spec.default;
    if (!reading.isValid) problems[spec.id] = reading.problem;
  }
  for (const spec of options) if (!isInForce(spec, options, values)) delete problems[spec.id];
  return { values, problems };
}

/** @returns a value as it stands in a field or in the summary. */
export function showOptionValue(spec: OptionSpec, value: SettingValue): string {
  if (spec.kind === 'toggle') return value ? 'on' : 'off';
  if (spec.kind === 'choice') return spec.choices.find((choice) => choice.value === value)?.label ?? String(value);
  if (typeof value === 'number' && spec.scale === 'log' && !spec.isInteger) return formatRate(value);
  return String(value);
}

/** A step's first options are what it is about; the others count once they are changed. */
const SUMMED_UP = 5;

/** @returns the summary of a step's settings: "learning rate 1e-2 · epochs 2 · batch 64 · 3 more as they come". */
export function summarizeSettings(options: readonly OptionSpec[], values: SettingValues): string {
  const inForce = optionsInForce(options, values);
  const readValue = (spec: OptionSpec) => values[spec.id] ?? spec.default;
  const isShown = (spec: OptionSpec, place: number) => place < SUMMED_UP || readValue(spec) !== spec.default;
  const shown = inForce.filter(isShown).map((spec) => {
    const unit = spec.kind === 'number' && spec.unit ? ` ${spec.unit}` : '';
    return `${spec.label.toLowerCase()} ${showOptionValue(spec, readValue(spec))}${unit}`;
  });
  const restCount = inForce.length - shown.length;
  return [...shown, ...(restCount > 0 ? [`${restCount} more as they come`] : [])].join(' · ');
}
