// @vitest-environment happy-dom
// The storage place: what lies there and how much of the room it takes, freeing with a way back, and asking the browser to keep it.

import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineError } from '../../protocol/errors.ts';
import type { StorageReport, StoredThing } from '../../protocol/storage.ts';
import { initialLasting, lastingStore } from '../store/lastingStorage.ts';
import { studioStore } from '../store/studio.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { smallRun } from '../testing/smallRun.ts';
import { KeptRuns } from './KeptRuns.tsx';
import { KeepingTrouble, Storage } from './Storage.tsx';

const thing = (id: string, kind: StoredThing['kind'], label: string, more: Partial<StoredThing> = {}): StoredThing => ({
  ...{ id, kind, label, note: 'Its note.', sizeBytes: 2_000_000, date: null, whyNotFree: null },
  ...more,
});
const run = {
  ...{ number: 1, name: '', note: '', startedAt: '2026-01-02T03:04:05Z', datasetName: 'shapes' },
  ...{ pictureCount: 9, recipeId: 'eight', stepCount: 3, best: null },
};
const work = thing('work', 'work', 'Work of run 2', { whyNotFree: 'Run 2 is open.' });
const runThing = thing('run 1', 'run', 'Run 1 on “shapes”', { date: run.startedAt });
const full: StorageReport = { things: [work, runThing], total: { usedBytes: 3e9, quotaBytes: 4e9 } };
const freed: StorageReport = { things: [work], total: { usedBytes: 1e9, quotaBytes: 4e9 } };

async function open(answerFree = async () => ({ storage: freed, work: null, runs: [], catalog: smallRun.catalog })) {
  const part = (
    <>
      <KeptRuns runs={[run]} />
      <KeepingTrouble />
      <Storage />
    </>
  );
  let report = full;
  const engine = await renderWithEngine(part, {
    measureStorage: async () => report,
    freeStorage: async () => {
      const answer = await answerFree();
      report = answer.storage;
      return answer;
    },
  });
  studioStore.setState({ kept: { whyNot: null, trouble: null, work: null, runs: [run] } });
  const place = screen.getByTestId<HTMLDetailsElement>('storage');
  await act(async () => {
    place.open = true;
    fireEvent(place, new Event('toggle'));
  });
  const lineOf = (id: string) => place.querySelector<HTMLElement>(`[data-thing="${id}"]`) as HTMLElement;
  return { ...engine, place, lineOf };
}

beforeEach(() => {
  vi.useFakeTimers();
  lastingStore.setState(initialLasting(), true);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Happy-dom has no storage of its own. */
function stubStorage(
  answers: { readonly persisted: boolean; readonly persist: boolean },
  brands: readonly string[] = [],
) {
  const persist = vi.fn(async () => answers.persist);
  const storage = { persisted: async () => answers.persisted, persist };
  const userAgentData = { brands: brands.map((brand) => ({ brand })) };
  vi.stubGlobal('navigator', { storage, ...(brands.length > 0 ? { userAgentData } : {}) });
  return persist;
}

describe('the storage place', () => {
  it('asks nothing before it is opened, then shows each thing with its size and date, and the sum as a meter', async () => {
    const { askedOf, lineOf } = await open();
    expect(askedOf('measureStorage')).toHaveLength(1);
    expect(lineOf('run 1').textContent).toContain('2.0 MB');
    expect(lineOf('run 1').textContent).toContain(new Date(run.startedAt).toLocaleString());
    const meter = screen.getByRole<HTMLMeterElement>('meter', { name: 'Storage in use' });
    expect(meter.value).toBe(0.75);
    expect(meter.getAttribute('aria-valuetext')).toBe(
      '3.0 GB used. The browser names 4.0 GB for this site; the disk may have less.',
    );
  });

  it('says why something cannot be freed, and does not free it', async () => {
    const { askedOf, lineOf } = await open();
    const button = within(lineOf('work')).getByRole('button');
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(lineOf('work').textContent).toContain('Run 2 is open.');
    fireEvent.click(button);
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(askedOf('freeStorage')).toEqual([]);
  });

  it('frees after a while in which that can be taken back, here and in the list of runs', async () => {
    const { askedOf, lineOf, place } = await open();
    fireEvent.click(within(lineOf('run 1')).getByRole('button', { name: /^Free this Run 1 on “shapes”/ }));
    const keep = within(lineOf('run 1')).getByRole('button', { name: /Keep it/ });
    fireEvent.click(screen.getByTestId('undo-delete'));
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(keep.isConnected).toBe(false);
    expect(askedOf('freeStorage')).toEqual([]);

    const button = within(lineOf('run 1')).getByRole('button');
    button.focus();
    fireEvent.click(button);
    expect(document.activeElement).toBe(within(lineOf('run 1')).getByRole('button', { name: /Keep it/ }));
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(askedOf('freeStorage')).toEqual([{ id: 'run 1' }]);
    expect(lineOf('run 1')).toBeNull();
    expect(place.textContent).toContain('Freed: Run 1 on “shapes”, 2.0 MB.');
    expect(studioStore.getState().kept?.runs).toEqual([]);
    expect(document.activeElement).toBe(within(lineOf('work')).getByRole('button'));
  });

  it('shows why freeing failed, and what is there now', async () => {
    const refuse = async () => {
      throw new EngineError('settingInvalid', 'Run 1 was not freed. It is open.');
    };
    const { askedOf, lineOf } = await open(refuse);
    fireEvent.click(within(lineOf('run 1')).getByRole('button'));
    await act(() => vi.advanceTimersByTimeAsync(20_000));
    expect(studioStore.getState().problem?.sentence).toContain('It is open.');
    expect(askedOf('measureStorage')).toHaveLength(2);
    expect(within(lineOf('run 1')).getByRole('button', { name: /Free this/ })).toBeTruthy();
  });

  it('says that the work is not kept for as long as that is so, and leads to what can be freed', async () => {
    const { send, place } = await open();
    const sentence = 'There is no room.';
    await act(async () => send([{ type: 'workNotKept', sentence, atMs: 1 }]));
    expect(screen.getByTestId('keeping-trouble').textContent).toContain(sentence);
    place.open = false;
    fireEvent.click(screen.getByTestId('show-storage'));
    expect(place.open).toBe(true);
    expect(document.activeElement?.textContent).toBe('Storage');
    await act(async () => send([{ type: 'workKept', place: null, sizeBytes: 1, elapsedMs: 1, atMs: 2 }]));
    expect(screen.queryByTestId('keeping-trouble')).toBeNull();
  });
});

describe('the browser’s promise to keep it', () => {
  const kept = { type: 'workKept', place: null, sizeBytes: 1, elapsedMs: 1, atMs: 2 } as const;
  const lasting = () => screen.getByTestId('storage-lasting');

  it('is asked for by a press alone where the browser may ask the person, and a refusal is said', async () => {
    const persist = stubStorage({ persisted: false, persist: false });
    const { send } = await open();
    await act(async () => send([kept]));
    expect(persist).not.toHaveBeenCalled();
    expect(lasting().textContent).toBe('The browser may clear this when the disk runs full.');
    await act(async () => fireEvent.click(screen.getByTestId('ask-to-last')));
    expect(persist).toHaveBeenCalledTimes(1);
    expect(lasting().textContent).toContain('did not promise');
  });

  it('is asked for once by itself where the browser decides alone, when something is kept', async () => {
    const persist = stubStorage({ persisted: false, persist: true }, ['Chromium', 'Some Browser']);
    const { send } = await open();
    expect(persist).not.toHaveBeenCalled();
    await act(async () => send([kept, kept]));
    expect(persist).toHaveBeenCalledTimes(1);
    expect(lasting().textContent).toContain('keeps this until you free it');
    expect(screen.queryByTestId('ask-to-last')).toBeNull();
  });

  it('is said to be unknown where the browser does not say', async () => {
    vi.stubGlobal('navigator', {});
    await open();
    expect(lasting().textContent).toContain('does not say');
  });
});
