// What is trained, by a name: saved as a file, or kept in this page, and opened again from either.

import { useId, useState } from 'react';
import type { KeptModel } from '../../protocol/training.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { downloadBlob } from '../ui/download.ts';
import { FileButton } from '../ui/FileButton.tsx';
import { formatBytes } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';

const suffix = '.safetensors';

export function ModelFile() {
  const actions = useActions();
  const nameId = useId();
  const [opened, setOpened] = useState<string | null>(null);
  const trainedName = useStudio((state) => state.trainedName);
  const keptModels = useStudio((state) => state.keptModels);
  const [typed, setTyped] = useState<{ readonly of: string | null; readonly name: string } | null>(null);
  // A name that was typed for what was trained before is not this one's.
  const name = typed?.of === trainedName ? typed.name : proposeName(trainedName, keptModels);
  const whyBusy = useWhyBusy();
  const problem = trainedName === null ? null : problemOfName(name);
  const whyNotSaved =
    whyBusy ?? (trainedName === null ? 'There is nothing to save before something was trained.' : problem);
  const isReplacing = keptModels.some((model) => model.name === name.trim());

  async function save(): Promise<void> {
    const file = await actions.saveModel(name.trim());
    if (file) downloadBlob(file, `${name.trim()}${suffix}`);
  }

  return (
    <section className="modelFile" aria-label="Saved models">
      {trainedName !== null && (
        <div className="optionField">
          <label htmlFor={nameId}>Name of what is trained</label>
          <input
            id={nameId}
            type="text"
            autoComplete="off"
            spellCheck={false}
            value={name}
            data-testid="model-name"
            aria-invalid={problem !== null}
            aria-describedby={`${nameId}-help`}
            onChange={(event) => setTyped({ of: trainedName, name: event.target.value })}
          />
          <p id={`${nameId}-help`} className={problem === null ? 'muted' : 'fieldProblem'} aria-live="polite">
            {problem ?? 'Size of the pictures and what was trained, as the lesson names its files.'}
          </p>
        </div>
      )}
      <div className="actionRow">
        <ActionButton testId="save-model" whyOff={whyNotSaved} onPress={() => void save()}>
          Save model
        </ActionButton>
        <ActionButton testId="keep-model" whyOff={whyNotSaved} onPress={() => void actions.keepModel(name.trim())}>
          {isReplacing ? 'Replace in this page' : 'Keep in this page'}
        </ActionButton>
        <FileButton
          accept={suffix}
          inputTestId="model-input"
          inputLabel="Choose a saved model"
          testId="open-model"
          whyOff={whyBusy}
          onChoose={([file]) => void actions.openModel(file).then(setOpened)}
        >
          Open a model
        </FileButton>
      </div>
      {keptModels.length > 0 && (
        <KeptModels
          models={keptModels}
          whyOff={whyBusy}
          onOpen={(kept) => void actions.openKeptModel(kept).then(setOpened)}
          onForget={(kept) => void actions.forgetModel(kept)}
        />
      )}
      {opened && (
        <p className="muted" role="status" data-testid="model-opened">
          {opened}
        </p>
      )}
    </section>
  );
}

interface KeptModelsProps {
  readonly models: readonly KeptModel[];
  readonly whyOff: string | null;
  readonly onOpen: (name: string) => void;
  readonly onForget: (name: string) => void;
}

function KeptModels({ models, whyOff, onOpen, onForget }: KeptModelsProps) {
  const bytes = models.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <>
      <ul className="keptModels" data-testid="kept-models">
        {models.map(({ name, sizeBytes }) => (
          <li key={name}>
            <span className="keptName">
              {name} <span className="muted numbers">{formatBytes(sizeBytes)}</span>
            </span>
            <ActionButton testId="open-kept" whyOff={whyOff} onPress={() => onOpen(name)}>
              Go on<span className="visuallyHidden"> from {name}</span>
            </ActionButton>
            <ActionButton testId="forget-kept" whyOff={whyOff} onPress={() => onForget(name)}>
              Forget<span className="visuallyHidden"> {name}</span>
            </ActionButton>
          </li>
        ))}
      </ul>
      <p className="tableNote muted">Kept in this page until it closes: {formatBytes(bytes)} of memory.</p>
    </>
  );
}

function useWhyBusy(): string | null {
  const isReplay = useStudio((state) => state.engine === 'replay');
  const isRunning = useStudio((state) => state.runningStepId !== null);
  if (isReplay) return 'This is a recorded run; there is no engine behind it.';
  return isRunning ? 'A step is running. Wait for it, or stop it.' : null;
}

/** The lesson's name for it, and a number where one of that name is kept already: '224_all', '224_all_2'. */
export function proposeName(trainedName: string | null, kept: readonly KeptModel[]): string {
  const names = new Set(kept.map(({ name }) => name));
  const first = trainedName ?? '';
  for (let number = 1; ; number++) {
    const name = number === 1 ? first : `${first}_${number}`;
    if (!names.has(name)) return name;
  }
}

const longestName = 80;

/** Null for a name that a file can have. */
export function problemOfName(name: string): string | null {
  const isUsable = name.trim() !== '' && name.trim().length <= longestName && !/[\\/:*?"<>|]/.test(name);
  return isUsable ? null : `1 to ${longestName} characters, and none of \\ / : * ? " < > |`;
}
