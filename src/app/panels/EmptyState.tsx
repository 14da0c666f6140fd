// The page before any data: the whole window takes a drop; the folder shapes it reads are drawn, and a sample is one click away.

import { useEffect, useState } from 'react';
import { filesFromAddress } from '../intake/takeFiles.ts';
import { lastOf, useEventLog } from '../store/eventLog.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatCount } from '../ui/formatNumbers.ts';
import { showText } from '../ui/showText.ts';
import { useActions } from './actionsContext.ts';
import { FolderInput, useWhyNoFolder } from './FolderInput.tsx';
import { KeptWork } from './KeptWork.tsx';
import { OpenProject } from './ProjectFile.tsx';
import { Storage } from './Storage.tsx';

interface SampleDescription {
  readonly name: string;
  readonly sentence: string;
}

const splitTree = ['flowers', '├─ train', '│  ├─ daisy', '│  └─ tulip', '└─ valid', '   ├─ daisy', '   └─ tulip'];
const classTree = ['flowers', '├─ daisy', '│  ├─ 01.jpg', '│  └─ 02.jpg', '└─ tulip', '   ├─ 01.jpg', '   └─ 02.jpg'];

const tableTree = [
  'flowers',
  '├─ labels.csv',
  '├─ train',
  '│  ├─ a01.jpg',
  '│  └─ a02.jpg',
  '└─ test',
  '   └─ b01.jpg',
];

export function EmptyState() {
  const openingName = useStudio((state) => state.openingName);
  return <main className="emptyState">{openingName === null ? <Welcome /> : <Reading name={openingName} />}</main>;
}

function Welcome() {
  const actions = useActions();
  const whyOff = useWhyNoFolder();
  const sample = useSample();
  const notice = useStudio((state) => state.notice);
  return (
    <>
      <h1>Drop a folder of pictures here</h1>
      <p className="lead">
        Windowbox teaches a network to tell your pictures apart, step by step, in this page. A few dozen pictures of
        each kind are enough to begin.
      </p>
      <div className="emptyActions">
        <FolderInput label="Choose a folder" isPrimary />
        <ActionButton
          whyOff={whyOff}
          onPress={() => void actions.open(() => filesFromAddress('./sample/drawings.zip', sample?.name), 'the sample')}
        >
          Try it with a sample
        </ActionButton>
        <OpenProject />
      </div>
      {notice !== null && (
        <p className="notice" role="status">
          {notice}
        </p>
      )}
      <p className="muted sampleLine">
        {sample?.sentence ?? 'The sample is a small set of free drawings.'}{' '}
        <a href="./sample/SOURCES.md" target="_blank" rel="noreferrer">
          Where they come from
        </a>
      </p>
      <KeptWork />
      <Storage />
      <div className="trees">
        <FolderTree
          lines={splitTree}
          title="Split already"
          text="Folders train and valid, one folder for each class inside. Test is read too, if there."
        />
        <FolderTree
          lines={classTree}
          title="One folder for each class"
          text="A fifth of each class is set aside to check with; you can change how much."
        />
        <FolderTree
          lines={tableTree}
          title="Pictures and a table"
          text="A CSV file with a row for each picture: its name and its label, or its tags. You say which column is which."
        />
      </div>
      <p className="privacyLine">
        Your pictures are read and learned from on this computer. Nothing is uploaded, and your files are never changed.
      </p>
    </>
  );
}

function FolderTree({ lines, title, text }: { lines: readonly string[]; title: string; text: string }) {
  return (
    <section className="tree">
      <pre aria-hidden="true">
        {lines.map((line) => {
          const [, branch = '', name = ''] = /^([│├└─ ]*)(.*)$/.exec(line) ?? [];
          return (
            <span key={line}>
              <span className="branch">{branch}</span>
              {name}
              {'\n'}
            </span>
          );
        })}
      </pre>
      <div>
        <h2>{title}</h2>
        <p className="muted">{text}</p>
      </div>
    </section>
  );
}

function Reading({ name }: { name: string }) {
  const actions = useActions();
  const progress = useEventLog((log) => lastOf(log.datasetProgress));
  const done = progress?.files.done ?? 0;
  const total = progress?.files.total ?? 0;
  return (
    <div className="reading" aria-live="polite">
      <h1>Reading {showText(name)}</h1>
      <p className="lead numbers">
        {total > 0 ? `${formatCount(done)} of ${formatCount(total)} files looked at` : 'Listing the files'}
      </p>
      <div
        className="bar"
        role="progressbar"
        aria-label="Reading files"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={total > 0 ? Math.round((done / total) * 100) : 0}
      >
        <span style={{ transform: `scaleX(${total > 0 ? done / total : 0})` }} />
      </div>
      <p className="muted">
        {progress && progress.setAsideCount > 0
          ? `${formatCount(progress.setAsideCount)} set aside so far; you will see why.`
          : 'Every picture is checked once.'}
      </p>
      <ActionButton onPress={actions.stop}>Cancel</ActionButton>
    </div>
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** What the sample's own description says; null until it is there, or when there is none. */
function useSample(): SampleDescription | null {
  const [sample, setSample] = useState<SampleDescription | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    fetch('./sample/sample.json', { signal: abort.signal })
      .then((response) => (response.ok ? response.json() : null))
      .then((content: Record<string, unknown> | null) => {
        const { name, sentence, description } = content ?? {};
        const text = isText(sentence) ? sentence : isText(description) ? description : null;
        if (isText(name) && text !== null) setSample({ name, sentence: text });
      })
      .catch(() => {
        // Without its description the sample still opens.
      });
    return () => abort.abort();
  }, []);
  return sample;
}
