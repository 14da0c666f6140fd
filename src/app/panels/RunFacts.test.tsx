// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { latestRun, useEventLog } from '../store/eventLog.ts';
import { setOption, setSeed } from '../store/settings.ts';
import { studioStore } from '../store/studio.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { smallRun } from '../testing/smallRun.ts';
import { RunFacts } from './RunFacts.tsx';

const stepId = 'trainHead';
const recorded = smallRun.events.find((event) => event.type === 'stepStarted' && event.stepId === stepId);

function Shown() {
  const run = useEventLog((log) => latestRun(log, stepId));
  return run ? <RunFacts run={run} /> : null;
}

async function show() {
  const engine = await renderWithEngine(<Shown />, { runStep: async () => ({ outcome: 'done' }) });
  await act(async () => engine.send(smallRun.events));
  await screen.findByTestId('run-facts');
  return engine;
}

afterEach(cleanup);

it('a result says its seed, the fingerprint of its pictures and its settings', async () => {
  await show();
  const facts = screen.getByTestId('run-facts').textContent;
  expect(facts).toContain(`Seed 1 · pictures ${smallRun.dataset.fingerprint}`);
  expect(facts).toMatch(/Settings: learning rate 7\.6e-3 · epochs 5 · batch size 64 pictures/);
});

it('“Run again exactly” takes that run’s seed and settings, though the form has changed since', async () => {
  const engine = await show();
  setOption(stepId, 'epochs', '9');
  setSeed(77);
  await act(async () => {
    fireEvent.click(screen.getByTestId('run-exactly'));
  });
  if (recorded?.type !== 'stepStarted') throw new Error('The recorded run has no training.');
  const { settings, seed } = recorded;
  expect(engine.askedOf('runStep')).toEqual([{ recipeId: 'eight', stepId, settings, seed, isAgain: true }]);
});

it('is off, and says why, after the engine was started again', async () => {
  const engine = await show();
  await act(async () => studioStore.setState({ firstValidRun: 99 }));
  fireEvent.click(screen.getByTestId('run-exactly'));
  expect(engine.askedOf('runStep')).toEqual([]);
  expect(screen.getByText(/what this run began from is gone/)).toBeTruthy();
});
