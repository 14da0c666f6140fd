// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { EngineEvent } from '../../protocol/events.ts';
import type { ResultScore } from '../../protocol/training.ts';
import { resultRows } from '../charts/results.ts';
import { eventLogStore, latestRun, useEventLog } from '../store/eventLog.ts';
import { studioStore } from '../store/studio.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { SnapshotsPanel } from './SnapshotsPanel.tsx';

const stepId = 'fineTune';
const scoreOf = (correctCount: number): ResultScore => ({
  kind: 'accuracy',
  accuracy: { accuracy: correctCount / 20, low: 0.4, high: 0.99, correctCount, count: 20 },
  macroF1: 0.9,
});
const average = (label: string, correctCount: number): EngineEvent => ({
  type: 'resultRow',
  stepId,
  label,
  score: scoreOf(correctCount),
  logLoss: 0.25,
  choice: 'cycles',
  atMs: 3,
});
const events: readonly EngineEvent[] = [
  { type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 0 },
  average('Average of cycles 2 to 3', 18),
  {
    type: 'snapshotsKept',
    stepId,
    snapshots: [0, 1, 2].map((cycle) => ({
      cycle,
      epoch: 2 * cycle,
      name: `224_all_cyc_${cycle}`,
      result: { score: scoreOf(15 + cycle), logLoss: 0.3 },
      hasWeights: cycle > 0,
      isAveraged: cycle > 0,
    })),
    heldBytes: 32e6,
    budgetBytes: 256e6,
    atMs: 2,
  },
];

function Shown() {
  const run = useEventLog((log) => latestRun(log, stepId));
  return run ? <SnapshotsPanel run={run} /> : null;
}

async function show() {
  const engine = await renderWithEngine(<Shown />, {
    takeSnapshot: async ({ cycle }) => ({ sentence: `Now cycle ${cycle + 1}.` }),
    averageSnapshots: async () => {
      engine.send([average('Average of cycles 1 to 3', 19)]);
      return {};
    },
  });
  await act(async () => engine.send(events));
  await screen.findByTestId('snapshots');
  return engine;
}

afterEach(cleanup);

it('lists what each cycle was worth, and the average that the step itself has told', async () => {
  await show();
  const rows = screen.getAllByRole('row').slice(1);
  expect(rows.map((row) => row.querySelector('th')?.textContent)).toEqual([
    '1epoch 0, 224_all_cyc_0',
    '2epoch 2, 224_all_cyc_1',
    '3epoch 4, 224_all_cyc_2',
  ]);
  expect(rows[2]?.textContent).toContain('85.0\u00a0%');
  expect(screen.getByTestId('cycle-average').textContent).toMatch(/^Average of cycles 2 to 3: 90\.0/);
  expect(screen.getByText(/32 MB of at most 256 MB/)).toBeTruthy();
});

it('a choice of cycles is averaged, in the place of the one before it', async () => {
  const engine = await show();
  const box = screen.getByRole('checkbox', { name: 'Average cycle 1' });
  await act(async () => {
    fireEvent.click(box);
  });
  expect(engine.askedOf('averageSnapshots')).toEqual([{ stepId, cycles: [1, 2, 0] }]);
  await waitFor(() =>
    expect(screen.getByTestId('cycle-average').textContent).toContain('Average of cycles 1 to 3: 95.0'),
  );
  expect(resultRows(eventLogStore.getState().log).map(({ label }) => label)).toEqual(['Average of cycles 1 to 3']);
});

it('says that one cycle is no average', async () => {
  const engine = await show();
  await act(async () => {
    fireEvent.click(screen.getByRole('checkbox', { name: 'Average cycle 2' }));
  });
  expect(screen.getByTestId('cycle-average').textContent).toContain('Choose two cycles or more');
  expect(engine.askedOf('averageSnapshots')).toEqual([]);
});

it('goes on from a cycle and says so; one whose weights were let go says why it cannot', async () => {
  const engine = await show();
  const [first, , third] = screen.getAllByTestId('take-snapshot');
  if (!first || !third) throw new Error('There is no button for a cycle.');
  expect(first.getAttribute('aria-disabled')).toBe('true');
  expect(screen.getByText(/Its weights were let go/)).toBeTruthy();
  fireEvent.click(first);
  await act(async () => {
    fireEvent.click(third);
  });
  expect(engine.askedOf('takeSnapshot')).toEqual([{ stepId, cycle: 2 }]);
  expect(screen.getByTestId('snapshot-taken').textContent).toBe('Now cycle 3.');
});

it('is off, and says why, once another training has left its own cycles', async () => {
  const engine = await show();
  const others = events.map((event) => ({ ...event, stepId: 'augment' }));
  await act(async () => engine.send(others));
  await waitFor(() => expect(screen.getAllByText(/another training has left its own/).length).toBeGreaterThan(0));
  fireEvent.click(screen.getByRole('checkbox', { name: 'Average cycle 1' }));
  expect(engine.askedOf('averageSnapshots')).toEqual([]);
  studioStore.setState({ runningStepId: null });
});
