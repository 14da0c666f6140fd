// What a training's rate will do, drawn before it runs; follows what is typed a moment later. Once it ran, its own curves show
// the same, until a setting is changed.

import type { RecipeStep } from '../../protocol/recipe.ts';
import { ScheduleChart } from '../charts/ScheduleChart.tsx';
import { lastOf, latestRun, useEventLog } from '../store/eventLog.ts';
import { readSettings } from '../store/optionValues.ts';
import { useSettings } from '../store/settings.ts';
import { useStudio } from '../store/studio.ts';
import { useActions } from './actionsContext.ts';
import { usePreview } from './usePreview.ts';

export function SchedulePreview({ step }: { step: RecipeStep }) {
  const typed = useSettings((state) => state.valuesByStep[step.id]);
  const { values, problems } = readSettings(step.options, typed);
  const hasProblem = Object.keys(problems).length > 0;
  const { previewSchedule } = useActions();
  const { answer: plan, problem } = usePreview(step, hasProblem ? null : values, previewSchedule);
  const ranPlan = useEventLog((log) => lastOf(latestRun(log, step.id)?.byType.schedulePlanned ?? [])?.plan);
  const isReady = useStudio((state) => state.engine === 'ready');
  const sentence = hasProblem ? 'One of the settings cannot be used; this is drawn again once it can.' : problem;
  const isKnown = ranPlan !== undefined && (plan === null || JSON.stringify(plan) === JSON.stringify(ranPlan));
  if (!isReady || (isKnown && sentence === null)) return null;
  return (
    <section className="schedulePreview" aria-label="What the rate will do">
      {plan && <ScheduleChart plan={plan} title="What the rate will do" />}
      <p
        className={sentence === null ? 'planSentence numbers' : 'fieldProblem'}
        role="status"
        data-testid="plan-sentence"
      >
        {sentence ?? plan?.sentence}
      </p>
    </section>
  );
}
