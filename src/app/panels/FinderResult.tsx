// What the finder found: the curve with both suggestions, and a button to take either.

import type { LearningRateSuggestion } from '../../protocol/training.ts';
import { FinderChart } from '../charts/FinderChart.tsx';
import { lastOf, type StepRun, useEventLog } from '../store/eventLog.ts';
import { nameSteps, rateOptionId, rateReceivers } from '../store/finder.ts';
import { useSettings } from '../store/settings.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatRate } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';

export function FinderResult({ run }: { run: StepRun }) {
  const pointCount = useEventLog(() => run.byType.lrPoint.length);
  const suggested = useEventLog(() => lastOf(run.byType.lrSuggested));
  const isFinished = useEventLog(() => run.byType.stepEnded.length > 0);
  return (
    <>
      {pointCount > 1 && (
        <FinderChart
          run={run}
          pointCount={pointCount}
          hasSuggestions={suggested !== undefined}
          title="Loss as the learning rate grows"
        />
      )}
      {suggested && suggested.suggestions.length > 0 && <ApplyRates run={run} suggestions={suggested.suggestions} />}
      {isFinished && <p className="muted">The search changed nothing: the weights were put back as they were.</p>}
    </>
  );
}

interface ApplyRatesProps {
  readonly run: StepRun;
  readonly suggestions: readonly LearningRateSuggestion[];
}

function ApplyRates({ run, suggestions }: ApplyRatesProps) {
  const actions = useActions();
  const recipe = useStudio(currentRecipe);
  const receivers = recipe ? rateReceivers(recipe, run.stepId) : [];
  const [first] = receivers;
  // A person may change any of them afterwards; the first one says what the suggestion was taken for.
  const taken = useSettings((state) => (first ? state.valuesByStep[first.id]?.[rateOptionId] : undefined));
  if (!first) return null;
  return (
    <div className="actionRow applyRates">
      {suggestions.map(({ rule, label, learningRate, isRecommended }) => {
        const isTaken = Number(taken) === learningRate;
        return (
          <ActionButton
            key={rule}
            isPrimary={isRecommended && taken === undefined}
            testId="apply-rate"
            data={{ 'data-rule': rule, 'data-recommended': String(isRecommended), 'data-taken': String(isTaken) }}
            onPress={() => actions.applyRate(run.stepId, rule)}
          >
            {isTaken ? `${nameSteps(receivers)}: ${formatRate(learningRate)}` : `Use ${formatRate(learningRate)}`}{' '}
            <span className="ruleName">{label}</span>
          </ActionButton>
        );
      })}
    </div>
  );
}
