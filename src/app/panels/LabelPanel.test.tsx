// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandName, CommandParams } from '../../protocol/commands.ts';
import type { LabelDescription } from '../../protocol/labels.ts';
import type { EngineClient } from '../../protocol/rpc.ts';
import { App } from '../App.tsx';
import { type Actions, createActions } from '../store/actions.ts';
import { startNewLog } from '../store/eventLog.ts';
import { initialSettings, settingsStore } from '../store/settings.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { smallRun } from '../testing/smallRun.ts';
import { ActionsProvider } from './actionsContext.ts';

const guessed: LabelDescription = {
  options: {
    tablePath: 'labels.csv',
    delimiter: ',',
    hasHeader: false,
    idColumn: 0,
    labelColumn: 1,
    suffix: '',
    separator: ' ',
  },
  siblingPaths: [],
  tablePaths: ['labels.csv'],
  likelyDelimiters: [','],
  columnCount: 3,
  firstRows: [
    { rowNumber: 1, cells: ['a01', 'dog', 'old'] },
    { rowNumber: 2, cells: ['a02', 'cat', 'new'] },
  ],
  rowCount: 4,
  matchedCount: 3,
  unmatchedCount: 1,
  firstUnmatched: [{ rowNumber: 3, id: 'a3', nearestPaths: ['train/a03.jpg', 'train/a05.jpg'] }],
  ambiguousCount: 0,
  unreadableCount: 0,
  pictureCount: 5,
  testCount: 2,
  withoutRowCount: 2,
  classes: ['cat', 'dog'],
  hasSeveralLabels: false,
  problem: null,
};
const files = ['labels.csv', 'train/a01.jpg'].map((path) => ({ path, file: new Blob(['x']) }));

type Answer = (params: CommandParams<'describeLabels'>) => LabelDescription | null | Promise<LabelDescription>;

let asked: { name: CommandName; params: unknown }[] = [];
let answer: Answer = () => guessed;
let actions: Actions;

/** An engine whose look at a table is as it is told; everything else is the recorded run's. */
function createTestActions(): Actions {
  const client: EngineClient = {
    call(name, params) {
      asked.push({ name, params });
      const answers: Partial<Record<CommandName, () => unknown>> = {
        start: () => smallRun.backend,
        describeCatalog: () => smallRun.catalog,
        describeLabels: () => answer(params as CommandParams<'describeLabels'>),
        openDataset: () => smallRun.dataset,
      };
      // The answers are those of the recorded run, so they fit their commands.
      return { result: Promise.resolve(answers[name]?.() as never), cancel: () => {} };
    },
  };
  return createActions(() => ({ client, terminate: () => {} }));
}

const labelsAsked = () =>
  asked
    .filter(({ name }) => name === 'describeLabels')
    .map(({ params }) => (params as CommandParams<'describeLabels'>).labels);
const choice = (id: string) => document.querySelector<HTMLSelectElement>(`[data-option-id="${id}"]`);
const dropped = () => act(() => actions.open(() => ({ name: 'pets', files }), 'what was dropped'));
async function choose(id: string, value: string) {
  await act(async () => {
    const field = choice(id);
    if (field) fireEvent.change(field, { target: { value } });
  });
}

beforeEach(async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('There is no server in this test.')));
  asked = [];
  answer = () => guessed;
  startNewLog();
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
  actions = createTestActions();
  await actions.start('auto');
  render(
    <ActionsProvider value={actions}>
      <App />
    </ActionsProvider>,
  );
});
afterEach(cleanup);

describe('a drop with a table', () => {
  it('shows its first rows, what they give and the nearest names, and opens nothing yet', async () => {
    expect(await dropped()).toBe(false);
    expect(document.activeElement).toBe(screen.getByRole('heading', { level: 1, name: 'What the table says' }));
    const heads = Array.from(document.querySelectorAll('.tableScroll thead th'), (cell) => cell.textContent);
    expect(heads).toEqual(['row', 'picture', 'label', 'column 3']);
    const match = screen.getByTestId('label-match').textContent;
    expect(match).toContain('3 of 4 rows name a picture');
    expect(match).toContain('2 classes: cat, dog. 2 of 5 pictures will be set aside');
    expect(match).toContain('The test folder holds 2 pictures without labels.');
    expect(screen.getByTestId('unmatched-rows').textContent).toContain('Nearest names: train/a03.jpg, train/a05.jpg.');
    expect(asked.some(({ name }) => name === 'openDataset')).toBe(false);
    expect(choice('delimiter')).toBeNull();
    expect(choice('separator')).toBeNull();
  });

  it('is counted anew with every choice; a column cannot be both', async () => {
    await dropped();
    await choose('suffix', '.png');
    expect(labelsAsked().at(-1)).toEqual({ ...guessed.options, suffix: '.png' });
    await choose('idColumn', '1');
    expect(labelsAsked().at(-1)).toMatchObject({ idColumn: 1, labelColumn: 0 });
    await choose('hasHeader', 'header');
    expect(labelsAsked().at(-1)).toMatchObject({ hasHeader: true, idColumn: 1 });
    expect(choice('labelColumn')?.selectedOptions[0]?.textContent).toBe('a01');
  });

  it('counts what was said last when a person is faster than the engine', async () => {
    await dropped();
    const waiting: (() => void)[] = [];
    answer = ({ labels }) =>
      new Promise((resolve) => {
        waiting.push(() => resolve({ ...guessed, options: { ...guessed.options, ...labels }, matchedCount: 0 }));
      });
    for (const suffix of ['.p', '.pn', '.png']) await choose('suffix', suffix);
    expect(waiting).toHaveLength(1);
    await act(async () => waiting[0]?.());
    expect(waiting).toHaveLength(2);
    await act(async () => waiting[1]?.());
    expect(labelsAsked().slice(1)).toMatchObject([{ suffix: '.p' }, { suffix: '.png' }]);
    expect(screen.getByTestId('label-match').textContent).toContain('0 of 4 rows name a picture');
  });

  it('opens with what the panel shows, and goes to the data', async () => {
    await dropped();
    await act(async () => fireEvent.click(screen.getByTestId('open-labels')));
    expect(asked.at(-1)).toMatchObject({
      name: 'openDataset',
      params: { name: 'pets', files, labels: guessed.options },
    });
    expect(screen.queryByTestId('label-panel')).toBeNull();
    expect(screen.getByRole('heading', { level: 1, name: smallRun.dataset.name })).toBeTruthy();
    await act(() => actions.restartEngine());
    expect(asked.at(-1)).toMatchObject({ name: 'openDataset', params: { labels: guessed.options } });
  });

  it('with several labels in a row says that pictures get tags, and which tables are read together', async () => {
    answer = () => ({
      ...guessed,
      tablePaths: ['labels.csv', 'labels_valid.csv'],
      siblingPaths: ['labels_valid.csv'],
      hasSeveralLabels: true,
      firstRows: [
        { rowNumber: 1, cells: ['a01', 'dog', 'old'] },
        { rowNumber: 2, cells: ['a02', 'cat dog  sofa', 'new'] },
      ],
    });
    await dropped();
    const match = screen.getByTestId('label-match').textContent;
    expect(match).toContain('2 tags: cat, dog.');
    expect(screen.getByTestId('several-labels').textContent).toMatch(/^Row 2 gives 3 labels: every picture gets tags/);
    expect(screen.getByTestId('label-panel').textContent).toContain('pets, labels.csv and labels_valid.csv');
    expect(screen.getByText(/^Read together with labels_valid\.csv/)).toBeTruthy();
    await choose('separator', 'belongs');
    expect(labelsAsked().at(-1)).toMatchObject({ separator: null });
    answer = () => ({ ...guessed, options: { ...guessed.options, separator: null } });
    await choose('separator', 'belongs');
    expect(screen.queryByTestId('several-labels')).toBeNull();
    expect(screen.getByText('Each picture has one label, whatever spaces it has.')).toBeTruthy();
  });

  it('that cannot be opened says why, and offers what would mend it', async () => {
    answer = () => ({
      ...guessed,
      hasSeveralLabels: true,
      likelyDelimiters: [',', ';'],
      problem: 'Row 1 has 2 labels.',
    });
    await dropped();
    const open = screen.getByTestId('open-labels');
    expect(open.getAttribute('aria-disabled')).toBe('true');
    expect(screen.getByTestId('label-match').textContent).toContain('Row 1 has 2 labels.');
    await act(async () => fireEvent.click(open));
    expect(asked.some(({ name }) => name === 'openDataset')).toBe(false);
    await choose('separator', 'belongs');
    expect(labelsAsked().at(-1)).toMatchObject({ separator: null });
    await choose('delimiter', ';');
    expect(labelsAsked().at(-1)).toEqual({ tablePath: 'labels.csv', delimiter: ';' });
  });

  it('is put away with Escape, and the open data set is as it was', async () => {
    await dropped();
    await act(async () => fireEvent.click(screen.getByTestId('open-labels')));
    await dropped();
    expect(screen.queryByRole('navigation', { name: 'Recipe' })).toBeNull();
    act(() => void fireEvent.keyDown(document.body, { key: 'Escape' }));
    expect(screen.queryByTestId('label-panel')).toBeNull();
    expect(screen.getByRole('navigation', { name: 'Recipe' })).toBeTruthy();
    expect(studioStore.getState().dataset).toBe(smallRun.dataset);
    expect(asked.filter(({ name }) => name === 'openDataset')).toHaveLength(1);
  });

  it('is opened at once where folders say the classes, and where nobody is there to ask', async () => {
    answer = () => null;
    expect(await dropped()).toBe(true);
    answer = () => guessed;
    expect(await act(() => actions.open(() => ({ name: 'pets', files }), 'pets', 'guess'))).toBe(true);
    expect(asked.at(-1)?.params).not.toHaveProperty('labels');
  });
});
