// What the finder found: the curve with every suggestion and a handle, and a button to take the rate of any of them.

import { useState } from 'react';
import type { LearningRateSuggestion } from '../../protocol/training.ts';
import { FinderChart } from '../charts/FinderChart.tsx';
import { startOfHandle, zoneWordAt } from '../charts/finderCurve.ts';
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
  const [moved, setMoved] = useState<{ readonly run: StepRun; readonly rate: number } | null>(null);
  // A new run's handle begins where that run recommends.
  const handleRate = suggested && pointCount > 1 ? (moved?.run === run ? moved.rate : startOfHandle(run)) : null;
  return (
    <>
      {pointCount > 1 && (
        <FinderChart
          run={run}
          pointCount={pointCount}
          hasSuggestions={suggested !== undefined}
          title="Loss as the learning rate grows"
          handleRate={handleRate}
          onChoose={(rate) => setMoved({ run, rate })}
        />
      )}
      {suggested && handleRate !== null && (
        <ApplyRates
          stepId={run.stepId}
          suggestions={suggested.suggestions}
          handleRate={handleRate}
          handleWord={zoneWordAt(suggested.zones ?? [], handleRate)}
        />
      )}
      {isFinished && <p className="muted">The search changed nothing: the weights were put back as they were.</p>}
    </>
  );
}

interface ApplyRatesProps {
  readonly stepId: string;
  readonly suggestions: readonly LearningRateSuggestion[];
  readonly handleRate: number;
  /** How the curve is read where the handle stands. */
  readonly handleWord: string | null;
}

function ApplyRates({ stepId, suggestions, handleRate, handleWord }: ApplyRatesProps) {
  const actions = useActions();
  const recipe = useStudio(currentRecipe);
  const receivers = recipe ? rateReceivers(recipe, stepId) : [];
  const [first] = receivers;
  // A person may change any of them afterwards; the first one says what the suggestion was taken for.
  const taken = useSettings((state) => (first ? state.valuesByStep[first.id]?.[rateOptionId] : undefined));
  if (!first) return null;
  const nameAct = (learningRate: number) =>
    Number(taken) === learningRate
      ? `${nameSteps(receivers)}: ${formatRate(learningRate)}`
      : `Use ${formatRate(learningRate)}`;
  return (
    <>
      <div className="actionRow applyRates">
        {suggestions.map(({ rule, label, learningRate, isRecommended }) => (
          <ActionButton
            key={rule}
            isPrimary={isRecommended && taken === undefined}
            testId="apply-rate"
            data={{
              'data-rule': rule,
              'data-recommended': String(isRecommended),
              'data-taken': String(Number(taken) === learningRate),
            }}
            onPress={() => actions.applyRate(stepId, learningRate)}
          >
            {nameAct(learningRate)} <span className="ruleName">{label}</span>
          </ActionButton>
        ))}
      </div>
      <div className="actionRow">
        <ActionButton testId="apply-handle" onPress={() => actions.applyRate(stepId, handleRate)}>
          {nameAct(handleRate)}{' '}
          <span className="ruleName">{handleWord === null ? 'at the handle' : `at the handle: ${handleWord}`}</span>
        </ActionButton>
      </div>
    </>
  );
}
