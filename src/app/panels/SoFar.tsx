// The column on the right: what you have so far, from the newest training, and the next act in a line.

import { memo } from 'react';
import type { EpochRow } from '../../protocol/training.ts';
import { type Judgement, latestJudgement } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { epochRows } from '../store/runReport.ts';
import { selectPlace, useSettings } from '../store/settings.ts';
import { learnsFromAll, useStudio } from '../store/studio.ts';
import {
  formatCountOf,
  formatEpochScore,
  formatInterval,
  formatLoss,
  formatPercent,
  formatShare,
  formatThreshold,
} from '../ui/formatNumbers.ts';
import { ModelFile } from './ModelFile.tsx';
import { NothingValidates } from './NothingValidates.tsx';
import { SaveProject } from './ProjectFile.tsx';
import { SaveReport } from './SaveReport.tsx';
import { Storage } from './Storage.tsx';
import { useSituation } from './useSituation.ts';

export const SoFar = memo(function SoFar() {
  const judged = useEventLog(latestJudgement);
  const rows = useEventLog(epochRows);
  const hasDataset = useStudio((state) => state.dataset !== null);
  const isAtResults = useSettings((state) => state.place === 'results');
  return (
    <aside className="soFar" aria-label="So far">
      <h2>So far</h2>
      {judged ? <BigScore judged={judged} /> : <NoScore hasRows={rows.length > 0} />}
      {rows.length > 0 && <LossTable rows={rows} />}
      {bestRow(rows) && <p className="bestEpoch">{describeBestEpoch(rows)}</p>}
      <NextAct />
      {!isAtResults && <SaveReport />}
      <SaveProject />
      {hasDataset && <ModelFile />}
      <Storage />
    </aside>
  );
});

function BigScore({ judged }: { judged: Judgement }) {
  const isTags = judged.type === 'tagsJudged';
  return (
    <p className="bigAccuracy numbers" data-testid="score-so-far">
      <strong>{isTags ? `F2 ${formatShare(judged.score.f2)}` : formatPercent(judged.accuracy.accuracy)}</strong>
      <span className="muted">
        {isTags
          ? `at ${formatThreshold(judged.score.threshold)}, ${formatCountOf(judged.score.count, 'picture')}`
          : `${formatInterval(judged.accuracy)}, ${formatCountOf(judged.accuracy.count, 'picture')}`}
      </span>
    </p>
  );
}

function NoScore({ hasRows }: { hasRows: boolean }) {
  const isOnAll = useStudio(learnsFromAll);
  const isTags = useStudio((state) => state.dataset?.labelKind === 'tags');
  if (isOnAll) return <NothingValidates isTrained={hasRows} />;
  const comes = `The ${isTags ? 'F2' : 'accuracy'} comes with the end of training.`;
  return <p className="muted">{hasRows ? comes : 'No result yet.'}</p>;
}

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
  const isTags = useStudio((state) => state.dataset?.labelKind === 'tags');
  return (
    <table className="plainTable lossTable numbers" data-testid="loss-table">
      <caption className="visuallyHidden">Loss and {isTags ? 'F2' : 'accuracy'} after each epoch</caption>
      <thead>
        <tr>
          <th scope="col">epoch</th>
          <th scope="col">train loss</th>
          <th scope="col">valid loss</th>
          <th scope="col">{isTags ? 'F2' : 'accuracy'}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows are only ever added at the end, and two steps may both have an epoch 0.
          <tr key={index} data-best={row === best}>
            <td>{row.epoch}</td>
            <td>{formatLoss(row.trainLoss)}</td>
            <td>{row.validLoss === null ? '–' : formatLoss(row.validLoss)}</td>
            <td>{formatEpochScore(row, isTags ? 'f2' : 'accuracy')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
});

function NextAct() {
  const { next, steps, isAllDone } = useSituation();
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
