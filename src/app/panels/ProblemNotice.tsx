// A failure as a person reads it: the sentence, one button that does the useful thing, and a report to pass on.

import { useState } from 'react';
import type { Actions } from '../store/actions.ts';
import { eventLogStore, lastOf } from '../store/eventLog.ts';
import { finderFor, rateOptionId } from '../store/finder.ts';
import { readSettings } from '../store/optionValues.ts';
import { describeForReport } from '../store/problemReport.ts';
import { type Problem, remedyLabels } from '../store/problems.ts';
import { selectPlace, setOption, settingsStore } from '../store/settings.ts';
import { missingNeeds, situationOf } from '../store/stepStates.ts';
import { currentRecipe, findStep, studioStore, useStudio } from '../store/studio.ts';
import { showText } from '../ui/showText.ts';
import { useActions } from './actionsContext.ts';
import { askForFolder } from './FolderInput.tsx';
import { GoesOnAlone } from './GoesOnAlone.tsx';

export function ProblemNotice() {
  const problem = useStudio((state) => state.problem);
  const actions = useActions();
  const [isCopied, setIsCopied] = useState(false);
  if (!problem) return null;

  async function copyReport(shown: Problem) {
    const studio = studioStore.getState();
    const { log } = eventLogStore.getState();
    await navigator.clipboard.writeText(describeForReport(shown, studio, log, navigator.userAgent));
    setIsCopied(true);
  }

  return (
    <div role="alert" data-testid="error" data-code={problem.code} className="problem">
      <p>{showText(problem.sentence)}</p>
      {needsNobody(problem) && <GoesOnAlone goOn={() => void applyRemedy(problem, actions)} />}
      <div className="problemActions">
        <button type="button" className="secondary" onClick={() => void applyRemedy(problem, actions)}>
          {problem.offer ?? remedyLabels[problem.remedy]}
        </button>
        {problem.remedy === 'goOn' && problem.code === 'lossNotFinite' && <OtherRates problem={problem} />}
        <button type="button" className="quiet" onClick={() => void copyReport(problem)}>
          {isCopied ? 'Copied' : 'Copy report'}
        </button>
        {problem.remedy !== 'dismiss' && (
          <button type="button" className="quiet" onClick={actions.dismissProblem}>
            {problem.remedy === 'goOn' ? 'Not now' : 'Dismiss'}
          </button>
        )}
      </div>
    </div>
  );
}

/** A lost card or full memory leaves one way on, and it changes nothing of what was asked for but speed; which rate to train with is a person's choice. */
function needsNobody({ remedy, code }: Problem): boolean {
  return remedy === 'goOn' && code !== 'lossNotFinite';
}

/** Beside going on with a smaller rate: the whole training with it, or the finder, which says what rate the training bears. */
function OtherRates({ problem }: { problem: Problem }) {
  const actions = useActions();
  const finder = useStudio((state) => finderFor(currentRecipe(state), problem.stepId));
  return (
    <>
      <button
        type="button"
        className="quiet"
        onClick={() => void applyRemedy({ ...problem, remedy: 'lowerRate' }, actions)}
      >
        {remedyLabels.lowerRate}
      </button>
      {finder && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            actions.dismissProblem();
            void actions.runStep(finder.id);
          }}
        >
          Run step {finder.number}, {finder.title.toLowerCase()}
        </button>
      )}
    </>
  );
}

/** Halves or divides a number setting of the failed step, within its range. */
function divideOption(stepId: string, optionId: string, divisor: number): void {
  const step = findStep(studioStore.getState(), stepId);
  const spec = step?.options.find((option) => option.id === optionId);
  if (!step || spec?.kind !== 'number') return;
  const { values } = readSettings(step.options, settingsStore.getState().valuesByStep[stepId]);
  const divided = Number(values[optionId]) / divisor;
  setOption(stepId, optionId, Math.max(spec.min, spec.isInteger ? Math.floor(divided) : divided));
}

async function applyRemedy({ remedy, stepId }: Problem, actions: Actions): Promise<void> {
  actions.dismissProblem();
  if (remedy === 'goOn') return void (await actions.resumeStep());
  if (remedy === 'chooseFolder') return askForFolder();
  if (remedy === 'restartEngine') return actions.restartEngine();
  if (remedy === 'useAutomaticBackend') return location.assign(location.pathname);
  if (stepId === null) return;
  if (remedy === 'goToNeededStep') return goToNeededStep(stepId);
  if (remedy === 'openSettings') {
    selectPlace(stepId);
    const settings = document.querySelector<HTMLDetailsElement>('[data-testid="settings"]');
    if (settings) settings.open = true;
    return;
  }
  if (remedy === 'halveBatch') divideOption(stepId, 'batchSize', 2);
  if (remedy === 'lowerRate') divideOption(stepId, rateOptionId, 10);
  if (remedy !== 'dismiss') await actions.runStep(stepId);
}

function goToNeededStep(stepId: string): void {
  const studio = studioStore.getState();
  const recipe = currentRecipe(studio);
  const step = findStep(studio, stepId);
  if (!recipe || !step) return;
  const situation = situationOf(studio, recipe, eventLogStore.getState().log);
  const needed = lastOf(missingNeeds(step, situation));
  selectPlace(needed?.id ?? step.needs[0] ?? 'data');
}
