// Class by class: how many were found, and how much a call of this class is worth.

import { useRef } from 'react';
import type { EventOf } from '../../protocol/events.ts';
import type { AccuracyInterval } from '../../protocol/training.ts';
import { scoreOf } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { formatCount, formatInterval, formatPercent, formatShare } from '../ui/formatNumbers.ts';
import { useVirtualRows } from '../ui/useVirtualRows.ts';

const rowPx = 29;

export function ClassTable({ confusion }: { confusion: EventOf<'confusion'> }) {
  const { matrix, classes } = confusion;
  const scroller = useRef<HTMLElement>(null);
  const { indices, beforePx, afterPx, rowProps } = useVirtualRows(scroller, classes.length, rowPx);
  const score = useEventLog((log) => scoreOf(log, confusion));
  return (
    <section className="block" aria-labelledby="classes-title">
      <h2 id="classes-title">Class by class</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section className="classTableScroller" aria-label="Class by class" tabIndex={0} ref={scroller}>
        <table className="plainTable classTable numbers" data-testid="class-table">
          <thead>
            <tr>
              <th scope="col">class</th>
              <th scope="col">found</th>
              <th scope="col">recall</th>
              <th scope="col">precision</th>
              <th scope="col">F1</th>
            </tr>
          </thead>
          <tbody>
            {beforePx > 0 && <tr style={{ height: beforePx }} />}
            {indices.map((index) => {
              const report = classes[index];
              if (!report) return null;
              return (
                <tr key={matrix.classes[index]} ref={rowProps(index).ref} data-index={index}>
                  <th scope="row">{matrix.classes[index]}</th>
                  <td>
                    {formatCount(matrix.counts[index]?.[index] ?? 0)} of {formatCount(report.support)}
                  </td>
                  <Share interval={report.recallInterval} />
                  <Share interval={report.precisionInterval} />
                  <td>{formatShare(report.f1)}</td>
                </tr>
              );
            })}
            {afterPx > 0 && <tr style={{ height: afterPx }} />}
          </tbody>
          {score?.kind === 'accuracy' && (
            <tfoot>
              <tr>
                <th scope="row" colSpan={4}>
                  Macro-F1: their mean, each class counting alike
                </th>
                <td data-testid="macro-f1">{formatShare(score.macroF1)}</td>
              </tr>
            </tfoot>
          )}
        </table>
      </section>
      <p className="muted tableNote">
        Recall: of the pictures of a class, how many were found. Precision: of those called so, how many are. F1: both
        in one number. The intervals hold with 95 % confidence.
      </p>
    </section>
  );
}

function Share({ interval }: { interval: AccuracyInterval | null }) {
  if (!interval) return <td>–</td>;
  return (
    <td>
      {formatPercent(interval.accuracy)} <span className="cellInterval muted">{formatInterval(interval)}</span>
    </td>
  );
}
