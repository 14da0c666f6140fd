// "Save predictions as CSV": in a shape that competitions ask for, or after a sample of theirs. The engine writes and checks the file;
// it is handed over only when nothing is wrong with it.

import { useState } from 'react';
import type { OptionSpec, SettingValue } from '../../protocol/recipe.ts';
import type { Submission, SubmissionForm, SubmissionIdForm, SubmissionShapeKind } from '../../protocol/submission.ts';
import { findSample, latestTestRun, type TagThresholds } from '../charts/testPredictions.ts';
import { useEventLog } from '../store/eventLog.ts';
import type { TypedValues } from '../store/settings.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { downloadBlob } from '../ui/download.ts';
import { FileButton } from '../ui/FileButton.tsx';
import { formatThreshold } from '../ui/formatNumbers.ts';
import { OptionsForm } from '../ui/OptionsForm.tsx';
import { useActions } from './actionsContext.ts';

interface SaveSubmissionProps {
  /** That predicted. */
  readonly stepId: string;
  /** Null where each picture is of one class. */
  readonly tagThresholds: TagThresholds | null;
  readonly classCount: number;
}

interface Sample {
  readonly name: string;
  readonly file: Blob;
}

/** The shape's value that stands for a sample. */
const SAMPLE = 'sample';

export function SaveSubmission({ stepId, tagThresholds, classCount }: SaveSubmissionProps) {
  const actions = useActions();
  const [chosenSample, setChosenSample] = useState<Sample | null>(null);
  const [typed, setTyped] = useState<TypedValues>({});
  const [written, setWritten] = useState<Submission | null>(null);
  const files = useStudio((state) => state.files);
  const droppedPath = findSample(files.keys());
  const droppedFile = droppedPath === null ? undefined : files.get(droppedPath);
  const sample = chosenSample ?? (droppedPath && droppedFile ? { name: droppedPath, file: droppedFile } : null);
  const whyOff = useWhyNotWritten(stepId);
  const options = submissionOptions(sample, tagThresholds);
  const chosen = (id: string): SettingValue | undefined =>
    typed[id] ?? options.find((option) => option.id === id)?.default;
  const isAfterSample = sample !== null && chosen('shape') === SAMPLE;

  function change(optionId: string, value: SettingValue): void {
    setTyped({ ...typed, [optionId]: value });
    setWritten(null);
  }

  async function save(): Promise<void> {
    const form: SubmissionForm = isAfterSample
      ? { kind: 'sample', file: sample.file }
      : {
          kind: 'shape',
          // The form offers these values and no others.
          shape: chosen('shape') as SubmissionShapeKind,
          idForm: chosen('idForm') as SubmissionIdForm,
          isVerbatim: chosen('isVerbatim') === true,
        };
    const thresholds = tagThresholds && thresholdsOf(tagThresholds, chosen('above'), classCount);
    const submission = await actions.writeSubmission({ form, thresholds });
    setWritten(submission);
    if (submission?.problems.length === 0) {
      downloadBlob(new Blob([submission.text], { type: 'text/csv' }), submission.fileName);
    }
  }

  return (
    <div className="saveSubmission">
      <h3>Predictions as a file</h3>
      {isAfterSample && (
        <p className="muted" data-testid="sample-followed">
          “{sample.name}” {chosenSample ? 'was chosen' : 'lies in the folder'}, so the file follows it letter by letter:
          its columns, its names and the order of its rows.
        </p>
      )}
      <OptionsForm
        idPrefix={`submission-${stepId}`}
        options={isAfterSample ? options.filter(({ id }) => id === 'shape' || id === 'above') : options}
        typed={typed}
        isOff={false}
        onChange={change}
      />
      <div className="actionRow">
        <ActionButton testId="save-predictions" whyOff={whyOff} onPress={() => void save()}>
          Save predictions as CSV
        </ActionButton>
        <FileButton
          accept=".csv,text/csv"
          inputTestId="sample-input"
          inputLabel="Choose a sample of a submission"
          testId="choose-sample"
          onChoose={([file]) => {
            setChosenSample({ name: file.name, file });
            change('shape', SAMPLE);
          }}
        >
          Choose a sample to follow
        </FileButton>
      </div>
      {written && <Outcome written={written} />}
    </div>
  );
}

function Outcome({ written: { problems, notes, fileName } }: { written: Submission }) {
  if (problems.length === 0) {
    return (
      <p role="status" data-testid="submission-saved">
        “{fileName}” was checked and saved. {notes.join(' ')}
      </p>
    );
  }
  return (
    <div role="alert" data-testid="submission-problems">
      <p>Nothing was saved, because a competition would refuse this file:</p>
      <ul className="fieldProblem">
        {problems.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <p className="muted">{notes.join(' ')}</p>
    </div>
  );
}

/** The engine keeps the newest predictions, and loses them when it ends. */
function useWhyNotWritten(stepId: string): string | null {
  const isReplay = useStudio((state) => state.engine === 'replay');
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const isKept = useEventLog((log) => {
    const run = latestTestRun(log);
    return run?.stepId === stepId && log.stepRuns.lastIndexOf(run) >= firstValidRun;
  });
  if (isReplay) return 'This is a recorded run; there is no engine behind it.';
  if (isRunning) return 'A step is running. Wait for it, or stop it.';
  return isKept ? null : 'The engine that made these predictions is gone. Run the step again.';
}

function submissionOptions(sample: Sample | null, tagThresholds: TagThresholds | null): readonly OptionSpec[] {
  const shapes = [
    ...(sample ? [{ value: SAMPLE, label: `as “${sample.name}” asks` }] : []),
    ...(tagThresholds ? [{ value: 'tags', label: 'id and tags' }] : []),
    { value: 'probabilities', label: 'one column for each class' },
    ...(tagThresholds ? [] : [{ value: 'label', label: 'id and label' }]),
  ];
  return [
    {
      kind: 'choice',
      id: 'shape',
      label: 'Shape',
      help: 'What the competition asks for. A sample of its own says it best.',
      default: shapes[0]?.value ?? 'probabilities',
      choices: shapes,
    },
    {
      kind: 'choice',
      id: 'idForm',
      label: 'Pictures are called by',
      help: 'What stands in the first column.',
      default: 'name',
      choices: [
        { value: 'name', label: 'their name without ending' },
        { value: 'nameWithSuffix', label: 'their name with ending' },
        { value: 'path', label: 'their whole path' },
      ],
    },
    ...(tagThresholds ? [thresholdOption(tagThresholds)] : []),
    {
      kind: 'toggle',
      id: 'isVerbatim',
      label: 'Exact names',
      help: 'Off, a name that a spreadsheet would run as a formula gets a quote in front. On, it stays as it is, for a machine that compares every letter.',
      default: false,
    },
  ];
}

function thresholdOption({ one, own }: TagThresholds): OptionSpec {
  const source = own ? 'as the validation pictures say' : 'the lesson’s';
  return {
    kind: 'choice',
    id: 'above',
    label: 'A tag is given above',
    help: 'Only shapes with tags in them look at it.',
    default: 'one',
    choices: [
      { value: 'one', label: `${formatThreshold(one)}, ${source}` },
      ...(own ? [{ value: 'own', label: 'each tag’s own threshold' }] : []),
    ],
  };
}

function thresholdsOf({ one, own }: TagThresholds, chosen: SettingValue | undefined, classCount: number) {
  return chosen === 'own' && own ? own : Array.from({ length: classCount }, () => one);
}
