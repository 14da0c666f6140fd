// What a training step shows: its curves while it runs; then the reading, the accuracy with its interval, and the matrix.

import { ConfusionMatrixView } from '../charts/ConfusionMatrix.tsx';
import { LossChart } from '../charts/LossChart.tsx';
import { lastOf, type StepRun, useEventLog } from '../store/eventLog.ts';
import { formatAccuracy } from '../ui/formatNumbers.ts';
import { StepReading } from './StepReading.tsx';

export function TrainingResult({ run }: { run: StepRun }) {
  const batchCount = useEventLog(() => run.byType.batchEnded.length);
  const epochCount = useEventLog(() => run.byType.epochEnded.length);
  const confusion = useEventLog(() => lastOf(run.byType.confusion));
  return (
    <>
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
