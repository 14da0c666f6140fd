// The place for results: accuracy, matrix, the pictures behind every cell, and how each class fared.

import { memo } from 'react';
import type { EventOf } from '../../protocol/events.ts';
import { ConfusionMatrixView } from '../charts/ConfusionMatrix.tsx';
import { rowTotals } from '../charts/confusion.ts';
import { type EventLog, lastOf, useEventLog } from '../store/eventLog.ts';
import { formatCount, formatInterval, formatPercent } from '../ui/formatNumbers.ts';
import { SaveReport } from './SaveReport.tsx';

/** The newest confusion matrix of any step. */
export function latestConfusion(log: EventLog): EventOf<'confusion'> | undefined {
  const run = log.stepRuns.findLast((candidate) => candidate.byType.confusion.length > 0);
  return run && lastOf(run.byType.confusion);
}

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
          <ConfusionMatrixView confusion={confusion} />
          <ClassTable confusion={confusion} />
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

function ClassTable({ confusion }: { confusion: EventOf<'confusion'> }) {
  const { matrix } = confusion;
  const totals = rowTotals(matrix);
  return (
    <section className="block" aria-labelledby="classes-title">
      <h2 id="classes-title">Class by class</h2>
      <table className="plainTable numbers">
        <thead>
          <tr>
            <th scope="col">class</th>
            <th scope="col">pictures</th>
            <th scope="col">recognised</th>
            <th scope="col">share</th>
          </tr>
        </thead>
        <tbody>
          {matrix.classes.map((name, index) => {
            const right = matrix.counts[index]?.[index] ?? 0;
            const total = totals[index] ?? 0;
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{formatCount(total)}</td>
                <td>{formatCount(right)}</td>
                <td>{total > 0 ? formatPercent(right / total) : '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
