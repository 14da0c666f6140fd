// A notification when a long step ends while the page is hidden, for who asked for it by the button beside the progress. The browser's
// permission is asked for by that press alone; nothing leaves the computer.

import { useEffect, useState } from 'react';
import type { EventOf } from '../../protocol/events.ts';
import { eventLogStore, lastOf, latestRun } from '../store/eventLog.ts';
import { notifyWhenDone, settingsStore, useSettings } from '../store/settings.ts';
import { findStep, studioStore } from '../store/studio.ts';

/** Who waited less is still there. */
const longStepMs = 30_000;

export function NotifyWhenDone() {
  const isOn = useSettings((state) => state.notifiesWhenDone);
  const [isRefused, setIsRefused] = useState(false);
  if (typeof Notification === 'undefined') return null;
  async function press(): Promise<void> {
    if (isOn) return notifyWhenDone(false);
    const permission = await Notification.requestPermission();
    setIsRefused(permission !== 'granted');
    notifyWhenDone(permission === 'granted');
  }
  return (
    <p className="notifyWhenDone">
      <button
        type="button"
        className="quiet"
        aria-pressed={isOn}
        data-testid="notify-done"
        onClick={() => void press()}
      >
        Notify me when it is done
      </button>
      <span className="muted" role="status">
        {isRefused
          ? 'This browser does not let the page notify you. Allow it in the settings of this site, then press again. The title of the tab shows the progress.'
          : isOn
            ? 'When a step of more than half a minute ends while this tab is hidden.'
            : ''}
      </span>
    </p>
  );
}

/** Says once of each step that it ended. */
export function StepNotice(): null {
  useEffect(
    () =>
      studioStore.subscribe((now, before) => {
        const step = before.runningStepId === null ? undefined : findStep(before, before.runningStepId);
        if (!step || now.runningStepId === before.runningStepId) return;
        const run = latestRun(eventLogStore.getState().log, step.id);
        const ended = run && lastOf(run.byType.stepEnded);
        if (ended) notify(ended, step.title, now.dataset?.name ?? '');
      }),
    [],
  );
  return null;
}

function notify({ outcome, elapsedMs }: EventOf<'stepEnded'>, title: string, datasetName: string): void {
  const isWanted = settingsStore.getState().notifiesWhenDone && document.hidden;
  // Who stopped it knows.
  if (!isWanted || elapsedMs <= longStepMs || outcome === 'stopped') return;
  try {
    const notification = new Notification(`${title}: ${outcome}`, { body: datasetName });
    notification.onclick = () => window.focus();
  } catch {
    // Browsers of phones have notifications for installed pages only; the title still shows the progress.
  }
}
