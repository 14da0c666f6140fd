// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandName, CommandParams } from '../../protocol/commands.ts';
import type { DatasetSummary, PictureSummary } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { EngineEvent } from '../../protocol/events.ts';
import type { EngineClient } from '../../protocol/rpc.ts';
import type { Submission, SubmissionOrder } from '../../protocol/submission.ts';
import { App } from '../App.tsx';
import { createActions } from '../store/actions.ts';
import { appendEvents, startNewLog } from '../store/eventLog.ts';
import { initialSettings, selectPlace, settingsStore } from '../store/settings.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { smallRun } from '../testing/smallRun.ts';
import { downloadBlob } from '../ui/download.ts';
import { ActionsProvider } from './actionsContext.ts';

vi.mock('../ui/download.ts', () => ({ downloadBlob: vi.fn() }));

const stepId = 'predictTest';
const names = ['test/a.png', 'test/b.png', 'test/c.png', 'test/gone.png'];
const fine: Submission = { text: 'id,label\na,cat\n', fileName: 'pets.csv', notes: ['As asked.'], problems: [] };
let orders: SubmissionOrder[];
let answer: () => Submission;

function dataset(labelKind: DatasetSummary['labelKind']): DatasetSummary {
  const pictures = names.map((path, id): PictureSummary => {
    return { id, path, split: 'test', classIndices: null, widthPx: 8, heightPx: 8 };
  });
  return { ...smallRun.dataset, name: 'pets', labelKind, classes: ['cat', 'dog'], pictures };
}

const told = [
  { type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 0 },
  {
    type: 'testPredicted',
    stepId,
    label: 'Plain and 2 changed looks, mean',
    classes: ['cat', 'dog'],
    pictureIds: [0, 1, 2],
    probabilities: [0.9, 0.1, 0.4, 0.6, 0.8, 0.2],
    lostPictureIds: [3],
    atMs: 1,
  },
  {
    type: 'stepEnded',
    stepId,
    outcome: 'done',
    elapsedMs: 1,
    imagesPerSecond: null,
    memoryBytes: null,
    reading: 'Predicted.',
    error: null,
    atMs: 2,
  },
] as const satisfies readonly EngineEvent[];

async function show(
  options: {
    place?: string;
    events?: readonly EngineEvent[];
    kind?: DatasetSummary['labelKind'];
    sample?: boolean;
  } = {},
) {
  const { place = stepId, events = told, kind = 'oneClass', sample = false } = options;
  const client: EngineClient = {
    call(name: CommandName, params: unknown) {
      const give = async () => {
        if (name === 'start') return smallRun.backend;
        if (name === 'describeCatalog') return smallRun.catalog;
        if (name === 'listKept') return { whyNot: null, trouble: null, work: null, runs: [] };
        if (name === 'estimateStep') return { bytes: null, fits: true, sentence: '' };
        orders.push(params as CommandParams<'writeSubmission'>);
        return answer();
      };
      // The answers fit the commands that this test gives.
      return { result: give() as Promise<never>, cancel: () => {} };
    },
  };
  const actions = createActions(() => ({ client, terminate: () => {} }));
  await actions.start('auto');
  const files = sample ? [['data/sample_submission.csv', new Blob(['id,label\na,cat\n'])] as const] : [];
  studioStore.setState({ dataset: dataset(kind), files: new Map(files) });
  appendEvents(events);
  selectPlace(place);
  render(
    <ActionsProvider value={actions}>
      <App />
    </ActionsProvider>,
  );
}

const panel = () => screen.getByTestId('test-predictions');
const countsOf = (container: HTMLElement) =>
  within(container)
    .getAllByRole('button', { name: /^(cat|dog)/ })
    .map((button) => button.textContent);
const control = (id: string) => panel().querySelector<HTMLElement>(`[data-option-id="${id}"]`);
const choicesOf = (id: string) =>
  Array.from(control(id)?.querySelectorAll('option') ?? [], ({ textContent }) => textContent);
const choose = (id: string, value: string) =>
  act(async () => {
    const field = control(id);
    if (field) fireEvent.change(field, { target: { value } });
  });
const save = () => act(async () => fireEvent.click(screen.getByTestId('save-predictions')));

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('There is no server in this test.')));
  vi.mocked(downloadBlob).mockClear();
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 800 });
  orders = [];
  answer = () => fine;
  startNewLog();
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
});
afterEach(cleanup);

describe('the predictions of the test pictures', () => {
  it('are counted, and those that no longer open are named', async () => {
    await show();
    expect(panel().textContent).toContain('3 pictures, judged: Plain and 2 changed looks, mean.');
    expect(countsOf(panel())).toEqual([expect.stringMatching(/^cat2/), expect.stringMatching(/^dog1/)]);
    expect(screen.getByTestId('lost-pictures').textContent).toContain('1 picture no longer opens');
    expect(screen.getByTestId('lost-pictures').textContent).toContain('test/gone.png');
    fireEvent.click(within(panel()).getByRole('button', { name: /^cat/ }));
    expect(panel().querySelector('h3')?.textContent).toBe('Said to be cat, 2');
  });

  it('are scored where class folders say what they are', async () => {
    const accuracy = { accuracy: 0.5, low: 0.1, high: 0.9, correctCount: 1, count: 2 };
    const events = told.map((event) =>
      event.type === 'testPredicted' ? { ...event, known: { accuracy, logLoss: 0.30685 } } : event,
    );
    await show({ events });
    expect(screen.getByTestId('known-score').textContent?.replaceAll('\u00a0', ' ')).toBe(
      'By the class folders that 2 of them lie in: 50.0 % (10.0–90.0 %), 2 pictures; log loss 0.30685.',
    );
  });

  it('stand beside the other results, too, and say when something was trained since', async () => {
    const since = told
      .map((event) => ({ ...event, stepId: 'trainHead' }))
      .filter(({ type }) => type !== 'testPredicted');
    await show({ place: 'results', events: [...told, ...since] });
    expect(panel()).toBeTruthy();
    expect(screen.getByRole('main').textContent).toContain('Run “Predict the test pictures” to bring them up to date');
  });

  it('of tags are those above the threshold', async () => {
    await show({ kind: 'tags' });
    expect(panel().textContent).toContain('A tag is given above 0.20.');
    expect(countsOf(panel())).toEqual([expect.stringMatching(/^cat3/), expect.stringMatching(/^dog1/)]);
    expect(choicesOf('shape')).toEqual(['id and tags', 'one column for each class']);
    await save();
    expect(orders[0]).toMatchObject({ form: { shape: 'tags' }, thresholds: [0.2, 0.2] });
  });
});

describe('the file of predictions', () => {
  it('has the shape and the names that were chosen', async () => {
    await show();
    expect(choicesOf('shape')).toEqual(['one column for each class', 'id and label']);
    await choose('shape', 'label');
    await choose('idForm', 'nameWithSuffix');
    await act(async () => fireEvent.click(control('isVerbatim') as HTMLElement));
    await save();
    expect(orders).toEqual([
      { form: { kind: 'shape', shape: 'label', idForm: 'nameWithSuffix', isVerbatim: true }, thresholds: null },
    ]);
    expect(downloadBlob).toHaveBeenCalledWith(expect.anything(), 'pets.csv');
    expect(screen.getByTestId('submission-saved').textContent).toContain('“pets.csv” was checked and saved. As asked.');
  });

  it('is not given out with a mistake in it; the mistakes are said', async () => {
    await show();
    answer = () => ({ ...fine, problems: ['Ids are missing: gone.', 'Rows have cells that are no numbers: a.'] });
    await save();
    expect(downloadBlob).not.toHaveBeenCalled();
    const problems = screen.getByTestId('submission-problems');
    expect(Array.from(problems.querySelectorAll('li'), (item) => item.textContent)).toEqual([
      'Ids are missing: gone.',
      'Rows have cells that are no numbers: a.',
    ]);
    await choose('shape', 'label');
    expect(screen.queryByTestId('submission-problems')).toBeNull();
  });

  it('follows a sample that lies in the folder, or another that is chosen', async () => {
    await show({ sample: true });
    expect(screen.getByTestId('sample-followed').textContent).toContain(
      '“data/sample_submission.csv” lies in the folder',
    );
    expect(control('idForm')).toBeNull();
    await save();
    expect(orders[0]?.form).toMatchObject({ kind: 'sample' });

    answer = () => {
      throw new EngineError('datasetLayout', 'This sample has no rows to follow.');
    };
    const file = new File(['id'], 'mine.csv');
    await act(async () => fireEvent.change(screen.getByTestId('sample-input'), { target: { files: [file] } }));
    expect(screen.getByTestId('sample-followed').textContent).toContain('“mine.csv” was chosen');
    await save();
    expect(orders[1]?.form).toEqual({ kind: 'sample', file });
    expect(screen.getByTestId('submission-problems').textContent).toContain('no rows to follow');

    await choose('shape', 'label');
    expect(screen.queryByTestId('sample-followed')).toBeNull();
    expect(control('idForm')).not.toBeNull();
  });

  it('cannot be written once the engine is gone that predicted', async () => {
    await show();
    await act(async () => studioStore.setState({ firstValidRun: 1 }));
    const button = screen.getByTestId('save-predictions');
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(button.parentElement?.textContent).toContain('The engine that made these predictions is gone');
    await save();
    expect(orders).toEqual([]);
  });
});
