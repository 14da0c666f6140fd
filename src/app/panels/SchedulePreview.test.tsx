// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { CommandParams } from '../../protocol/commands.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { SchedulePlan } from '../../protocol/schedule.ts';
import { appendEvents } from '../store/eventLog.ts';
import { setOption } from '../store/settings.ts';
import { lessonPlan } from '../testing/plans.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { smallRun } from '../testing/smallRun.ts';
import { SchedulePreview } from './SchedulePreview.tsx';

const step = smallRun.catalog.recipes[0]?.steps.find(({ id }) => id === 'fineTune');
if (!step) throw new Error('The recorded catalog has no training in cycles.');
const training = step;

let answer: () => SchedulePlan = () => lessonPlan;

const show = async () => {
  const { askedOf } = await renderWithEngine(<SchedulePreview step={training} />, {
    previewSchedule: async () => answer(),
  });
  return () => askedOf('previewSchedule') as CommandParams<'previewSchedule'>[];
};

const waitMs = async (ms: number) => {
  await act(async () => {
    await vi.advanceTimersByTimeAsync(ms);
  });
};

beforeEach(() => {
  vi.useFakeTimers();
  answer = () => lessonPlan;
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

it('draws the curve with its restarts, counts epochs and batches in a sentence and tells the cycles in words', async () => {
  await show();
  await waitMs(300);
  expect(screen.getByTestId('plan-sentence').textContent).toBe('3 cycles, 1 + 2 + 4 = 7 epochs, 28 batches.');
  expect(document.querySelector('[data-line="plannedRate"]')?.getAttribute('d')).toMatch(/^M[\d.]+ [\d.]+L/);
  const resets = Array.from(document.querySelectorAll<SVGElement>('[data-reset]'));
  expect(resets.map((reset) => reset.textContent)).toEqual(['cycle 2', '3']);
  expect(screen.getByText(/^Cycle 3: batches 12 to 27, 4 epochs/)).toBeTruthy();
  const plot = screen.getByRole('slider', { name: /^Learning rate planned per batch/ });
  fireEvent.keyDown(plot, { key: 'End' });
  expect(plot.getAttribute('aria-valuetext')).toMatch(/^batch 27, epoch 6, cycle 3, rate /);
});

it('asks once for what was typed in one go, and not at all for what cannot be used', async () => {
  const asked = await show();
  await waitMs(300);
  expect(asked()).toHaveLength(1);
  for (const cycles of ['1', '12']) act(() => setOption(training.id, 'cycles', cycles));
  await waitMs(300);
  expect(asked().map(({ settings }) => settings.cycles)).toEqual([3, 12]);
  act(() => setOption(training.id, 'cycles', '99'));
  await waitMs(300);
  expect(asked()).toHaveLength(2);
  expect(screen.getByTestId('plan-sentence').textContent).toContain('One of the settings cannot be used');
  expect(document.querySelector('[data-line="plannedRate"]')).toBeTruthy();
});

it('says in the engine’s sentence why there is no plan', async () => {
  answer = () => {
    throw new EngineError('settingInvalid', 'These cycles are more than 10,000 epochs together.');
  };
  await show();
  await waitMs(300);
  expect(screen.getByTestId('plan-sentence').textContent).toBe('These cycles are more than 10,000 epochs together.');
});

it('leaves it to the run’s own curves what was planned, until a setting is changed', async () => {
  await show();
  appendEvents([
    { type: 'stepStarted', stepId: training.id, settings: {}, seed: 1, atMs: 0 },
    { type: 'schedulePlanned', stepId: training.id, plan: lessonPlan, atMs: 1 },
  ]);
  await waitMs(300);
  expect(screen.queryByTestId('plan-sentence')).toBeNull();
  answer = () => ({ ...lessonPlan, sentence: '2 cycles.' });
  act(() => setOption(training.id, 'cycles', '2'));
  await waitMs(300);
  expect(screen.getByTestId('plan-sentence').textContent).toBe('2 cycles.');
});
