// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from './App.tsx';
import { ActionsProvider } from './panels/actionsContext.ts';
import { showRecordedRun } from './startup.ts';
import { createActions } from './store/actions.ts';
import { startNewLog } from './store/eventLog.ts';
import { initialSettings, selectPlace, settingsStore } from './store/settings.ts';
import { initialStudio, studioStore } from './store/studio.ts';
import { smallRun } from './testing/smallRun.ts';

const steps = smallRun.catalog.recipes[0]?.steps ?? [];
const confusion = smallRun.events.find((event) => event.type === 'confusion');
const rows = smallRun.events.flatMap((event) => (event.type === 'epochEnded' ? [event.row] : []));
const stepOf = (verb: string) => steps.find((step) => step.verb === verb)?.id ?? '';

/** Elements have no size in this environment; charts are drawn once they have one. */
function giveElementsAWidth() {
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 800 });
}

function show(place: string) {
  const actions = createActions(() => {
    throw new Error('A recorded run has no engine.');
  });
  showRecordedRun(smallRun);
  selectPlace(place);
  return render(
    <ActionsProvider value={actions}>
      <App />
    </ActionsProvider>,
  );
}

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('There is no server in this test.')));
  giveElementsAWidth();
  startNewLog();
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
});
afterEach(cleanup);

describe('the page, from the recorded run', () => {
  it('lists the data, every step of the catalog and the results on the rail', () => {
    show('data');
    const rail = screen.getByRole('navigation', { name: 'Recipe' });
    const places = within(rail)
      .getAllByRole('button')
      .flatMap((button) => button.dataset.stepId ?? []);
    expect(places).toEqual(['data', ...steps.map((step) => step.id), 'results']);
  });

  it('walks the rail with the arrow keys', () => {
    show('data');
    const data = document.querySelector('[data-step-id="data"]');
    if (data) fireEvent.keyDown(data, { key: 'ArrowDown' });
    expect(document.querySelector('[aria-current="step"]')?.getAttribute('data-step-id')).toBe(steps[0]?.id);
  });

  it('draws the learning-rate curve with both suggestions named and offered', () => {
    show(stepOf('findLearningRate'));
    expect(document.querySelector('[data-line="loss"]')?.getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+L/);
    expect(document.querySelectorAll('[data-mark]')).toHaveLength(2);
    const offered = screen.getAllByTestId('apply-rate').map((button) => button.dataset.rule);
    expect(offered).toEqual(['minimumDividedBy10', 'valley']);
  });

  it('takes the rate that a person applies, and says so', () => {
    show(stepOf('findLearningRate'));
    const valley = screen.getAllByTestId('apply-rate').find((button) => button.dataset.rule === 'valley');
    if (valley) fireEvent.click(valley);
    expect(screen.getByRole('status').textContent).toMatch(/^Steps 3 and 4 will train with/);
  });

  it('draws train and valid loss and reads their values with the arrow keys', () => {
    show(stepOf('trainHead'));
    expect(document.querySelector('[data-line="train"]')).toBeTruthy();
    expect(document.querySelector('[data-line="valid"]')).toBeTruthy();
    const plot = screen.getByRole('slider', { name: /Loss per batch/ });
    act(() => fireEvent.keyDown(plot, { key: 'End' }));
    const last = smallRun.events.findLast((event) => event.type === 'batchEnded');
    expect(plot.getAttribute('aria-valuetext')).toContain(`batch ${last?.type === 'batchEnded' ? last.iteration : ''}`);
  });

  it('shows the loss table with five decimals and accuracy as a percentage', () => {
    show(stepOf('trainHead'));
    const table = screen.getByTestId('loss-table');
    const cells = Array.from(table.querySelectorAll('tbody tr'), (row) =>
      Array.from(row.querySelectorAll('td'), (cell) => cell.textContent),
    );
    expect(cells).toEqual(
      rows.map((row) => [
        String(row.epoch),
        row.trainLoss.toFixed(5),
        row.validLoss.toFixed(5),
        `${(row.accuracy * 100).toFixed(1)}\u00a0%`,
      ]),
    );
  });

  it('shows every count of the confusion matrix, and the pictures behind a cell', () => {
    show('results');
    const counts = Array.from(screen.getByTestId('confusion-matrix').querySelectorAll('tbody td'), (cell) =>
      Number(cell.textContent),
    );
    expect(counts).toEqual(confusion?.matrix.counts.flat());
    const cell = screen.getByTestId('confusion-matrix').querySelector('td:not([data-diagonal="true"]) button');
    if (cell) fireEvent.click(cell);
    expect(screen.getByRole('heading', { level: 3 }).textContent).toContain(' taken for ');
  });

  it('never shows the accuracy without its interval and number of pictures', () => {
    show(stepOf('trainHead'));
    const { low, high, count } = confusion?.accuracy ?? { low: 0, high: 0, count: 0 };
    const text = screen.getByTestId('accuracy').textContent ?? '';
    expect(text).toContain(`${(low * 100).toFixed(1)}–${(high * 100).toFixed(1)}`);
    expect(text).toContain(`${count} pictures`);
  });

  it('says why a control is off, where it can be heard', () => {
    show(stepOf('trainHead'));
    const run = screen.getByTestId('run-step');
    expect(run.getAttribute('aria-disabled')).toBe('true');
    expect(document.getElementById(run.getAttribute('aria-describedby') ?? '')?.textContent).toMatch(/recorded run/);
  });

  it('shows counts, sizes, warnings and what was set aside', () => {
    show('data');
    const { counts, warnings, setAside } = smallRun.dataset;
    for (const row of counts)
      expect(screen.getByRole('button', { name: new RegExp(`^${row.className} ?${row.train} train`) })).toBeTruthy();
    for (const warning of warnings) expect(screen.getByText(warning.sentence)).toBeTruthy();
    expect(document.querySelectorAll('[data-testid="set-aside"] li')).toHaveLength(setAside.length);
    expect(screen.getByRole('img', { name: /^Widths/ })).toBeTruthy();
  });

  it('has one heading of the first level and its landmarks at every place', () => {
    for (const place of ['data', ...steps.map((step) => step.id), 'results']) {
      const page = show(place);
      expect(page.container.querySelectorAll('h1'), place).toHaveLength(1);
      for (const landmark of ['header', 'nav', 'main', 'aside']) {
        expect(page.container.querySelectorAll(landmark), `${landmark} at ${place}`).toHaveLength(1);
      }
      page.unmount();
    }
  });

  it('shows a problem as an alert with one useful button', () => {
    show('data');
    act(() =>
      studioStore.setState({
        problem: { code: 'outOfMemory', sentence: 'Memory ran out.', stepId: 'prepare', remedy: 'halveBatch' },
      }),
    );
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain('Memory ran out.');
    expect(within(alert).getByRole('button', { name: 'Halve the batch and run again' })).toBeTruthy();
    expect(within(alert).getByRole('button', { name: 'Copy report' })).toBeTruthy();
  });
});

describe('the page before any data', () => {
  it('offers a folder and a sample and says that nothing is uploaded', () => {
    const actions = createActions(() => {
      throw new Error('No engine in this test.');
    });
    render(
      <ActionsProvider value={actions}>
        <App />
      </ActionsProvider>,
    );
    expect(screen.getByRole('button', { name: 'Choose a folder' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Try it with a sample' })).toBeTruthy();
    expect(screen.getByText(/Nothing is uploaded/)).toBeTruthy();
    expect(screen.getByTestId('folder-input').hasAttribute('webkitdirectory')).toBe(true);
  });
});
