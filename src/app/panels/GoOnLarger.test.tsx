// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { showRecordedRun } from '../startup.ts';
import { type Actions, createActions } from '../store/actions.ts';
import { startNewLog } from '../store/eventLog.ts';
import { initialSettings, settingsStore } from '../store/settings.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { smallRun } from '../testing/smallRun.ts';
import { ActionsProvider } from './actionsContext.ts';
import { GoOnLarger } from './GoOnLarger.tsx';

const recordedPx = Number(
  smallRun.events.flatMap((event) => (event.type === 'stepStarted' ? [event.settings.imageSizePx] : []))[0],
);
let pressed: number[] = [];

/** The recorded run as if it had been lived through here: an engine is behind it. */
function show({ isLived = true, events = smallRun.events } = {}) {
  const actions: Actions = {
    ...createActions(() => {
      throw new Error('Nothing is started here.');
    }),
    goOnLarger: async (sizePx) => {
      pressed.push(sizePx);
    },
  };
  showRecordedRun({ ...smallRun, events });
  if (isLived) studioStore.setState({ engine: 'ready' });
  return render(
    <ActionsProvider value={actions}>
      <GoOnLarger />
    </ActionsProvider>,
  );
}
const button = () => screen.getByTestId('go-on-larger');
const field = () => screen.getByLabelText('Picture size (px)') as HTMLInputElement;

beforeEach(() => {
  pressed = [];
  startNewLog();
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
});
afterEach(cleanup);

describe('going on with larger pictures', () => {
  it('proposes the next usual size and goes on at it', () => {
    show();
    const proposed = Number(field().value);
    expect(proposed).toBeGreaterThan(recordedPx);
    expect(button().textContent).toBe(`Go on at ${recordedPx} → ${proposed} px`);
    fireEvent.click(button());
    expect(pressed).toEqual([proposed]);
  });

  it('takes another size, and says what is wrong with one that it cannot take', () => {
    show();
    fireEvent.change(field(), { target: { value: '300' } });
    expect(button().textContent).toContain('→ 300 px');
    fireEvent.change(field(), { target: { value: String(recordedPx) } });
    expect(screen.getByText(`Larger than the ${recordedPx} px of now.`, { selector: '#larger-help' })).toBeTruthy();
    expect(button().getAttribute('aria-disabled')).toBe('true');
    fireEvent.change(field(), { target: { value: '9000' } });
    expect(field().getAttribute('aria-invalid')).toBe('true');
    fireEvent.click(button());
    expect(pressed).toEqual([]);
    fireEvent.change(field(), { target: { value: '300' } });
    fireEvent.click(button());
    expect(pressed).toEqual([300]);
  });

  it.each([
    ['a recorded run', { isLived: false }, {}, 'there is no engine behind it'],
    ['a running step', {}, { runningStepId: 'prepare' }, 'A step is running'],
    ['nothing that is trained', { events: [] }, {}, 'Nothing is trained yet'],
    ['an engine that was started again', {}, { firstValidRun: 3 }, 'Nothing is trained yet'],
  ])('is off for %s, and says why', (_, how, state, reason) => {
    show(how);
    studioStore.setState(state);
    cleanup();
    render(
      <ActionsProvider value={createActions(() => ({}) as never)}>
        <GoOnLarger />
      </ActionsProvider>,
    );
    expect(button().getAttribute('aria-disabled')).toBe('true');
    expect(screen.getByRole('tooltip').textContent).toContain(reason);
  });

  it('is not there where the recipe has a step for it', () => {
    show();
    cleanup();
    studioStore.setState({ recipeId: 'breeds' });
    render(
      <ActionsProvider value={createActions(() => ({}) as never)}>
        <GoOnLarger />
      </ActionsProvider>,
    );
    expect(screen.queryByTestId('go-on-larger')).toBeNull();
  });
});
