// "Choose a folder": a button in front of the browser's own folder input.

import { filesFromInput } from '../intake/takeFiles.ts';
import { useStudio } from '../store/studio.ts';
import { FileButton } from '../ui/FileButton.tsx';
import { useActions } from './actionsContext.ts';

export const folderInputId = 'folder-input';

/** Opens the browser's folder dialog, from wherever a folder is asked for. */
export function askForFolder(): void {
  document.getElementById(folderInputId)?.click();
}

interface FolderInputProps {
  readonly label: string;
  readonly isPrimary?: boolean;
}

export function FolderInput({ label, isPrimary = false }: FolderInputProps) {
  const actions = useActions();
  const whyOff = useWhyNoFolder();
  return (
    <FileButton
      inputId={folderInputId}
      inputTestId="folder-input"
      inputLabel="Choose a folder of pictures"
      isPrimary={isPrimary}
      whyOff={whyOff}
      onChoose={(files) => {
        const chosen = filesFromInput(files);
        void actions.open(() => chosen, chosen.name);
      }}
    >
      {label}
    </FileButton>
  );
}

/** Why no folder can be opened now; null when one can. While the engine starts, opening simply waits for it. */
export function useWhyNoFolder(): string | null {
  const engine = useStudio((state) => state.engine);
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const isOpening = useStudio((state) => state.openingName !== null);
  if (engine === 'replay')
    return 'A recorded run is shown. Close it, or open the page without “replay”, to open a folder.';
  if (engine === 'failed') return 'The training engine is not running.';
  if (isRunning) return 'A step is running. Stop it first; what it trained is kept.';
  return isOpening ? 'A folder is being read.' : null;
}
