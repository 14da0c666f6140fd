// The stage of one step, in this order: number and name, why, settings, the pictures that they give, the action, what its rate will do, the
// picture, its reading, its cost.

import { memo } from 'react';
import type { RecipeStep } from '../../protocol/recipe.ts';
import { lastOf, latestRun, useEventLog } from '../store/eventLog.ts';
import { divisorsOf } from '../store/rateShares.ts';
import { choosesWhatLearns, hasResult, isFinder, isTraining } from '../store/stepKinds.ts';
import { isCurrentRun, type StepState } from '../store/stepStates.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { FinderResult } from './FinderResult.tsx';
import { LearningPreview } from './LearningPreview.tsx';
import { LooksPreview } from './LooksPreview.tsx';
import { NetworkPanel } from './NetworkPanel.tsx';
import { RateShares } from './RateShares.tsx';
import { SchedulePreview } from './SchedulePreview.tsx';
import { StepActions } from './StepActions.tsx';
import { StepMemory } from './StepMemory.tsx';
import { StepProgress } from './StepProgress.tsx';
import { StepReading } from './StepReading.tsx';
import { StepSettings } from './StepSettings.tsx';
import { TestPredictions } from './TestPredictions.tsx';
import { TrainingResult } from './TrainingResult.tsx';

interface StepPanelProps {
  readonly step: RecipeStep;
  readonly state: StepState;
  readonly whyNot: string | null;
}

export const StepPanel = memo(function StepPanel({ step, state, whyNot }: StepPanelProps) {
  const notice = useStudio((studio) => studio.notice);
  return (
    <>
      <div className="stageHead">
        <p className="stageNumber">
          Step {step.number} <span className="lessonName">{step.lessonName}</span>
        </p>
        <h1>{step.title}</h1>
        <p className="why">{step.why}</p>
      </div>
      <StepSettings step={step} isRunning={state === 'running'} />
      <NetworkPanel step={step} isRunning={state === 'running'} />
      <StepMemory step={step} />
      {divisorsOf(step.options).length > 0 && <RateShares step={step} isRunning={state === 'running'} />}
      {step.options.some(({ changesLooks }) => changesLooks) && <LooksPreview key={step.id} step={step} />}
      <StepActions step={step} state={state} whyNot={whyNot} />
      {notice !== null && (
        <p className="notice" role="status">
          {notice}
        </p>
      )}
      {state === 'running' && <StepProgress stepId={step.id} />}
      {choosesWhatLearns(step.verb) && state !== 'running' && <LearningPreview step={step} />}
      {isTraining(step.verb) && state !== 'running' && <SchedulePreview step={step} />}
      <StepPicture step={step} state={state} />
    </>
  );
});

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

function StepPicture({ step, state }: { step: RecipeStep; state: StepState }) {
  const run = useEventLog((log) => latestRun(log, step.id));
  const predicted = useEventLog((log) => lastOf(latestRun(log, step.id)?.byType.testPredicted ?? []));
  const firstValidRun = useStudio((studio) => studio.firstValidRun);
  const recipe = useStudio(currentRecipe);
  const isCurrent = useEventLog((log) => {
    const latest = latestRun(log, step.id);
    return !latest || !recipe || isCurrentRun(latest, step, { recipe, log, firstValidRun });
  });
  if (!run) {
    return state === 'running' ? null : (
      <p className="lookFor">
        <span className="muted">What to look for:</span> {lowerFirst(step.lookFor)}
      </p>
    );
  }
  return (
    <div className="picture">
      {!isCurrent && (
        <p className="notice">
          This is from before an earlier step was run again. Run this step to bring it up to date.
        </p>
      )}
      {isFinder(step.verb) && <FinderResult run={run} />}
      {hasResult(step.verb) ? <TrainingResult run={run} /> : <StepReading run={run} />}
      {predicted && <TestPredictions event={predicted} />}
    </div>
  );
}
