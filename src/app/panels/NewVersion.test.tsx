// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { newVersionStore } from '../store/newVersion.ts';
import { studioStore } from '../store/studio.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { NewVersion } from './NewVersion.tsx';

afterEach(cleanup);

test('a new version is told in one line and taken only when asked for, never under a running step', async () => {
  const messages: unknown[] = [];
  Object.defineProperty(navigator, 'serviceWorker', { configurable: true, value: { addEventListener: vi.fn() } });
  await renderWithEngine(<NewVersion />);
  expect(screen.queryByTestId('new-version')).toBeNull();

  // Only what is sent to it matters here.
  const waiting = { postMessage: (message: unknown) => messages.push(message) } as unknown as ServiceWorker;
  act(() => newVersionStore.setState({ waiting }));
  act(() => studioStore.setState({ runningStepId: 'trainHead', trainedName: '224_lastlayer' }));
  expect(screen.getByTestId('new-version').textContent).toContain('save it as a file first');
  fireEvent.click(screen.getByRole('button', { name: 'Reload' }));
  expect(messages).toEqual([]);
  expect(screen.getByRole('tooltip').textContent).toContain('waits until it is done');

  act(() => studioStore.setState({ runningStepId: null }));
  fireEvent.click(screen.getByRole('button', { name: 'Reload' }));
  expect(messages).toEqual(['takeOver']);
});
