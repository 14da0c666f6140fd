// A finished step read in a sentence, what it cost, and what it came from.

import type { EventOf } from '../../protocol/events.ts';
import { lastOf, type StepRun, useEventLog } from '../store/eventLog.ts';
import { formatBytes, formatCount, formatCountOf, formatDuration, formatSpeed } from '../ui/formatNumbers.ts';
import { RunFacts } from './RunFacts.tsx';

/** The result in a sentence, and what it cost. */
export function StepReading({ run }: { run: StepRun }) {
  const ended = useEventLog(() => lastOf(run.byType.stepEnded));
  const read = useEventLog(() => lastOf(run.byType.picturesRead));
  if (!ended) return null;
  const costs = [
    formatDuration(ended.elapsedMs),
    ...(ended.imagesPerSecond === null ? [] : [formatSpeed(ended.imagesPerSecond)]),
    ...(ended.memoryBytes === null ? [] : [`${formatBytes(ended.memoryBytes)} of memory`]),
    ...(read === undefined ? [] : [describeRead(read)]),
  ];
  return (
    <div className="stepReading">
      {ended.reading !== '' && (
        <p className="readingSentence" data-testid="reading">
          {ended.reading}
        </p>
      )}
      <p className="cost numbers muted" data-testid="cost">
        {ended.outcome === 'stopped' ? 'Stopped after ' : ''}
        {costs.join(' · ')}
      </p>
      <RunFacts run={run} />
    </div>
  );
}

function describeRead({ decodedCount, cachedCount }: EventOf<'picturesRead'>): string {
  const opened = `${formatCountOf(decodedCount, 'picture')} opened`;
  return cachedCount === 0 ? opened : `${opened}, ${formatCount(cachedCount)} read as they were kept`;
}
