// Earlier runs: to look at again, to name, to take along, and to delete.

import { useState } from 'react';
import type { KeptRun } from '../../protocol/keeping.ts';
import { runThingId } from '../../protocol/storage.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatCountOf, formatPercent, formatShare } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';
import { saveProject } from './ProjectFile.tsx';

export function KeptRuns({ runs }: { runs: readonly KeptRun[] }) {
  const actions = useActions();
  const leavingId = useStudio((state) => state.leavingId);
  const workRun = useStudio((state) => state.kept?.work?.runNumber ?? null);
  return (
    <section className="keptRuns" aria-labelledby="runs-title">
      <h2 id="runs-title">Earlier runs</h2>
      <ul data-testid="kept-runs">
        {runs.map((run) =>
          runThingId(run.number) === leavingId ? (
            <li key={run.number}>
              <span>
                Run {run.number} will be deleted
                {run.number === workRun ? ', and with it the work that could go on from it' : ''}.
              </span>
              <button type="button" className="quiet" data-testid="undo-delete" onClick={actions.keepStored}>
                Keep it
              </button>
            </li>
          ) : (
            <RunLine key={run.number} run={run} onDelete={() => actions.freeStored(runThingId(run.number))} />
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
        <button type="button" className="quiet" data-testid="save-run" onClick={() => void saveProject(actions, run)}>
          Save as a file
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
  const hasModel = useStudio((state) => state.projectModel !== null);
  if (!run) return null;
  const label = nameRun(run);
  return (
    <section className="notice keptWork" data-testid="shown-run">
      <p>
        {label} as it was told. Nothing can be run in it.{' '}
        {hasModel &&
          'To go on with its model, close it and open pictures of its classes: the model is opened with them.'}
      </p>
      <ActionButton testId="close-run" onPress={actions.closeRun}>
        Close it
      </ActionButton>
    </section>
  );
}

function nameRun({ number, name }: KeptRun): string {
  if (number === 0) return `“${name}”`;
  return name === '' ? `Run ${number}` : `“${name}”, run ${number},`;
}
