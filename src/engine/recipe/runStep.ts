// Runs one step of a recipe and tells its beginning and its end, whatever the end is.

import { EngineError, toEngineErrorData } from '../../protocol/errors.ts';
import type { Recipe, RecipeStep } from '../../protocol/recipe.ts';
import { ACTIONS } from './actions.ts';
import { completeSettings } from './settings.ts';
import type { StepContext, StepResult } from './stepContext.ts';
import { RECIPES } from './steps.ts';

/** Throws EngineError 'settingInvalid' for an unknown recipe. */
export function findRecipe(recipeId: string): Recipe {
  const recipe = RECIPES.find((candidate) => candidate.id === recipeId);
  if (recipe) return recipe;
  throw new EngineError('settingInvalid', `There is no recipe “${recipeId}”. Nothing was run.`);
}

/** Throws EngineError 'settingInvalid' for an unknown recipe or step. */
export function findStep(recipeId: string, stepId: string): RecipeStep {
  const step = findRecipe(recipeId).steps.find((candidate) => candidate.id === stepId);
  if (step) return step;
  throw new EngineError('settingInvalid', `There is no step “${stepId}” in a recipe “${recipeId}”. Nothing was run.`);
}

/**
 * A step that fails still answers: outcome 'failed', the state as it was, and the error in its stepEnded event.
 * Settings that are not valid throw before anything is told.
 */
export async function runStep(step: RecipeStep, given: StepContext): Promise<StepResult> {
  const context = { ...given, settings: completeSettings(step, given.settings) };
  const { stepId, emit, platform, executor } = context;
  executor.takePeakBytes();
  const startedMs = platform.clock.nowMs() - (context.resumeFrom?.elapsedMs ?? 0);
  if (!context.resumeFrom) emit({ type: 'stepStarted', stepId, settings: context.settings, seed: context.seed });
  const result = await ACTIONS[step.verb](context).catch((thrown: unknown): StepResult => {
    const error = toEngineErrorData(thrown);
    return { outcome: 'failed', state: given.state, reading: error.sentence, imagesPerSecond: null, error };
  });
  emit({
    type: 'stepEnded',
    stepId,
    outcome: result.outcome,
    elapsedMs: Math.round(platform.clock.nowMs() - startedMs),
    imagesPerSecond: result.imagesPerSecond,
    memoryBytes: executor.takePeakBytes(),
    reading: result.reading,
    error: result.error ?? null,
  });
  return result;
}
