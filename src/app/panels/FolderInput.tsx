// "Choose a folder": a button in front of the browser's own folder input.

import { useRef } from 'react';
import { filesFromInput } from '../intake/takeFiles.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { useActions } from './actionsContext.ts';

/** React's types do not know the attribute that makes a file input choose folders. */
const folderOnly = { webkitdirectory: '' };

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
  const input = useRef<HTMLInputElement>(null);
  const whyOff = useWhyNoFolder();
  return (
    <span className="folderInput">
      <input
        ref={input}
        id={folderInputId}
        type="file"
        {...folderOnly}
        multiple
        data-testid="folder-input"
        aria-label="Choose a folder of pictures"
        tabIndex={-1}
        className="visuallyHidden"
        onChange={(event) => {
          const chosen = filesFromInput(event.target);
          event.target.value = '';
          if (chosen.files.length > 0) void actions.open(() => chosen, chosen.name);
        }}
      />
      <ActionButton isPrimary={isPrimary} whyOff={whyOff} onPress={() => input.current?.click()}>
        {label}
      </ActionButton>
    </span>
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
