// The place for results: accuracy in every way it was measured, what the losses say, matrix, classes, and the pictures behind it all.

import { memo } from 'react';
import type { EventOf } from '../../protocol/events.ts';
import { ConfusionMatrixView } from '../charts/ConfusionMatrix.tsx';
import { latestConfusion } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { formatCount, formatInterval, formatPercent } from '../ui/formatNumbers.ts';
import { ClassTable } from './ClassTable.tsx';
import { Diagnosis } from './Diagnosis.tsx';
import { ResultGalleries } from './ResultGalleries.tsx';
import { ResultRows } from './ResultRows.tsx';
import { SaveReport } from './SaveReport.tsx';

export const ResultsPanel = memo(function ResultsPanel() {
  const confusion = useEventLog(latestConfusion);
  return (
    <>
      <div className="stageHead">
        <p className="stageNumber">Results</p>
        <h1>What the network learned</h1>
        <p className="why">
          {confusion
            ? describeResult(confusion)
            : 'Nothing has been trained yet. Run the steps up to the first training; its result comes here.'}
        </p>
      </div>
      {confusion && (
        <>
          <div className="actionRow">
            <SaveReport />
          </div>
          <ResultRows shown={confusion} />
          <Diagnosis />
          <ConfusionMatrixView confusion={confusion} />
          <ClassTable confusion={confusion} />
          <ResultGalleries confusion={confusion} />
        </>
      )}
    </>
  );
});

/** @returns the result in two sentences, with its uncertainty. */
export function describeResult({ accuracy }: EventOf<'confusion'>): string {
  const { correctCount, count } = accuracy;
  return `${formatCount(correctCount)} of ${formatCount(count)} validation pictures were recognised: ${formatPercent(accuracy.accuracy)}. On new pictures like these, with 95 % confidence, between ${formatInterval(accuracy)}.`;
}
