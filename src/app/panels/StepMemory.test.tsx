// @vitest-environment happy-dom
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StepEstimate } from '../../protocol/memory.ts';
import type { SettingValues } from '../../protocol/recipe.ts';
import { showRecordedRun } from '../startup.ts';
import { type Actions, createActions } from '../store/actions.ts';
import { startNewLog } from '../store/eventLog.ts';
import { initialSettings, setOption, settingsStore } from '../store/settings.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { smallRun } from '../testing/smallRun.ts';
import { ActionsProvider } from './actionsContext.ts';
import { StepMemory } from './StepMemory.tsx';

const found = smallRun.catalog.recipes[0]?.steps.find(({ id }) => id === 'trainHead');
if (!found) throw new Error('The recorded run has no head training.');
const step = found;
let asked: SettingValues[] = [];
let answer: StepEstimate = { bytes: 1e9, fits: true, sentence: '' };

function show() {
  const actions: Actions = {
    ...createActions(() => {
      throw new Error('Nothing is started here.');
    }),
    estimateStep: async (_, settings) => {
      asked.push(settings);
      return { ...answer, sentence: answer.sentence || `A batch of ${settings.batchSize}.` };
    },
  };
  return render(
    <ActionsProvider value={actions}>
      <StepMemory step={step} />
    </ActionsProvider>,
  );
}

const wait = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  answer = { bytes: 1e9, fits: true, sentence: '' };
  startNewLog();
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
  showRecordedRun(smallRun);
  studioStore.setState({ engine: 'ready' });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe('the memory of a step', () => {
  it('follows what is typed, once the typing rests', async () => {
    show();
    expect(screen.getByTestId('step-memory').textContent).toBe('');
    await wait(0);
    expect(asked.map(({ batchSize }) => batchSize)).toEqual([64]);
    asked = [];
    for (const typed of ['1', '12', '128']) {
      act(() => setOption(step.id, 'batchSize', typed));
      await wait(100);
    }
    expect(asked).toEqual([]);
    await wait(1000);
    expect(asked.map(({ batchSize }) => batchSize)).toEqual([128]);
    expect(screen.getByTestId('step-memory').textContent).toBe('A batch of 128.');
  });

  it('is not asked for while a step runs, and asked anew after it', async () => {
    studioStore.setState({ runningStepId: 'prepare' });
    show();
    await wait(1000);
    expect(asked).toEqual([]);
    act(() => studioStore.setState({ runningStepId: null }));
    await wait(1000);
    expect(asked).toHaveLength(1);
  });

  it('is not shown for a setting that cannot be used, nor in a recorded run', async () => {
    show();
    await wait(1000);
    expect(screen.getByTestId('step-memory').textContent).toBe('A batch of 64.');
    act(() => setOption(step.id, 'batchSize', 'many'));
    await wait(1000);
    expect(screen.getByTestId('step-memory').textContent).toBe('');
    cleanup();
    act(() => {
      studioStore.setState({ engine: 'replay' });
      setOption(step.id, 'batchSize', '8');
    });
    asked = [];
    show();
    await wait(1000);
    expect(asked).toEqual([]);
    expect(screen.queryByTestId('step-memory')).toBeNull();
  });

  it('that will not fit stands out, and is read out', async () => {
    answer = { bytes: 9e9, fits: false, sentence: 'This will not fit.' };
    show();
    await wait(1000);
    const line = screen.getByTestId('step-memory');
    expect(line.dataset.fits).toBe('false');
    expect(line.getAttribute('aria-live')).toBe('polite');
    expect(line.classList.contains('fieldProblem')).toBe(true);
  });
});
