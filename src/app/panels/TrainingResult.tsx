// What a step with a result shows: why its rate may not suit; its curves while it runs; then the reading, the accuracy with
// its interval or the F2 with its threshold, and the matrix.

import { ConfusionMatrixView } from '../charts/ConfusionMatrix.tsx';
import { CooccurrenceMatrix } from '../charts/CooccurrenceMatrix.tsx';
import { LossChart } from '../charts/LossChart.tsx';
import { judgementOf } from '../charts/results.ts';
import { lastOf, type StepRun, useEventLog } from '../store/eventLog.ts';
import { formatAccuracy, formatScore } from '../ui/formatNumbers.ts';
import { SnapshotsPanel } from './SnapshotsPanel.tsx';
import { StepReading } from './StepReading.tsx';

export function TrainingResult({ run }: { run: StepRun }) {
  const batchCount = useEventLog(() => run.byType.batchEnded.length);
  const epochCount = useEventLog(() => run.byType.epochEnded.length);
  const hasEnded = useEventLog(() => run.byType.stepEnded.length > 0);
  const judged = useEventLog(() => judgementOf(run));
  const outdated = useEventLog(() => lastOf(run.byType.finderOutdated));
  return (
    <>
      {outdated && (
        <p className="notice muted" data-testid="finder-outdated">
          {outdated.reasons.join(' ')} A run of the finder shows which rate suits now.
        </p>
      )}
      {batchCount > 0 && (
        <LossChart
          run={run}
          batchCount={batchCount}
          epochCount={epochCount}
          hasEnded={hasEnded}
          title="Loss and learning rate, batch by batch"
        />
      )}
      <StepReading run={run} />
      <SnapshotsPanel run={run} />
      {judged?.type === 'confusion' && (
        <>
          <p className="accuracyLine numbers" data-testid="accuracy">
            Accuracy {formatAccuracy(judged.accuracy)}
          </p>
          <ConfusionMatrixView confusion={judged} />
        </>
      )}
      {judged?.type === 'tagsJudged' && (
        <>
          <p className="accuracyLine numbers" data-testid="f2">
            {formatScore(judged.score)}
          </p>
          <CooccurrenceMatrix result={judged} />
        </>
      )}
    </>
  );
}
