// "Save run report": the run as JSON, without pictures and file names.

import { eventLogStore, useEventLog } from '../store/eventLog.ts';
import { buildRunReport, writeJson } from '../store/runReport.ts';
import { settingsStore } from '../store/settings.ts';
import { studioStore } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { downloadBlob } from '../ui/download.ts';

export function saveRunReport(): void {
  const { backend, catalog, dataset, problem } = studioStore.getState();
  if (!backend || !catalog || !dataset) return;
  const report = buildRunReport({
    backend,
    catalog,
    dataset,
    log: eventLogStore.getState().log,
    seed: settingsStore.getState().seed,
    ...(problem ? { error: problem.sentence } : {}),
  });
  downloadBlob(new Blob([writeJson(report)], { type: 'application/json' }), `${dataset.name}-run.json`);
}

export function SaveReport() {
  const hasRun = useEventLog((log) => log.stepRuns.some((run) => run.byType.stepEnded.length > 0));
  return (
    <ActionButton
      testId="download-report"
      whyOff={hasRun ? null : 'There is nothing to report before a step has run.'}
      onPress={saveRunReport}
    >
      Save run report
    </ActionButton>
  );
}
