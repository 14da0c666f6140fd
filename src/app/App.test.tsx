// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../protocol/events.ts';
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

function show(place: string, run = smallRun) {
  const actions = createActions(() => {
    throw new Error('A recorded run has no engine.');
  });
  showRecordedRun(run);
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

  it('draws the learning-rate curve with every suggestion named and offered, its zones, and the rate of each batch', () => {
    show(stepOf('findLearningRate'));
    expect(document.querySelector('[data-line="loss"]')?.getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+L/);
    expect(document.querySelectorAll('[data-mark]')).toHaveLength(4);
    expect(document.querySelectorAll('[data-zone]')).toHaveLength(4);
    expect(document.querySelector('[data-line="rate"]')).toBeTruthy();
    const offered = screen.getAllByTestId('apply-rate').map((button) => button.dataset.rule);
    expect(offered).toEqual(['minimumDividedBy10', 'steepest', 'valley', 'slide']);
  });

  it('moves the handle along the curve with the arrow keys, and takes the rate where it stands', () => {
    show(stepOf('findLearningRate'));
    const points = smallRun.events.flatMap((event) => (event.type === 'lrPoint' ? [event.learningRate] : []));
    const handle = screen.getByRole('slider', { name: /rate of your own/ });
    expect(handle.getAttribute('aria-valuetext')).toMatch(/^rate 7\.6e-3, loss [\d.]+, good$/);
    fireEvent.keyDown(handle, { key: 'End' });
    expect(Number(handle.getAttribute('aria-valuenow'))).toBe(points.at(-1));
    fireEvent.keyDown(handle, { key: 'ArrowRight' });
    fireEvent.keyDown(handle, { key: 'ArrowLeft' });
    expect(Number(handle.getAttribute('aria-valuenow'))).toBe(points.at(-2));
    expect(handle.getAttribute('aria-valuetext')).toMatch(/blows up$/);
    fireEvent.click(screen.getByTestId('apply-handle'));
    expect(settingsStore.getState().valuesByStep[stepOf('trainHead')]?.learningRate).toBe(points.at(-2));
  });

  it('says on a training why the finder should be run again', () => {
    const reasons = ['Pictures are now 128 px wide, not 224 px.', 'The momentum is now 0.8, not 0.9.'];
    const outdated: EngineEvent = { type: 'finderOutdated', stepId: stepOf('trainHead'), reasons, atMs: 1e6 };
    const page = show(stepOf('trainHead'));
    expect(screen.queryByTestId('finder-outdated')).toBeNull();
    page.unmount();
    startNewLog();
    show(stepOf('trainHead'), { ...smallRun, events: [...smallRun.events, outdated] });
    for (const reason of reasons) expect(screen.getByTestId('finder-outdated').textContent).toContain(reason);
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
        row.validLoss?.toFixed(5),
        `${((row.score ?? 0) * 100).toFixed(1)}\u00a0%`,
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
    expect(screen.getAllByRole('heading', { level: 3 })[0]?.textContent).toContain(' taken for ');
  });

  it('shows the matrix as shares of each row when it is asked to', () => {
    show('results');
    fireEvent.click(screen.getByRole('button', { name: '% of row' }));
    const firstRow = Array.from(
      screen.getByTestId('confusion-matrix').querySelectorAll('tbody tr:first-child td'),
      (cell) => Number(cell.textContent),
    );
    const counts = confusion?.matrix.counts[0] ?? [];
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(firstRow).toEqual(counts.map((count) => Math.round((100 * count) / total)));
  });

  it('shows each result beside the others with its interval and log loss, and which one the rest is about', () => {
    show('results');
    const result = smallRun.events.find((event) => event.type === 'resultRow');
    const [row, ...others] = screen.getByTestId('result-rows').querySelectorAll('tbody tr');
    expect(others).toHaveLength(0);
    expect(row?.textContent).toContain(result?.logLoss.toFixed(5));
    const low = result?.score.kind === 'accuracy' ? result.score.accuracy.low : 0;
    expect(row?.textContent).toContain(`${(low * 100).toFixed(1)}–`);
    expect(row?.textContent).toContain('shown below');
    const macroF1 = result?.score.kind === 'accuracy' ? result.score.macroF1.toFixed(3) : 'none';
    expect(row?.querySelectorAll('td')[1]?.textContent).toBe(macroF1);
    expect(screen.getByTestId('macro-f1').textContent).toBe(macroF1);
  });

  it('says what the losses say, and goes to the step that this suggests', () => {
    show('results');
    const diagnosed = smallRun.events.find((event) => event.type === 'fitDiagnosed');
    const diagnosis = screen.getByTestId('diagnosis');
    expect(diagnosis.textContent).toContain(diagnosed?.diagnosis.sentence);
    fireEvent.click(within(diagnosis).getByRole('button', { name: /^Go to step 4/ }));
    expect(settingsStore.getState().place).toBe('augment');
  });

  it('shows recall, precision and F1 of every class', () => {
    show('results');
    const cells = Array.from(screen.getByTestId('class-table').querySelectorAll('tbody tr'), (row) =>
      Array.from(row.querySelectorAll('td'), (cell) => cell.textContent ?? ''),
    );
    expect(cells.map(([, , , f1]) => f1)).toEqual(confusion?.classes.map(({ f1 }) => f1.toFixed(3)));
    cells.forEach(([found = '', recall = '', precision = ''], index) => {
      const report = confusion?.classes[index];
      expect(found).toContain(` of ${report?.support}`);
      expect(recall).toContain(((report?.recall ?? 0) * 100).toFixed(1));
      expect(precision).toContain(((report?.precision ?? 0) * 100).toFixed(1));
    });
  });

  it('shows the pictures worth a look, of all classes and of the one that a person chooses', () => {
    show('results');
    const titles = () => screen.getAllByRole('heading', { level: 3 }).map((title) => title.textContent);
    expect(titles()).toEqual(['Top losses', 'Most uncertain', 'Incorrect, at random', 'Correct, at random']);
    fireEvent.change(screen.getByTestId('gallery-class'), { target: { value: '0' } });
    expect(titles()).toEqual(['Most incorrect', 'Most uncertain', 'Most correct']);
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

describe('a step that broke', () => {
  it('offers to go on in an alert, and with the step once that is put away', () => {
    show('trainHead');
    const offer = 'Go on from epoch 3, batch 12, with a tenth of the rate';
    const sentence = 'The loss stopped being a number at the rate 1e-1.';
    act(() =>
      studioStore.setState({
        engine: 'ready',
        problem: { code: 'lossNotFinite', sentence, stepId: 'trainHead', remedy: 'goOn', offer },
        cutOff: { stepId: 'trainHead', epoch: 2, batch: 12, needsPictures: false },
        rescue: {
          ...{ type: 'stepCutOff', stepId: 'trainHead', cause: 'lossNotFinite', place: { epoch: 2, batch: 12 } },
          ...{ changes: { learningRate: 0.01 }, sentence, offer, atMs: 1 },
        },
      }),
    );
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain(sentence);
    const names = within(alert)
      .getAllByRole('button')
      .map(({ textContent }) => textContent);
    expect(names).toEqual([
      offer,
      'Run again with a tenth of the rate',
      'Run step 2, find a learning rate',
      'Copy report',
      'Not now',
    ]);
    act(() => within(alert).getByRole('button', { name: 'Not now' }).click());
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByTestId('resume-step').textContent).toBe(offer);
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
