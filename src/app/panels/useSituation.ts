// Where every step stands, for the panels that draw it: one query over the log and the studio's state.

import type { RecipeStep } from '../../protocol/recipe.ts';
import { useEventLog } from '../store/eventLog.ts';
import { lacksPictures, nextStep, type StepState, stepState, whyNotRunnable } from '../store/stepStates.ts';
import { currentRecipe, learnsFromAll, useStudio } from '../store/studio.ts';

const noSteps: readonly RecipeStep[] = [];

export interface SituationView {
  readonly steps: readonly RecipeStep[];
  readonly states: readonly StepState[];
  readonly whyNotById: Readonly<Record<string, string | null>>;
  readonly next: RecipeStep | null;
  /** Every step that has something to work on is done. */
  readonly isAllDone: boolean;
}

export function useSituation(): SituationView {
  const recipe = useStudio(currentRecipe);
  const runningStepId = useStudio((state) => state.runningStepId);
  const hasDataset = useStudio((state) => state.dataset !== null);
  const hasValidation = !useStudio(learnsFromAll);
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const steps = recipe?.steps ?? noSteps;
  const answers = useEventLog((log) => {
    if (!recipe) return [];
    const situation = { recipe, log, runningStepId, hasDataset, hasValidation, firstValidRun };
    const reasons = steps.map((step) => whyNotRunnable(step, situation));
    return [nextStep(situation), ...steps.map((step) => stepState(step, situation)), ...reasons];
  });
  // The query above lays its answers out flat, so that they can be compared one by one.
  const states = answers.slice(1, 1 + steps.length) as readonly StepState[];
  const reasons = answers.slice(1 + steps.length) as readonly (string | null)[];
  return {
    steps,
    states,
    whyNotById: Object.fromEntries(steps.map((step, index) => [step.id, reasons[index] ?? null])),
    next: (answers[0] ?? null) as RecipeStep | null,
    isAllDone:
      steps.length > 0 &&
      steps.every((step, index) => states[index] === 'done' || lacksPictures(step, { hasValidation })),
  };
}
