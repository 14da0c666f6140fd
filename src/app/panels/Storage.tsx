// What the studio keeps in the browser, thing by thing with its size, and what can be freed of it; folded until a person wants to know.

import { useEffect, useRef, useState } from 'react';
import type { StorageTotal, StoredThing } from '../../protocol/storage.ts';
import { askToLast, type Lasting, readLasting, useLasting } from '../store/lastingStorage.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatBytes } from '../ui/formatNumbers.ts';
import { showText } from '../ui/showText.ts';
import { useActions } from './actionsContext.ts';

export function Storage() {
  const isReady = useStudio((state) => state.engine === 'ready');
  const [isOpen, setIsOpen] = useState(false);
  if (!isReady) return null;
  return (
    <section className="storage" aria-label="Storage">
      <details data-testid="storage" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
        <summary>Storage</summary>
        {isOpen && <StorageContent />}
      </details>
    </section>
  );
}

/** Over the stage for as long as the work cannot be kept. */
export function KeepingTrouble() {
  const trouble = useStudio((state) => state.keepingTrouble);
  if (trouble === null) return null;
  return (
    <div className="notice keptWork" role="status" data-testid="keeping-trouble">
      <p>{trouble}</p>
      <ActionButton testId="show-storage" onPress={showStorage}>
        Show the storage
      </ActionButton>
    </div>
  );
}

function showStorage(): void {
  const place = document.querySelector<HTMLDetailsElement>('[data-testid="storage"]');
  if (!place) return;
  place.open = true;
  place.querySelector('summary')?.focus();
}

function StorageContent() {
  const report = useStudio((state) => state.storage);
  const freed = useStudio((state) => state.freed);
  useMeasuring();
  return (
    <div className="storageContent">
      {report === null ? <p className="muted">Looking at what is kept.</p> : <Total total={report.total} />}
      <Lasts />
      {report && <Things things={report.things} />}
      <p className="muted" role="status">
        {freed && showText(freed)}
      </p>
    </div>
  );
}

/** Looks again whenever something may have come or gone. */
function useMeasuring(): void {
  const actions = useActions();
  const workKept = useStudio((state) => state.workKept);
  const kept = useStudio((state) => state.kept);
  const catalog = useStudio((state) => state.catalog);
  const dataset = useStudio((state) => state.dataset);
  const runningStepId = useStudio((state) => state.runningStepId);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is kept, and what is in use, depends on all of these.
  useEffect(() => {
    void actions.measureStorage();
  }, [actions, workKept, kept, catalog, dataset, runningStepId]);
  useEffect(() => {
    void readLasting();
  }, []);
}

function Total({ total }: { total: StorageTotal | null }) {
  if (!total) return <p className="muted">This browser does not say how much room there is.</p>;
  const { usedBytes, quotaBytes } = total;
  const share = quotaBytes > 0 ? Math.min(1, usedBytes / quotaBytes) : 1;
  // What a browser names is no measure of the disk: Chromium says ten gigabytes more than are used, whatever is left.
  const text = `${formatBytes(usedBytes)} used. The browser names ${formatBytes(quotaBytes)} for this site; the disk may have less.`;
  return (
    <div className="storageTotal numbers">
      <p>{text}</p>
      <meter className="visuallyHidden" aria-label="Storage in use" aria-valuetext={text} value={share} />
      <div className="bar" data-size="large" aria-hidden="true">
        <span style={{ transform: `scaleX(${share})` }} />
      </div>
    </div>
  );
}

const lastingSentences: Readonly<Record<Lasting, string>> = {
  unknown: 'This browser does not say whether it keeps this when the disk runs full.',
  clearable: 'The browser may clear this when the disk runs full.',
  refused:
    'The browser did not promise to keep it: it may clear this when the disk runs full. Browsers promise it to sites that are bookmarked, installed or visited often. What must not be lost, save as a file.',
  lasting: 'The browser keeps this until you free it, also when the disk runs full.',
};

function Lasts() {
  const lasting = useLasting();
  return (
    <div className="storageLasts">
      <p role="status" data-testid="storage-lasting" data-lasting={lasting}>
        {lastingSentences[lasting]}
      </p>
      {(lasting === 'clearable' || lasting === 'refused') && (
        <ActionButton testId="ask-to-last" onPress={() => void askToLast()}>
          Ask the browser to keep it
        </ActionButton>
      )}
    </div>
  );
}

function Things({ things }: { things: readonly StoredThing[] }) {
  const list = useRef<HTMLUListElement>(null);
  const leavingId = useStudio((state) => state.leavingId);
  useFocusAfterChange(list, `${leavingId} ${things.map(({ id }) => id).join()}`);
  return (
    <ul ref={list} data-testid="stored-things">
      {things.map((thing) => (
        <ThingLine key={thing.id} thing={thing} isLeaving={thing.id === leavingId} />
      ))}
    </ul>
  );
}

function ThingLine({ thing, isLeaving }: { thing: StoredThing; isLeaving: boolean }) {
  const actions = useActions();
  const { id, label, note, sizeBytes, date, whyNotFree } = thing;
  const name = showText(label);
  const facts = [
    sizeBytes === null ? 'this browser does not say how large' : formatBytes(sizeBytes),
    ...(date === null ? [] : [new Date(date).toLocaleString()]),
  ];
  return (
    <li data-thing={id} data-size-bytes={sizeBytes ?? undefined}>
      <span className="thingText">
        <strong>{name}</strong>
        <span className="muted numbers">
          {isLeaving ? 'This will be deleted.' : `${facts.join(', ')}.`} {showText(note)}
        </span>
      </span>
      {isLeaving ? (
        <button type="button" className="quiet" data-testid="keep-stored" onClick={actions.keepStored}>
          Keep it<span className="visuallyHidden"> {name}</span>
        </button>
      ) : (
        <ActionButton testId="free-stored" whyOff={whyNotFree} onPress={() => actions.freeStored(id)}>
          Free this<span className="visuallyHidden"> {name}</span>
        </ActionButton>
      )}
    </li>
  );
}

/** A button that was pressed and gave way leaves the focus on the page's ground: it goes on to what took its place, or to the first of the list. */
function useFocusAfterChange(list: React.RefObject<HTMLUListElement | null>, state: string): void {
  const place = useRef<string | null>(null);
  useEffect(() => {
    const remember = (event: FocusEvent) => {
      const line = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-thing]') : null;
      place.current = line && list.current?.contains(line) ? (line.dataset.thing ?? null) : null;
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, [list]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks after every change of the lines.
  useEffect(() => {
    if (place.current === null || document.activeElement !== document.body) return;
    const lines = [...(list.current?.querySelectorAll<HTMLElement>('[data-thing]') ?? [])];
    const line = lines.find(({ dataset }) => dataset.thing === place.current) ?? lines[0];
    line?.querySelector('button')?.focus();
  }, [list, state]);
}
