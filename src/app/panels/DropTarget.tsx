// Takes a drop anywhere on the window, and shows while something is dragged what dropping it would do.

import { useEffect, useState } from 'react';
import { isCheckpointName } from '../intake/checkpointFiles.ts';
import type { NamedFiles } from '../intake/folderPaths.ts';
import { filesFromDrop } from '../intake/takeFiles.ts';
import type { Actions } from '../store/actions.ts';
import { useStudio } from '../store/studio.ts';
import { useActions } from './actionsContext.ts';
import { useWhyNoFolder } from './FolderInput.tsx';

export function DropTarget() {
  const actions = useActions();
  const whyOff = useWhyNoFolder();
  const datasetName = useStudio((state) => state.dataset?.name ?? null);
  const [isDragging, setIsDragging] = useState(false);

  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = whyOff === null ? 'copy' : 'none';
      setIsDragging(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsDragging(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setIsDragging(false);
      if (whyOff === null) {
        // The dropped items can be read only during this event, so reading starts here and now.
        const reading = filesFromDrop(event);
        void takeDrop(actions, reading);
      }
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [actions, whyOff]);

  if (!isDragging) return null;
  return (
    <div className="dropOverlay">
      <div>
        <p className="dropTitle">{whyOff === null ? 'Drop to open this' : 'This cannot be opened now'}</p>
        <p>{whyOff ?? describeDrop(datasetName)}</p>
      </div>
    </div>
  );
}

/** A single checkpoint is weights to begin with; anything else is a folder of pictures. */
async function takeDrop(actions: Actions, reading: Promise<NamedFiles>): Promise<void> {
  // What cannot be read is told by whoever opens it.
  const named = await reading.catch(() => null);
  const [only, ...others] = named?.files ?? [];
  if (only && others.length === 0 && isCheckpointName(only.path)) await actions.takeWeightsFile(only.file, only.path);
  else await actions.open(() => reading, 'what was dropped');
}

/** What a drop would do, in a sentence. */
export function describeDrop(datasetName: string | null): string {
  if (datasetName === null)
    return 'Pictures of a folder are read and checked, a checkpoint is kept as a network to begin with; your files stay as they are.';
  return `A folder takes the place of “${datasetName}”, whose results are dropped; a checkpoint is kept as a network to begin with. Your files stay as they are.`;
}
