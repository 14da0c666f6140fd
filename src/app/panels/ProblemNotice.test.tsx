// @vitest-environment happy-dom
import { act, cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActions } from '../store/actions.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { ActionsProvider } from './actionsContext.ts';
import { ProblemNotice } from './ProblemNotice.tsx';

beforeEach(() => {
  vi.useFakeTimers();
  studioStore.setState(initialStudio(), true);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** A step broke, and the page is as it was left. */
function breakStep(code: 'deviceLost' | 'outOfMemory' | 'lossNotFinite') {
  const resumeStep = vi.fn(async () => null);
  const withoutEngine = createActions(() => {
    throw new Error('There is no engine in this test.');
  });
  const { container } = render(
    <ActionsProvider value={{ ...withoutEngine, resumeStep }}>
      <ProblemNotice />
    </ActionsProvider>,
  );
  const sentence = 'It broke in the middle.';
  act(() => studioStore.setState({ problem: { code, sentence, stepId: 'trainHead', remedy: 'goOn', offer: 'Go on' } }));
  return { container, resumeStep };
}

const wait = (seconds: number) => act(() => vi.advanceTimersByTime(seconds * 1000));

describe('a step that broke while nobody was there', () => {
  it.each(['deviceLost', 'outOfMemory'] as const)('goes on by itself after a minute: %s', (code) => {
    const { container, resumeStep } = breakStep(code);
    wait(59);
    expect(resumeStep).not.toHaveBeenCalled();
    expect(container.textContent).toContain('(1 left)');
    wait(1);
    expect(resumeStep).toHaveBeenCalledTimes(1);
    wait(600);
    expect(resumeStep).toHaveBeenCalledTimes(1);
    expect(studioStore.getState().problem).toBeNull();
  });

  it.each(['pointerdown', 'keydown', 'wheel'])('waits for a person whom a %s shows to be there', (sign) => {
    const { container, resumeStep } = breakStep('deviceLost');
    wait(30);
    act(() => void window.dispatchEvent(new Event(sign)));
    wait(600);
    expect(resumeStep).not.toHaveBeenCalled();
    expect(container.textContent).toContain('It waits for you.');
  });

  it('does not go on once the problem was put away', () => {
    const { resumeStep } = breakStep('deviceLost');
    act(() => studioStore.setState({ problem: null }));
    wait(600);
    expect(resumeStep).not.toHaveBeenCalled();
  });

  it('leaves the choice of a rate to a person', () => {
    const { container, resumeStep } = breakStep('lossNotFinite');
    wait(600);
    expect(resumeStep).not.toHaveBeenCalled();
    expect(container.textContent).not.toContain('by itself');
  });
});
