// What the browser has kept of earlier visits: work that was cut off, to go on with, and runs, to look at again.

import { useEffect, useRef, useState } from 'react';
import type { KeptRun, KeptWork as Work } from '../../protocol/keeping.ts';
import { filesFromAddress, filesFromInput } from '../intake/takeFiles.ts';
import type { Actions } from '../store/actions.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatCountOf, formatPercent, formatShare } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';

/** React's types do not know the attribute that makes a file input choose folders. */
const folderOnly = { webkitdirectory: '' };
/** How long a deleted run can be brought back. */
const UNDO_MS = 8000;

export function KeptWork() {
  const kept = useStudio((state) => state.kept);
  if (!kept) return null;
  return (
    <>
      {kept.whyNot !== null && <Notice sentence={kept.whyNot} />}
      {kept.trouble !== null && <Notice sentence={kept.trouble} />}
      {kept.work && <GoOn work={kept.work} />}
      {kept.runs.length > 0 && <Runs runs={kept.runs} />}
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
  const input = useRef<HTMLInputElement>(null);
  return (
    <span className="folderInput">
      <input
        ref={input}
        type="file"
        {...folderOnly}
        multiple
        data-testid="same-folder-input"
        aria-label="Choose the folder of pictures that the run began with"
        tabIndex={-1}
        className="visuallyHidden"
        onChange={(event) => {
          const chosen = filesFromInput(event.target);
          event.target.value = '';
          if (chosen.files.length > 0) onTake(chosen);
        }}
      />
      <ActionButton isPrimary onPress={() => input.current?.click()}>
        {label}
      </ActionButton>
    </span>
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

function Runs({ runs }: { runs: readonly KeptRun[] }) {
  const actions = useActions();
  const [leaving, setLeaving] = useState<number | null>(null);
  useEffect(() => {
    if (leaving === null) return;
    const timer = setTimeout(() => {
      setLeaving(null);
      void actions.removeRun(leaving);
    }, UNDO_MS);
    return () => clearTimeout(timer);
  }, [leaving, actions]);
  return (
    <section className="keptRuns" aria-labelledby="runs-title">
      <h2 id="runs-title">Earlier runs</h2>
      <ul data-testid="kept-runs">
        {runs.map((run) =>
          run.number === leaving ? (
            <li key={run.number}>
              <span>Run {run.number} will be deleted.</span>
              <button type="button" className="quiet" data-testid="undo-delete" onClick={() => setLeaving(null)}>
                Keep it
              </button>
            </li>
          ) : (
            <RunLine key={run.number} run={run} onDelete={() => setLeaving(run.number)} />
          ),
        )}
      </ul>
    </section>
  );
}

function RunLine({ run, onDelete }: { run: KeptRun; onDelete: () => void }) {
  const actions = useActions();
  const [isNaming, setIsNaming] = useState(false);
  const { number, name, note, best, datasetName, stepCount, startedAt } = run;
  const label = name === '' ? `Run ${number}` : name;
  const score =
    best &&
    (best.score.kind === 'f2' ? `F2 ${formatShare(best.score.f2)}` : formatPercent(best.score.accuracy.accuracy));
  return (
    <li data-run={number}>
      <span>
        <strong>{label}</strong>{' '}
        <span className="muted numbers">
          {new Date(startedAt).toLocaleString()}, “{datasetName}”, {formatCountOf(stepCount, 'step')}
          {score === null ? '' : `, best ${score}`}
          {note === '' ? '' : `. ${note}`}
        </span>
      </span>
      <span className="chips">
        <button type="button" className="quiet" data-testid="open-run" onClick={() => void actions.openRun(run)}>
          Look at it
        </button>
        <button type="button" className="quiet" aria-expanded={isNaming} onClick={() => setIsNaming(!isNaming)}>
          Name and note
        </button>
        <button type="button" className="quiet" aria-label={`Delete ${label}`} onClick={onDelete}>
          Delete
        </button>
      </span>
      {isNaming && (
        <RunWords
          run={run}
          onDone={(words) => {
            setIsNaming(false);
            void actions.describeRun(number, words);
          }}
        />
      )}
    </li>
  );
}

interface RunWordsProps {
  readonly run: KeptRun;
  readonly onDone: (words: Pick<KeptRun, 'name' | 'note'>) => void;
}

function RunWords({ run, onDone }: RunWordsProps) {
  const [name, setName] = useState(run.name);
  const [note, setNote] = useState(run.note);
  return (
    <form
      className="runWords"
      onSubmit={(event) => {
        event.preventDefault();
        onDone({ name: name.trim(), note: note.trim() });
      }}
    >
      <label>
        Name <input value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />
      </label>
      <label>
        Note <input value={note} maxLength={400} onChange={(event) => setNote(event.target.value)} />
      </label>
      <button type="submit" className="secondary">
        Keep
      </button>
    </form>
  );
}

/** Over the stage while a kept run is shown. */
export function ShownRun() {
  const actions = useActions();
  const run = useStudio((state) => state.shownRun);
  if (!run) return null;
  return (
    <section className="notice keptWork" data-testid="shown-run">
      <p>
        {run.name === '' ? `Run ${run.number}` : `“${run.name}”, run ${run.number}`} as it was told. Nothing can be run
        in it.
      </p>
      <ActionButton testId="close-run" onPress={actions.closeRun}>
        Close it
      </ActionButton>
    </section>
  );
}
