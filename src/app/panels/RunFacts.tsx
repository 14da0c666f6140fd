// What a run came from, so that it can be had again: its seed, its pictures, its settings; and a button that does it.

import type { RecipeStep } from '../../protocol/recipe.ts';
import { type StepRun, useEventLog } from '../store/eventLog.ts';
import { summarizeSettings } from '../store/optionValues.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { useActions } from './actionsContext.ts';

export function RunFacts({ run }: { run: StepRun }) {
  const actions = useActions();
  const fingerprint = useStudio((state) => state.dataset?.fingerprint);
  const recipe = useStudio(currentRecipe);
  const isReplay = useStudio((state) => state.engine === 'replay');
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const index = useEventLog((log) => log.stepRuns.indexOf(run));
  const step = recipe?.steps.find(({ id }) => id === run.stepId);
  if (!step) return null;
  const whyOff = isReplay
    ? 'This is a recorded run; there is no engine behind it.'
    : isRunning
      ? 'A step is running. Wait for it, or stop it.'
      : index < firstValidRun
        ? 'The engine was started again since, so what this run began from is gone.'
        : null;
  return (
    <details className="runFacts" data-testid="run-facts">
      <summary className="numbers muted">
        Seed {run.started.seed} · pictures {fingerprint}
      </summary>
      <p className="muted numbers">{describeSettings(step, run)}</p>
      <p className="muted">
        The same seed, pictures and settings give the same numbers on the same backend. “Run again exactly” begins where
        this run began and takes its settings, whatever the form says now.
      </p>
      <ActionButton testId="run-exactly" whyOff={whyOff} onPress={() => void actions.runExactly(run)}>
        Run again exactly
      </ActionButton>
    </details>
  );
}

function describeSettings(step: RecipeStep, run: StepRun): string {
  const summary = summarizeSettings(step.options, run.started.settings);
  return summary === '' ? 'It has no settings.' : `Settings: ${summary}.`;
}
