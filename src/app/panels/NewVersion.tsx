// One quiet line when the site has a newer version. It is taken only when the person says so, and never during a step.

import { takeNewVersion, useHasNewVersion } from '../store/newVersion.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';

export function NewVersion() {
  const hasNewVersion = useHasNewVersion();
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const isTrained = useStudio((state) => state.trainedName !== null);
  if (!hasNewVersion) return null;
  return (
    <p role="status" className="newVersion" data-testid="new-version">
      <span>
        A new version of Windowbox is there.
        {isTrained && ' Reloading closes what is trained here; save it as a file first.'}
      </span>
      <ActionButton
        onPress={takeNewVersion}
        whyOff={isRunning ? 'A step is running. The new version waits until it is done.' : null}
      >
        Reload
      </ActionButton>
    </p>
  );
}
