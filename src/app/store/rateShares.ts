// The rates of layer groups as the options of a step divide them, and the rate that they are shares of.

import type { OptionSpec, Recipe, RecipeStep } from '../../protocol/recipe.ts';
import { type EventLog, lastOf } from './eventLog.ts';
import { rateOptionId, recommendedOf } from './finder.ts';
import { readOption, readSettings } from './optionValues.ts';
import type { SettingsState, TypedValues } from './settings.ts';

export type RateDivisor = Extract<OptionSpec, { kind: 'number' }> & {
  readonly dividesRate: { readonly group: string; readonly behind: string };
};

export function divisorsOf(options: readonly OptionSpec[]): readonly RateDivisor[] {
  return options.filter(
    (option): option is RateDivisor => option.kind === 'number' && option.dividesRate !== undefined,
  );
}

export interface GroupRate {
  readonly group: string;
  /** Of the rate of the group next to the result. */
  readonly share: number;
}

/** From the group next to the result to that next to the pixels. */
export function groupRates(divisors: readonly RateDivisor[], typed: TypedValues | undefined): readonly GroupRate[] {
  const { values } = readSettings(divisors, typed);
  const groups: GroupRate[] = divisors.slice(0, 1).map(({ dividesRate }) => ({ group: dividesRate.behind, share: 1 }));
  for (const { id, dividesRate } of divisors) {
    groups.push({ group: dividesRate.group, share: (lastOf(groups)?.share ?? 1) / Number(values[id]) });
  }
  return groups;
}

/** What one group's rate is divided by for the next, on average: the geometric mean of the divisors. */
export function meanDivisor(groups: readonly GroupRate[]): number {
  return (1 / (lastOf(groups)?.share ?? 1)) ** (1 / Math.max(1, groups.length - 1));
}

/** Every divisor multiplied alike, so that their mean is `mean` and their ratios stay; rounded as they are shown. */
export function scaleDivisors(
  divisors: readonly RateDivisor[],
  typed: TypedValues | undefined,
  mean: number,
): Readonly<Record<string, number>> {
  const factor = mean / meanDivisor(groupRates(divisors, typed));
  const { values } = readSettings(divisors, typed);
  return Object.fromEntries(
    divisors.map(({ id, min, max }) => {
      const scaled = Number((Number(values[id]) * factor).toPrecision(2));
      return [id, Math.min(max, Math.max(min, scaled))];
    }),
  );
}

export interface WholeRate {
  readonly rate: number;
  /** Where it comes from: 'set in step 8', 'suggested in step 7', 'step 8’s own'. */
  readonly origin: string;
}

/** The rate that the shares are of: as it is typed into the next step that has one, else the newest suggestion. */
export function wholeRate(
  recipe: Recipe,
  step: RecipeStep,
  { valuesByStep }: Pick<SettingsState, 'valuesByStep'>,
  log: EventLog,
): WholeRate | null {
  const behind = recipe.steps.slice(recipe.steps.indexOf(step) + 1);
  const receiver = behind.find(({ options }) => options.some(({ id }) => id === rateOptionId));
  const option = receiver?.options.find(({ id }) => id === rateOptionId);
  if (!receiver || !option) return null;
  const typed = valuesByStep[receiver.id]?.[rateOptionId];
  const reading = readOption(option, typed);
  if (typed !== undefined && reading.isValid) {
    return { rate: Number(reading.value), origin: `set in step ${receiver.number}` };
  }
  const run = log.stepRuns.findLast(({ byType }) => byType.lrSuggested.length > 0);
  const suggested = recommendedOf((run && lastOf(run.byType.lrSuggested)?.suggestions) ?? []);
  const finder = recipe.steps.find(({ id }) => id === run?.stepId);
  if (suggested && finder) return { rate: suggested.learningRate, origin: `suggested in step ${finder.number}` };
  return { rate: Number(option.default), origin: `step ${receiver.number}’s own` };
}
