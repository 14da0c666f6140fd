// The side of the pictures that the network sees: which step sets it, what it is now, and what a person would go on with.

import type { OptionSpec, Recipe, RecipeStep, StepVerb } from '../../protocol/recipe.ts';
import { type EventLog, lastOf } from './eventLog.ts';

/** The one setting that every step which sets the size has. */
export const pictureSizeOptionId = 'imageSizePx';

export type NumberOption = Extract<OptionSpec, { kind: 'number' }>;

export interface SizeSetter {
  readonly step: RecipeStep;
  readonly option: NumberOption;
}

/** The first step of the recipe that sets the size; null when none does. */
export function findSizeSetter({ steps }: Recipe): SizeSetter | null {
  for (const step of steps) {
    const option = step.options.find(({ id }) => id === pictureSizeOptionId);
    if (option?.kind === 'number') return { step, option };
  }
  return null;
}

/** A recipe with steps of its own for larger pictures needs no button for them. */
const GROWING: StepVerb = 'changeSize';

export function growsByItself({ steps }: Recipe): boolean {
  return steps.some(({ verb }) => verb === GROWING);
}

/**
 * In pixels, of the newest finished step that set it, or of a model that was opened since; null before any.
 * @param firstValidRun older runs are of an engine that is gone
 */
export function sizeInForce(log: EventLog, firstValidRun: number): number | null {
  const run = log.stepRuns
    .slice(firstValidRun)
    .findLast(
      ({ started, byType }) =>
        typeof started.settings[pictureSizeOptionId] === 'number' && lastOf(byType.stepEnded)?.outcome === 'done',
    );
  if (!run) return null;
  const told = lastOf(log.networkInputs);
  const endedAtMs = lastOf(run.byType.stepEnded)?.atMs ?? 0;
  return told && told.atMs > endedAtMs ? told.imageSizePx : Number(run.started.settings[pictureSizeOptionId]);
}

/** Sizes in pixels that networks are trained at and lessons go on with. */
const USUAL_SIZES = [64, 96, 128, 160, 224, 299, 384] as const;

/** The next larger usual size; beyond them the largest that the setting takes. */
export function proposeLargerSize(currentPx: number, { max }: NumberOption): number {
  return Math.min(USUAL_SIZES.find((sizePx) => sizePx > currentPx) ?? max, max);
}

/** Of a training or a finder: where its weights begin, and the choice that goes on with what is trained. */
const START = { optionId: 'startFrom', goOn: 'trainedLayers' } as const;

interface OptionValue {
  readonly stepId: string;
  readonly optionId: string;
  readonly value: string;
}

/** The settings that make every step of a recipe go on from what is trained so far. */
export function optionsToGoOn({ steps }: Recipe): readonly OptionValue[] {
  return steps.flatMap(({ id, options }) =>
    options
      .filter((option) => option.id === START.optionId && option.kind === 'choice')
      .map((option) => ({ stepId: id, optionId: option.id, value: START.goOn })),
  );
}
