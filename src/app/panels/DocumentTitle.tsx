// The running step's progress in the window's title, so that it is seen from another tab.

import { useEffect } from 'react';
import { lastOf, latestRun, useEventLog } from '../store/eventLog.ts';
import { findStep, useStudio } from '../store/studio.ts';

export function DocumentTitle(): null {
  const step = useStudio((state) => (state.runningStepId === null ? undefined : findStep(state, state.runningStepId)));
  const datasetName = useStudio((state) => state.dataset?.name);
  const percent = useEventLog((log) => {
    const run = step && latestRun(log, step.id);
    return Math.round((run ? (lastOf(run.byType.progress)?.stepFraction ?? 0) : 0) * 100);
  });
  useEffect(() => {
    if (step) document.title = `${percent} % · ${step.title} · Windowbox`;
    else document.title = datasetName ? `${datasetName} · Windowbox` : 'Windowbox';
  }, [step, percent, datasetName]);
  return null;
}
