// What a step with a result shows: why its rate may not suit; its curves while it runs; then the reading, the accuracy with
// its interval, and the matrix.

import { ConfusionMatrixView } from '../charts/ConfusionMatrix.tsx';
import { LossChart } from '../charts/LossChart.tsx';
import { lastOf, type StepRun, useEventLog } from '../store/eventLog.ts';
import { formatAccuracy } from '../ui/formatNumbers.ts';
import { StepReading } from './StepReading.tsx';

export function TrainingResult({ run }: { run: StepRun }) {
  const batchCount = useEventLog(() => run.byType.batchEnded.length);
  const epochCount = useEventLog(() => run.byType.epochEnded.length);
  const confusion = useEventLog(() => lastOf(run.byType.confusion));
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
          title="Loss and learning rate, batch by batch"
        />
      )}
      <StepReading run={run} />
      {confusion && (
        <>
          <p className="accuracyLine numbers" data-testid="accuracy">
            Accuracy {formatAccuracy(confusion.accuracy)}
          </p>
          <ConfusionMatrixView confusion={confusion} />
        </>
      )}
    </>
  );
}
