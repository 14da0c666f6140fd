// A run as one file, to take along and to open again.

import type { KeptRun } from '../../protocol/keeping.ts';
import type { Actions } from '../store/actions.ts';
import { useEventLog } from '../store/eventLog.ts';
import { studioStore, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { downloadBlob } from '../ui/download.ts';
import { FileButton } from '../ui/FileButton.tsx';
import { useActions } from './actionsContext.ts';

/** @param run null for what is open */
export async function saveProject(actions: Actions, run: KeptRun | null): Promise<void> {
  const { dataset } = studioStore.getState();
  const file = await actions.saveProject(run);
  const name = run ? run.name || `run ${run.number}` : (dataset?.name ?? 'project');
  // Not every sign that a name may have can be in a file's.
  if (file) downloadBlob(file, `${name.replace(/[^\p{L}\p{N} ._-]/gu, '_')}.windowbox.zip`);
}

/** What is open, as one file: all that was told, the settings, and the model. */
export function SaveProject() {
  const actions = useActions();
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const isReplay = useStudio((state) => state.engine === 'replay');
  const hasRun = useEventLog((log) => log.stepRuns.some((run) => run.byType.stepEnded.length > 0));
  if (isReplay) return null;
  const whyOff = isRunning ? 'A step is running. Wait for its end, or stop it.' : null;
  return (
    <ActionButton
      testId="save-project"
      whyOff={hasRun ? whyOff : 'There is nothing to save before a step has run.'}
      onPress={() => void saveProject(actions, null)}
    >
      Save the project
    </ActionButton>
  );
}

/** A project file of this or another computer: its run is shown, and its model waits for pictures. */
export function OpenProject() {
  const actions = useActions();
  const isReady = useStudio((state) => state.engine === 'ready');
  return (
    <FileButton
      accept=".zip"
      inputTestId="project-input"
      inputLabel="Choose a project file"
      whyOff={isReady ? null : 'The training engine is not ready.'}
      onChoose={([file]) => void actions.openProject(file)}
    >
      Open a project
    </FileButton>
  );
}
