// The one filled button of a step: run it; when it is done, go on. Stop is there while it runs.

import type { RecipeStep } from '../../protocol/recipe.ts';
import { useEventLog } from '../store/eventLog.ts';
import { rateOptionId, rateReceivers, recommendedOf, suggestionsOf } from '../store/finder.ts';
import { readSettings } from '../store/optionValues.ts';
import { selectPlace, useSettings } from '../store/settings.ts';
import { isTraining } from '../store/stepKinds.ts';
import type { StepState } from '../store/stepStates.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { useActions } from './actionsContext.ts';
import { useSituation } from './useSituation.ts';

interface StepActionsProps {
  readonly step: RecipeStep;
  readonly state: StepState;
  readonly whyNot: string | null;
}

export function StepActions({ step, state, whyNot }: StepActionsProps) {
  const actions = useActions();
  const isStopping = useStudio((studio) => studio.isStopping);
  const isReplay = useStudio((studio) => studio.engine === 'replay');
  const settingProblem = useSettings((settings) => {
    const { problems } = readSettings(step.options, settings.valuesByStep[step.id]);
    const [optionId] = Object.keys(problems);
    const spec = step.options.find((option) => option.id === optionId);
    return spec ? `${spec.label}: ${problems[spec.id]}` : null;
  });
  const cutOff = useStudio((studio) => studio.cutOff);
  const offer = useStudio((studio) => (studio.rescue?.stepId === step.id ? studio.rescue.offer : null));
  const hasPictures = useStudio((studio) => studio.hasPictures);
  const hasRun = useEventLog((log) => log.stepRuns.some((run) => run.stepId === step.id));
  const isRateOpen = useIsRateOpen(step);
  const { next } = useSituation();
  if (state === 'running') {
    return (
      <div className="actionRow">
        <ActionButton
          isPrimary
          testId="stop-step"
          whyOff={isStopping ? 'Stopping at the end of this batch.' : null}
          onPress={actions.stop}
        >
          {isStopping ? 'Stopping…' : stopLabel(step)}
        </ActionButton>
        {isTraining(step.verb) && !isStopping && <TrainingActions />}
      </div>
    );
  }
  const isCutOff = cutOff?.stepId === step.id && (hasPictures || !cutOff.needsPictures) && !isReplay;
  const whyOff = isReplay ? 'This is a recorded run; there is no engine behind it.' : (whyNot ?? settingProblem);
  const isDone = state === 'done';
  const followsOn = isDone && next !== null && next.id !== step.id;
  return (
    <div className="actionRow">
      {isDone && !followsOn && !isRateOpen && (
        <ActionButton isPrimary testId="see-results" onPress={() => selectPlace('results')}>
          See the results
        </ActionButton>
      )}
      {followsOn && !isRateOpen && (
        <ActionButton isPrimary testId="next-step" onPress={() => selectPlace(next.id)}>
          Go to step {next.number}: {next.title}
        </ActionButton>
      )}
      {isCutOff && (
        <ActionButton isPrimary testId="resume-step" onPress={() => void actions.resumeStep()}>
          {offer ?? `Go on from epoch ${cutOff.epoch + 1}, batch ${cutOff.batch}`}
        </ActionButton>
      )}
      <ActionButton
        isPrimary={!isDone && !isCutOff}
        testId="run-step"
        whyOff={whyOff}
        onPress={() => void actions.runStep(step.id)}
      >
        {hasRun ? 'Run again' : 'Run'}
      </ActionButton>
      {whyOff !== null && !isReplay && <span className="whyOffLine muted">{whyOff}</span>}
    </div>
  );
}

/** Beside stopping and keeping: to halt for a while, and to let go of what this run trained. */
function TrainingActions() {
  const actions = useActions();
  const isPaused = useStudio((studio) => studio.isPaused);
  const isKept = useStudio((studio) => studio.workKept?.place != null);
  return (
    <>
      <ActionButton testId="pause-step" onPress={() => actions.pause(!isPaused)}>
        {isPaused ? 'Go on' : 'Pause'}
      </ActionButton>
      <ActionButton testId="discard-step" onPress={actions.discard}>
        Discard
      </ActionButton>
      {isPaused && (
        <span className="muted" role="status">
          Paused between two batches; nothing is lost. {isKept && 'This page may be closed meanwhile.'}
        </span>
      )}
    </>
  );
}

/** Only training has something to keep: half the features are no features, and the finder puts everything back. */
function stopLabel(step: RecipeStep): string {
  return isTraining(step.verb) ? 'Stop and keep' : 'Stop';
}

/** Whether this step suggested a rate that nothing has taken yet: taking it then comes before going on. */
export function useIsRateOpen(step: RecipeStep): boolean {
  const recipe = useStudio(currentRecipe);
  const suggested = useEventLog((log) => recommendedOf(suggestionsOf(log, step.id)) !== undefined);
  const receiver = recipe ? rateReceivers(recipe, step.id)[0] : undefined;
  const isTaken = useSettings((settings) =>
    receiver ? settings.valuesByStep[receiver.id]?.[rateOptionId] !== undefined : true,
  );
  return suggested && !isTaken;
}
