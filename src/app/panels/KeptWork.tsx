// Work that the browser has kept of an earlier visit, to go on with: by itself, or with the same folder.

import type { KeptWork as Work } from '../../protocol/keeping.ts';
import { filesFromAddress, filesFromInput } from '../intake/takeFiles.ts';
import type { Actions } from '../store/actions.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { FileButton } from '../ui/FileButton.tsx';
import { formatCountOf } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';
import { KeptRuns } from './KeptRuns.tsx';

export function KeptWork() {
  const kept = useStudio((state) => state.kept);
  if (!kept) return null;
  return (
    <>
      {kept.whyNot !== null && <Notice sentence={kept.whyNot} />}
      {kept.trouble !== null && <Notice sentence={kept.trouble} />}
      {kept.work && <GoOn work={kept.work} />}
      {kept.runs.length > 0 && <KeptRuns runs={kept.runs} />}
    </>
  );
}

function Notice({ sentence }: { sentence: string }) {
  return (
    <p className="notice" role="status" data-testid="kept-notice">
      {sentence}
    </p>
  );
}

function GoOn({ work }: { work: Work }) {
  const actions = useActions();
  const { address, cutOff, datasetName, pictureCount, sentence } = work;
  return (
    <section className="keptWork" data-testid="kept-work" aria-label="Go on with what was begun">
      <p>
        {sentence} {address === null && `Its ${formatCountOf(pictureCount, 'picture')} are where you had them.`}
      </p>
      <div className="emptyActions">
        {address === null ? (
          <SameFolderInput
            label={cutOff ? 'Choose the same folder and go on' : 'Choose the same folder'}
            onTake={(files) => void goOn(actions, () => files)}
          />
        ) : (
          <ActionButton
            isPrimary
            testId="go-on"
            onPress={() =>
              void goOn(actions, async () => ({ ...(await filesFromAddress(address)), name: datasetName }))
            }
          >
            Go on
          </ActionButton>
        )}
        {address === null && cutOff?.needsPictures !== true && (
          <ActionButton testId="go-on-without" onPress={() => void goOn(actions, null)}>
            Go on without the pictures
          </ActionButton>
        )}
      </div>
    </section>
  );
}

async function goOn(actions: Actions, take: Parameters<Actions['restoreWork']>[0]): Promise<void> {
  if (await actions.restoreWork(take)) await actions.resumeStep();
}

interface SameFolderInputProps {
  readonly label: string;
  readonly onTake: (files: ReturnType<typeof filesFromInput>) => void;
}

function SameFolderInput({ label, onTake }: SameFolderInputProps) {
  return (
    <FileButton
      isPrimary
      inputTestId="same-folder-input"
      inputLabel="Choose the folder of pictures that the run began with"
      onChoose={(files) => onTake(filesFromInput(files))}
    >
      {label}
    </FileButton>
  );
}

/** Over the stage where work was brought back without its pictures. */
export function PicturesMissing() {
  const actions = useActions();
  const isMissing = useStudio((state) => !state.hasPictures && state.dataset !== null && state.engine !== 'replay');
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const name = useStudio((state) => state.dataset?.name ?? '');
  if (!isMissing || isRunning) return null;
  return (
    <section className="notice keptWork" data-testid="pictures-missing">
      <p>
        Everything that was trained on “{name}” is here, and its pictures are not: a page cannot keep them open. Choose
        the same folder, and steps that look at pictures can run.
      </p>
      <SameFolderInput
        label="Choose the same folder"
        onTake={(files) => {
          void goOn(actions, () => files);
        }}
      />
    </section>
  );
}
