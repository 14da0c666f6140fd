// Where every step stands, for the panels that draw it: one query over the log and the studio's state.

import type { RecipeStep } from '../../protocol/recipe.ts';
import { useEventLog } from '../store/eventLog.ts';
import {
  holdsTestPictures,
  isAllDone,
  lacksPictures,
  nextStep,
  type StepState,
  stepState,
  whyNotRunnable,
} from '../store/stepStates.ts';
import { currentRecipe, learnsFromAll, useStudio } from '../store/studio.ts';

const noSteps: readonly RecipeStep[] = [];

export interface SituationView {
  readonly steps: readonly RecipeStep[];
  readonly states: readonly StepState[];
  readonly whyNotById: Readonly<Record<string, string | null>>;
  readonly next: RecipeStep | null;
  /** Every step that has something to work on is done. */
  readonly isAllDone: boolean;
  /** Steps that have nothing to work on. */
  readonly idsWithoutPictures: readonly string[];
}

export function useSituation(): SituationView {
  const recipe = useStudio(currentRecipe);
  const runningStepId = useStudio((state) => state.runningStepId);
  const hasDataset = useStudio((state) => state.dataset !== null);
  const hasValidation = !useStudio(learnsFromAll);
  const hasTestPictures = useStudio((state) => holdsTestPictures(state.dataset));
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const steps = recipe?.steps ?? noSteps;
  const answers = useEventLog((log) => {
    if (!recipe) return [];
    const situation = { recipe, log, runningStepId, hasDataset, hasValidation, hasTestPictures, firstValidRun };
    const reasons = steps.map((step) => whyNotRunnable(step, situation));
    const states = steps.map((step) => stepState(step, situation));
    return [nextStep(situation), isAllDone(situation), ...states, ...reasons];
  });
  // The query above lays its answers out flat, so that they can be compared one by one.
  const states = answers.slice(2, 2 + steps.length) as readonly StepState[];
  const reasons = answers.slice(2 + steps.length) as readonly (string | null)[];
  return {
    steps,
    states,
    whyNotById: Object.fromEntries(steps.map((step, index) => [step.id, reasons[index] ?? null])),
    next: (answers[0] ?? null) as RecipeStep | null,
    isAllDone: answers[1] === true,
    idsWithoutPictures: steps
      .filter((step) => lacksPictures(step, { hasValidation, hasTestPictures }))
      .map(({ id }) => id),
  };
}
