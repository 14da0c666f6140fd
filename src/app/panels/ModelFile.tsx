// What is trained, as a file: saved by a name of the person's own, and opened again.

import { useRef, useState } from 'react';
import { hasTrained } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { downloadBlob } from '../ui/download.ts';
import { useActions } from './actionsContext.ts';

const suffix = '.safetensors';

export function ModelFile() {
  const actions = useActions();
  const input = useRef<HTMLInputElement>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const name = useModelName();
  const isReplay = useStudio((state) => state.engine === 'replay');
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const isTrained = useEventLog((log) => log.stepRuns.slice(firstValidRun).some(hasTrained));
  const whyBusy = isReplay
    ? 'This is a recorded run; there is no engine behind it.'
    : isRunning
      ? 'A step is running. Wait for it, or stop it.'
      : null;
  return (
    <div className="actionRow modelFile">
      <ActionButton
        testId="save-model"
        whyOff={whyBusy ?? (isTrained ? null : 'There is nothing to save before something was trained.')}
        onPress={() => void save()}
      >
        Save model
      </ActionButton>
      <span className="folderInput">
        <input
          ref={input}
          type="file"
          accept={suffix}
          data-testid="model-input"
          aria-label="Choose a saved model"
          tabIndex={-1}
          className="visuallyHidden"
          onChange={(event) => {
            const [file] = Array.from(event.target.files ?? []);
            event.target.value = '';
            if (file) void actions.openModel(file).then(setOpened);
          }}
        />
        <ActionButton testId="open-model" whyOff={whyBusy} onPress={() => input.current?.click()}>
          Open a model
        </ActionButton>
      </span>
      {opened && (
        <p className="muted" role="status" data-testid="model-opened">
          {opened}
        </p>
      )}
    </div>
  );

  async function save(): Promise<void> {
    const file = await actions.saveModel(name);
    if (file) downloadBlob(file, `${name}${suffix}`);
  }
}

/** As the lesson names its files: the picture size and the step that trained last ('224_trainHead'). */
function useModelName(): string {
  const dataset = useStudio((state) => state.dataset?.name ?? 'pictures');
  const step = useEventLog((log) => log.stepRuns.findLast(hasTrained)?.stepId);
  return step ? `${dataset}_${step}` : dataset;
}
