// What the engine says that a step would do with the settings as they are typed, a moment after they are.

import { useEffect, useState } from 'react';
import { EngineError } from '../../protocol/errors.ts';
import type { RecipeStep, SettingValues } from '../../protocol/recipe.ts';
import { useStudio } from '../store/studio.ts';
import { askLater } from './askLater.ts';

/** Long enough for a number of several digits to be typed. */
const waitMs = 250;

export interface Preview<Answer> {
  readonly answer: Answer | null;
  /** The engine's sentence where the settings cannot run. */
  readonly problem: string | null;
}

/**
 * @param values the step's settings; with null the last answer stays.
 * @param ask one of the actions: the same function at every rendering.
 */
export function usePreview<Answer>(
  { id: stepId }: RecipeStep,
  values: SettingValues | null,
  ask: (stepId: string, settings: SettingValues) => Promise<Answer | null>,
): Preview<Answer> {
  const dataset = useStudio((state) => state.dataset);
  const isReady = useStudio((state) => state.engine === 'ready');
  const runningStepId = useStudio((state) => state.runningStepId);
  const [preview, setPreview] = useState<Preview<Answer> & { readonly stepId: string }>({
    answer: null,
    problem: null,
    stepId,
  });
  const wanted = values && JSON.stringify(values);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other pictures, or what a step has changed, have other answers.
  useEffect(() => {
    if (wanted === null || !isReady) return;
    const askForPreview = () =>
      ask(stepId, JSON.parse(wanted)).then(
        (answer) => ({ answer, problem: null }),
        (thrown: unknown) => ({ answer: null, problem: thrown instanceof EngineError ? thrown.message : null }),
      );
    return askLater(waitMs, askForPreview, (next) => setPreview({ ...next, stepId }));
  }, [ask, stepId, wanted, isReady, dataset, runningStepId]);
  return preview.stepId === stepId ? preview : { answer: null, problem: null };
}
