// The line under a step's settings: what it would need of the device's memory, asked of the engine a moment after the last change and
// never while a step runs.

import { useEffect, useRef, useState } from 'react';
import type { StepEstimate } from '../../protocol/memory.ts';
import type { RecipeStep } from '../../protocol/recipe.ts';
import { useEventLog } from '../store/eventLog.ts';
import { readSettings } from '../store/optionValues.ts';
import { useSettings } from '../store/settings.ts';
import { useStudio } from '../store/studio.ts';
import { useActions } from './actionsContext.ts';
import { askLater } from './askLater.ts';

/** A number is typed digit by digit; only the last one is worth a count. */
const typingMs = 400;
/** Every step that puts pictures through a network has it. */
const batchOptionId = 'batchSize';

export function StepMemory({ step }: { step: RecipeStep }) {
  const estimate = useEstimate(step);
  const isReplay = useStudio((state) => state.engine === 'replay');
  // A step that never computes anything has no size that could be too large.
  if (isReplay || !step.options.some(({ id }) => id === batchOptionId)) return null;
  const fits = estimate?.fits ?? true;
  return (
    <p
      className={fits ? 'stepMemory numbers muted' : 'stepMemory numbers fieldProblem'}
      data-testid="step-memory"
      data-fits={fits}
      aria-live={fits ? 'off' : 'polite'}
    >
      {estimate?.sentence}
    </p>
  );
}

/** Null until the engine has answered, and where it cannot. */
function useEstimate(step: RecipeStep): StepEstimate | null {
  const actions = useActions();
  const typed = useSettings((state) => state.valuesByStep[step.id]);
  const isReady = useStudio((state) => state.engine === 'ready' && state.runningStepId === null);
  const dataset = useStudio((state) => state.dataset);
  const backend = useStudio((state) => state.backend);
  // What an earlier step has chosen or unfrozen counts, too.
  const endCount = useEventLog((log) => log.stepRuns.filter((run) => run.byType.stepEnded.length > 0).length);
  const [estimate, setEstimate] = useState<StepEstimate | null>(null);
  const isFirst = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the engine's answer depends on all of these, though only some are sent.
  useEffect(() => {
    const { values, problems } = readSettings(step.options, typed);
    if (Object.keys(problems).length > 0) setEstimate(null);
    if (!isReady || Object.keys(problems).length > 0) return;
    const waitMs = isFirst.current ? 0 : typingMs;
    isFirst.current = false;
    return askLater(waitMs, () => actions.estimateStep(step.id, values), setEstimate);
  }, [actions, step, typed, isReady, dataset, backend, endCount]);
  return estimate;
}
