// The cycles of a training side by side: what each was worth, which are averaged, and a way to go on from any of them.

import { useState } from 'react';
import type { EventOf } from '../../protocol/events.ts';
import type { SnapshotSummary } from '../../protocol/training.ts';
import { lastOf, type StepRun, useEventLog } from '../store/eventLog.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import {
  formatBytes,
  formatInterval,
  formatLoss,
  formatPercent,
  formatScore,
  formatShare,
  formatThreshold,
} from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';

const replayReason = 'This is a recorded run; there is no engine behind it.';

export function SnapshotsPanel({ run }: { run: StepRun }) {
  const kept = useEventLog(() => lastOf(run.byType.snapshotsKept));
  return kept ? <Cycles key={run.started.atMs} run={run} kept={kept} /> : null;
}

function Cycles({ run, kept }: { run: StepRun; kept: EventOf<'snapshotsKept'> }) {
  const actions = useActions();
  const [chosen, setChosen] = useState(() => averagedOf(kept.snapshots));
  const [notice, setNotice] = useState<string | null>(null);
  const average = useEventLog(() => run.byType.resultRow.findLast(({ choice }) => choice === 'cycles'));
  const whyOff = useWhyOff(run);
  const isTags = kept.snapshots[0]?.result?.score.kind === 'f2';

  function choose(cycle: number) {
    if (whyOff !== null) return;
    const next = chosen.includes(cycle) ? chosen.filter((other) => other !== cycle) : [...chosen, cycle];
    setChosen(next);
    if (next.length > 1) void actions.averageSnapshots(run.stepId, next);
  }

  return (
    <section className="block snapshots" aria-label="The cycles of this training" data-testid="snapshots">
      <h2>What each cycle ended with</h2>
      <table className="plainTable numbers">
        <thead>
          <tr>
            <th scope="col">cycle</th>
            <th scope="col">averaged</th>
            <th scope="col">{isTags ? 'F2, threshold' : 'accuracy, 95 % interval'}</th>
            <th scope="col">log loss</th>
            <th scope="col">
              <span className="visuallyHidden">Go on</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {kept.snapshots.map((snapshot) => (
            <CycleRow
              key={snapshot.cycle}
              snapshot={snapshot}
              isAveraged={chosen.includes(snapshot.cycle)}
              whyOff={whyOff}
              whyNoWeights={snapshot.hasWeights ? null : describeLetGo(kept.budgetBytes)}
              onChoose={() => choose(snapshot.cycle)}
              onTake={() => void actions.takeSnapshot(run.stepId, snapshot.cycle).then(setNotice)}
            />
          ))}
        </tbody>
      </table>
      <p className="numbers" role="status" data-testid="cycle-average">
        {chosen.length < 2
          ? 'Choose two cycles or more to average what they say.'
          : average && `${average.label}: ${formatScore(average.score)}, log loss ${formatLoss(average.logLoss)}.`}
      </p>
      {notice !== null && (
        <p className="notice" role="status" data-testid="snapshot-taken">
          {notice}
        </p>
      )}
      <p className="tableNote muted">
        {whyOff ??
          `Kept in this page until another training leaves its cycles: ${formatBytes(kept.heldBytes)} of at most ${formatBytes(kept.budgetBytes)}. The epochs are those of each cycle’s end.`}
      </p>
    </section>
  );
}

function averagedOf(snapshots: readonly SnapshotSummary[]): readonly number[] {
  return snapshots.flatMap(({ cycle, isAveraged }) => (isAveraged ? cycle : []));
}

function describeLetGo(budgetBytes: number): string {
  return `Its weights were let go: all cycles together take more than ${formatBytes(budgetBytes)}.`;
}

/** Why nothing can be done with the cycles of this run now; null when it can. */
function useWhyOff(run: StepRun): string | null {
  const isReplay = useStudio((state) => state.engine === 'replay');
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const isGone = useEventLog((log) => {
    const newest = log.stepRuns.findLast((other) => other.byType.snapshotsKept.length > 0);
    return newest !== run || log.stepRuns.indexOf(run) < firstValidRun;
  });
  if (isReplay) return replayReason;
  if (isGone)
    return 'These cycles are not kept any more: another training has left its own, or the engine was started again.';
  return isRunning ? 'A step is running. Wait for it, or stop it.' : null;
}

interface CycleRowProps {
  readonly snapshot: SnapshotSummary;
  readonly isAveraged: boolean;
  readonly whyOff: string | null;
  readonly whyNoWeights: string | null;
  readonly onChoose: () => void;
  readonly onTake: () => void;
}

function CycleRow({ snapshot, isAveraged, whyOff, whyNoWeights, onChoose, onTake }: CycleRowProps) {
  const { cycle, epoch, name, result } = snapshot;
  const whyNotAveraged = result === null ? 'No pictures are kept to check with, so there is nothing to average.' : null;
  return (
    <tr>
      <th scope="row">
        {cycle + 1}
        <span className="rowNote muted">
          epoch {epoch}, {name}
        </span>
      </th>
      <td>
        <input
          type="checkbox"
          aria-label={`Average cycle ${cycle + 1}`}
          aria-disabled={(whyOff ?? whyNotAveraged) !== null}
          title={whyOff ?? whyNotAveraged ?? undefined}
          checked={isAveraged}
          onChange={() => whyNotAveraged === null && onChoose()}
        />
      </td>
      <td>
        {result === null ? (
          'not checked'
        ) : result.score.kind === 'f2' ? (
          <>
            {formatShare(result.score.f2)}
            <span className="rowNote muted">above {formatThreshold(result.score.threshold)}</span>
          </>
        ) : (
          <>
            {formatPercent(result.score.accuracy.accuracy)}
            <span className="rowNote muted">{formatInterval(result.score.accuracy)}</span>
          </>
        )}
      </td>
      <td>{result && formatLoss(result.logLoss)}</td>
      <td>
        <ActionButton testId="take-snapshot" whyOff={whyOff ?? whyNoWeights} onPress={onTake}>
          Go on <span className="whichCycle">from cycle {cycle + 1}</span>
        </ActionButton>
      </td>
    </tr>
  );
}
