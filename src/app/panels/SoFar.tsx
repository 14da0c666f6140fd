// The column on the right: what you have so far, from the newest training, and the next act in a line.

import { memo } from 'react';
import type { EpochRow } from '../../protocol/training.ts';
import { latestConfusion } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { epochRows } from '../store/runReport.ts';
import { selectPlace, useSettings } from '../store/settings.ts';
import { useStudio } from '../store/studio.ts';
import { formatCountOf, formatInterval, formatLoss, formatPercent } from '../ui/formatNumbers.ts';
import { ModelFile } from './ModelFile.tsx';
import { SaveReport } from './SaveReport.tsx';
import { useSituation } from './useSituation.ts';

export const SoFar = memo(function SoFar() {
  const accuracy = useEventLog((log) => latestConfusion(log)?.accuracy);
  const rows = useEventLog(epochRows);
  const hasDataset = useStudio((state) => state.dataset !== null);
  const isAtResults = useSettings((state) => state.place === 'results');
  return (
    <aside className="soFar" aria-label="So far">
      <h2>So far</h2>
      {accuracy ? (
        <p className="bigAccuracy numbers">
          <strong>{formatPercent(accuracy.accuracy)}</strong>
          <span className="muted">
            {formatInterval(accuracy)}, {formatCountOf(accuracy.count, 'picture')}
          </span>
        </p>
      ) : (
        <p className="muted">{rows.length > 0 ? 'The accuracy comes with the end of training.' : 'No result yet.'}</p>
      )}
      {rows.length > 0 && <LossTable rows={rows} />}
      {rows.length > 0 && <p className="bestEpoch">{describeBestEpoch(rows)}</p>}
      <NextAct />
      {!isAtResults && <SaveReport />}
      {hasDataset && <ModelFile />}
    </aside>
  );
});

/** The row with the lowest validation loss. */
export function bestRow(rows: readonly EpochRow[]): EpochRow | undefined {
  const lossOf = (row: EpochRow | undefined) => row?.validLoss ?? Number.POSITIVE_INFINITY;
  return rows.reduce<EpochRow | undefined>((best, row) => (lossOf(row) < lossOf(best) ? row : best), undefined);
}

function describeBestEpoch(rows: readonly EpochRow[]): string {
  const best = bestRow(rows);
  return best ? `Best: epoch ${best.epoch}, where valid loss is lowest.` : '';
}

const LossTable = memo(function LossTable({ rows }: { rows: readonly EpochRow[] }) {
  const best = bestRow(rows);
  return (
    <table className="plainTable lossTable numbers" data-testid="loss-table">
      <caption className="visuallyHidden">Loss and accuracy after each epoch</caption>
      <thead>
        <tr>
          <th scope="col">epoch</th>
          <th scope="col">train loss</th>
          <th scope="col">valid loss</th>
          <th scope="col">accuracy</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows are only ever added at the end, and two steps may both have an epoch 0.
          <tr key={index} data-best={row === best}>
            <td>{row.epoch}</td>
            <td>{formatLoss(row.trainLoss)}</td>
            <td>{row.validLoss === null ? '–' : formatLoss(row.validLoss)}</td>
            <td>{row.score === null ? '–' : formatPercent(row.score)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
});

function NextAct() {
  const { next, steps, states } = useSituation();
  const place = useSettings((state) => state.place);
  const running = useStudio((state) => state.runningStepId);
  const runningStep = steps.find((step) => step.id === running);
  if (runningStep)
    return (
      <p className="nextAct">
        Running: step {runningStep.number}, {runningStep.title.toLowerCase()}.
      </p>
    );
  if (next) {
    return (
      <p className="nextAct">
        Next:{' '}
        {next.id === place ? (
          `run step ${next.number}.`
        ) : (
          <button type="button" className="link" onClick={() => selectPlace(next.id)}>
            step {next.number}, {next.title.toLowerCase()}
          </button>
        )}
      </p>
    );
  }
  const isAllDone = steps.length > 0 && states.every((state) => state === 'done');
  if (!isAllDone || place === 'results') return null;
  return (
    <p className="nextAct">
      Next:{' '}
      <button type="button" className="link" onClick={() => selectPlace('results')}>
        look at the results
      </button>
    </p>
  );
}
