// A running step's progress on three levels, with speed and time left; told to a screen reader every ten seconds at most.

import { memo, useEffect, useRef, useState } from 'react';
import type { CountProgress, EventOf } from '../../protocol/events.ts';
import { lastOf, latestRun, useEventLog } from '../store/eventLog.ts';
import { useStudio } from '../store/studio.ts';
import { formatCount, formatPercent, formatSpeed, formatTimeLeft } from '../ui/formatNumbers.ts';
import { NotifyWhenDone } from './StepNotice.tsx';

export const StepProgress = memo(function StepProgress({ stepId }: { stepId: string }) {
  const progress = useEventLog((log) => {
    const run = latestRun(log, stepId);
    return run && run.byType.stepEnded.length === 0 ? lastOf(run.byType.progress) : undefined;
  });
  const fraction = progress?.stepFraction ?? 0;
  return (
    <section className="progress" aria-label="Progress">
      <p className="progressLine numbers">
        <span>{progress?.label ?? 'Starting'}</span>
        <span className="progressPercent">{formatPercent(fraction, 0)}</span>
        <span className="muted">{progress ? describePace(progress) : ''}</span>
      </p>
      <Bar label="Step" fraction={fraction} size="large" />
      <div className="progressLevels numbers">
        <Level name="Epochs" counts={progress?.epochs ?? null} />
        <Level name="Batches" counts={progress?.batches ?? null} />
      </div>
      <KeptSoFar stepId={stepId} />
      <NotifyWhenDone />
      <SpokenProgress progress={progress} />
    </section>
  );
});

function KeptSoFar({ stepId }: { stepId: string }) {
  const kept = useStudio((state) => state.workKept);
  const place = kept?.place;
  if (place?.stepId !== stepId) return null;
  return (
    <p
      className="keptSoFar muted numbers"
      data-testid="kept-so-far"
      data-size-bytes={kept?.sizeBytes}
      data-elapsed-ms={kept?.elapsedMs}
    >
      Kept up to epoch {place.epoch + 1}, batch {place.batch}: should this page be closed, the step goes on from there.
    </p>
  );
}

function describePace(progress: EventOf<'progress'>): string {
  const parts = [
    ...(progress.imagesPerSecond === null ? [] : [formatSpeed(progress.imagesPerSecond)]),
    ...(progress.timeLeftMs === null
      ? ['measuring the time left']
      : [`about ${formatTimeLeft(progress.timeLeftMs)} left`]),
  ];
  return parts.join(' · ');
}

function Level({ name, counts }: { name: string; counts: CountProgress | null }) {
  if (!counts) return null;
  const fraction = counts.total > 0 ? counts.done / counts.total : 0;
  return (
    <div className="progressLevel">
      <span>
        {name} {formatCount(counts.done)} of {formatCount(counts.total)} done
      </span>
      <Bar label={name} fraction={fraction} size="small" />
    </div>
  );
}

function Bar({ label, fraction, size }: { label: string; fraction: number; size: 'large' | 'small' }) {
  return (
    <div
      className="bar"
      data-size={size}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(fraction * 100)}
    >
      <span style={{ transform: `scaleX(${Math.min(1, fraction)})` }} />
    </div>
  );
}

const spokenEveryMs = 10_000;

function SpokenProgress({ progress }: { progress: EventOf<'progress'> | undefined }) {
  const [spoken, setSpoken] = useState('');
  const lastSpokenMs = useRef(0);
  useEffect(() => {
    const nowMs = Date.now();
    if (!progress || nowMs - lastSpokenMs.current < spokenEveryMs) return;
    lastSpokenMs.current = nowMs;
    setSpoken(`${progress.label}, ${Math.round(progress.stepFraction * 100)} percent. ${describePace(progress)}`);
  }, [progress]);
  return (
    <p className="visuallyHidden" aria-live="polite">
      {spoken}
    </p>
  );
}
