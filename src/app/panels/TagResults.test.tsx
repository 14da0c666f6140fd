// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../App.tsx';
import { showRecordedRun } from '../startup.ts';
import { createActions } from '../store/actions.ts';
import { startNewLog } from '../store/eventLog.ts';
import type { RecordedRun } from '../store/recordedRun.ts';
import { initialSettings, selectPlace, settingsStore } from '../store/settings.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { allRun, tagRun, tagsJudged } from '../testing/tagRun.ts';
import { ActionsProvider } from './actionsContext.ts';

const stage = () => screen.getByRole('main');
const soFar = () => screen.getByRole('complementary', { name: 'So far' });

function show(run: RecordedRun, place: string) {
  showRecordedRun(run);
  selectPlace(place);
  const actions = createActions(() => {
    throw new Error('A recorded run has no engine.');
  });
  render(
    <ActionsProvider value={actions}>
      <App />
    </ActionsProvider>,
  );
}

function rowsOf(testId: string): string[][] {
  return Array.from(screen.getByTestId(testId).querySelectorAll('tbody tr'), (row) =>
    Array.from(row.children, (cell) => cell.textContent ?? ''),
  );
}

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.reject(new Error('There is no server in this test.')));
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 800 });
  startNewLog();
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
});
afterEach(cleanup);

describe('results of pictures with tags', () => {
  it('say the F2 with its threshold, the F2 of own thresholds and what is right at one half, and what was tuned', () => {
    show(tagRun, 'results');
    const scores = screen.getByTestId('tag-scores').textContent ?? '';
    expect(scores).toMatch(/0\.712.*threshold for all tags, 0\.20.*tuned on these 4 pictures/);
    expect(scores).toMatch(/0\.745.*own threshold/);
    expect(scores).toMatch(/87\.5.% *of all pairs/);
    expect(rowsOf('result-rows')[0]).toMatchObject({ 1: '0.712above 0.20', 2: '0.52500' });
    expect(stage().textContent).not.toContain('accuracy');
    expect(stage().textContent).not.toContain('acro-F1');
    expect(screen.queryByTestId('confusion-matrix')).toBeNull();
  });

  it('show which tags were given to which pictures, and the pictures behind a number', () => {
    show(tagRun, 'results');
    const cells = rowsOf('cooccurrence-matrix').map(([, ...counts]) => counts.map(Number));
    expect(cells).toEqual(tagsJudged.cooccurrences);
    fireEvent.click(screen.getByRole('button', { name: 'has river, given road: 2' }));
    expect(within(screen.getByTestId('tag-pictures')).getByRole('heading').textContent).toBe('Has river, given road 2');
    fireEvent.click(screen.getByRole('button', { name: '% of row' }));
    // Two of three pictures with a river.
    expect(rowsOf('cooccurrence-matrix')[1]?.[3]).toBe('67');
  });

  it('list the tags most often missed and added, which open their pictures', () => {
    show(tagRun, 'results');
    const added = within(screen.getByTestId('tags-added')).getAllByRole('button');
    expect(added.map((button) => button.textContent)).toEqual(['2 road']);
    fireEvent.click(added[0] as HTMLElement);
    expect(within(screen.getByTestId('tag-pictures')).getByRole('heading').textContent).toBe('road, added wrongly 2');
    expect(within(screen.getByTestId('tags-missed')).getByRole('button').textContent).toBe('1 haze');
  });

  it('show what each tag is worth, in the order that a person chooses', () => {
    show(tagRun, 'results');
    expect(rowsOf('tag-table')).toEqual([
      ['river', '3', '0.80', '100.0\u00a0%', '66.7\u00a0%', '0.714'],
      ['haze', '1', '0.08', '100.0\u00a0%', '100.0\u00a0%', '1.000'],
      ['road', '1', '0.40', '50.0\u00a0%', '100.0\u00a0%', '0.833'],
      ['snow', '0', '0.20', '–', '–', '–'],
    ]);
    fireEvent.click(screen.getByRole('button', { name: 'lowest F2' }));
    expect(rowsOf('tag-table').map(([name]) => name)).toEqual(['river', 'road', 'haze', 'snow']);
  });

  it('show the pictures worth a look, of all tags and of the one that a person chooses', () => {
    show(tagRun, 'results');
    const titles = () =>
      Array.from(document.querySelectorAll('.gallery h3'), (title) => title.textContent?.replace(/ \d+$/, ''));
    expect(titles()).toEqual(['Top losses', 'Every tag right']);
    fireEvent.change(screen.getByTestId('gallery-tag'), { target: { value: '2' } });
    expect(titles()).toEqual(['Missed', 'Added wrongly', 'Surest right']);
  });

  it('stand in So far, in the loss table, on the rail and on the step as F2', () => {
    show(tagRun, tagsJudged.stepId);
    expect(within(soFar()).getByTestId('score-so-far').textContent).toBe('F2 0.712at 0.20, 4 pictures');
    const heads = within(screen.getByTestId('loss-table')).getAllByRole('columnheader');
    expect(heads.map((head) => head.textContent)).toEqual(['epoch', 'train loss', 'valid loss', 'F2']);
    expect(rowsOf('loss-table')).toEqual([['0', '0.50000', '0.40000', '0.712']]);
    expect(screen.getByTestId('f2').textContent).toBe('F2 0.712 at 0.20, 4 pictures');
    expect(document.querySelector(`[data-step-id="${tagsJudged.stepId}"]`)?.textContent).toContain('F2 0.712');
    expect(screen.getByTestId('cooccurrence-matrix')).toBeTruthy();
  });
});

describe('the data of pictures with tags', () => {
  it('are described by their tags: how many each, how many pictures have how many', () => {
    show(tagRun, 'data');
    expect(stage().textContent).toContain('8 pictures with 4 tags, 1.4 each: 3 to learn from, 4 to check with');
    const bars = within(screen.getByTestId('tag-counts')).getAllByRole('listitem');
    expect(bars.map((bar) => bar.textContent)).toEqual(['no tag1 picture', '1 tag2 pictures', '2 tags4 pictures']);
    expect(screen.getByRole('heading', { name: 'Pictures with each tag' })).toBeTruthy();
    // The most pictures first.
    const names = Array.from(document.querySelectorAll('.classBarName'), (name) => name.textContent);
    expect(names).toEqual(['river', 'road', 'haze', 'snow']);
  });
});

describe('a training on all pictures', () => {
  it('claims nothing, in So far, at the results and with the data', () => {
    show(allRun, 'results');
    expect(screen.getAllByTestId('nothing-validates').map((note) => note.textContent)).toEqual(
      Array(2).fill(expect.stringContaining('Trained on all pictures; nothing validates.')),
    );
    expect(rowsOf('loss-table')).toEqual([['0', '0.50000', '–', '–']]);
    expect(document.querySelector('.bestEpoch')).toBeNull();
    for (const testId of ['result-rows', 'tag-scores', 'score-so-far', 'cooccurrence-matrix']) {
      expect(screen.queryByTestId(testId), testId).toBeNull();
    }
    cleanup();
    show(allRun, 'data');
    expect(within(stage()).getByTestId('nothing-validates').textContent).toContain('nothing validates');
    expect(stage().textContent).toContain('7 to learn from, none to check with');
  });

  it('is one of the ways to split, with its reason and its warning, whatever split there was', () => {
    const splitChoice = () => screen.getByLabelText<HTMLSelectElement>('Pictures to check with');
    const choices = () => Array.from(splitChoice().options, ({ textContent }) => textContent);
    const help = () => document.getElementById('split-fold-help')?.textContent;
    show(tagRun, 'data');
    expect(choices()).toEqual(['as the folders say', 'none: learn from everything']);
    expect(help()).toContain('the last training before a submission');
    cleanup();
    show(allRun, 'data');
    expect(splitChoice().selectedOptions[0]?.textContent).toBe('none: learn from everything');
    expect(help()).toMatch(/nothing here says how good.*Choose what the folders say to check again/);
    cleanup();
    const splitOrigin = { kind: 'all', hasFolderSplit: false } as const;
    show({ ...allRun, dataset: { ...allRun.dataset, splitOrigin } }, 'data');
    expect(choices()).toEqual([
      'a share of every tag',
      ...[1, 2, 3, 4, 5].map((fold) => `fold ${fold} of 5`),
      'none: learn from everything',
    ]);
  });

  it('draws the loss it learnt with and no other', () => {
    show(allRun, tagsJudged.stepId);
    expect(document.querySelector('[data-line="train"]')?.getAttribute('d')).toMatch(/^M/);
    expect(document.querySelector('[data-line="valid"]')?.getAttribute('d')).toBe('');
    expect(screen.queryByTestId('f2')).toBeNull();
  });
});
