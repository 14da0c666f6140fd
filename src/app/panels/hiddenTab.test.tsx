// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../../protocol/events.ts';
import { studioStore } from '../store/studio.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { smallRun } from '../testing/smallRun.ts';
import { DocumentTitle } from './DocumentTitle.tsx';
import { LeaveGuard } from './LeaveGuard.tsx';
import { NotifyWhenDone, StepNotice } from './StepNotice.tsx';

const step = smallRun.catalog.recipes[0]?.steps[0];
const stepId = step?.id ?? '';
const ofStep = smallRun.events.filter((event) => 'stepId' in event && event.stepId === stepId);
const ended = ofStep.find((event) => event.type === 'stepEnded');

let notified: string[] = [];
let askedForPermission = 0;
let permission = 'granted';
class TestNotification {
  constructor(title: string) {
    notified.push(title);
  }
  static requestPermission = async () => {
    askedForPermission += 1;
    return permission;
  };
}

let isHidden = false;
beforeEach(() => {
  [notified, askedForPermission, permission, isHidden] = [[], 0, 'granted', true];
  vi.stubGlobal('Notification', TestNotification);
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => isHidden });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const parts = (
  <>
    <DocumentTitle />
    <LeaveGuard />
    <StepNotice />
    <NotifyWhenDone />
  </>
);

async function runStep(elapsedMs: number, outcome: 'done' | 'stopped' = 'done') {
  const engine = await renderWithEngine(parts);
  const start = () => act(() => studioStore.setState({ runningStepId: stepId }));
  const end = () =>
    act(() => {
      const events: EngineEvent[] = ofStep.filter(({ type }) => type !== 'stepEnded');
      if (ended?.type === 'stepEnded') events.push({ ...ended, elapsedMs, outcome });
      engine.send(events);
      studioStore.setState({ runningStepId: null });
    });
  return { start, end };
}

const press = () => act(async () => void fireEvent.click(screen.getByTestId('notify-done')));
const asksBeforeLeaving = () => {
  const event = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(event);
  return event.defaultPrevented;
};

describe('a step that ends while the page is hidden', () => {
  it('is told of once to who asked for it, when it took longer than half a minute', async () => {
    const { start, end } = await runStep(31_000);
    expect(askedForPermission).toBe(0);
    await press();
    expect(askedForPermission).toBe(1);
    start();
    expect(document.title).toContain(step?.title);
    end();
    expect(notified).toEqual([`${step?.title}: done`]);
  });

  it('is not told of when nobody asked, when it was short, stopped, or when the page is seen', async () => {
    const unasked = await runStep(31_000);
    unasked.start();
    unasked.end();
    cleanup();
    for (const [elapsedMs, outcome, hidden] of [
      [29_000, 'done', true],
      [31_000, 'stopped', true],
      [31_000, 'done', false],
    ] as const) {
      const { start, end } = await runStep(elapsedMs, outcome);
      await press();
      isHidden = hidden;
      start();
      end();
      cleanup();
    }
    expect(notified).toEqual([]);
  });

  it('is not told of where the browser refuses, and the page says what to do', async () => {
    permission = 'denied';
    const { start, end } = await runStep(31_000);
    await press();
    expect(screen.getByRole('status').textContent).toContain('Allow it in the settings of this site');
    start();
    end();
    expect(notified).toEqual([]);
  });
});

describe('leaving the page', () => {
  it('is asked about only while a step runs or something trained is kept nowhere', async () => {
    const engine = await renderWithEngine(parts);
    expect(asksBeforeLeaving()).toBe(false);
    act(() => studioStore.setState({ runningStepId: stepId }));
    expect(asksBeforeLeaving()).toBe(true);
    act(() => studioStore.setState({ runningStepId: null }));
    expect(asksBeforeLeaving()).toBe(false);
    act(() => engine.send([{ type: 'trainedChanged', name: '224_lastlayer', atMs: 1 } as EngineEvent]));
    expect(asksBeforeLeaving()).toBe(true);
    const kept = { type: 'workKept', sizeBytes: 9, elapsedMs: 1, atMs: 2 } as const;
    act(() => engine.send([{ ...kept, place: { stepId, epoch: 0, batch: 1 } }]));
    expect(asksBeforeLeaving()).toBe(true);
    act(() => engine.send([{ ...kept, place: null }]));
    expect(asksBeforeLeaving()).toBe(false);
  });
});
