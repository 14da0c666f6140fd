// Collects events and sends them together, ten messages a second at most, so that a fast loop never floods the page.

import type { EngineEvent, EngineEventBody } from './events.ts';

export interface EventBatcher {
  /** Gives the event as it is kept. */
  add(event: EngineEventBody): EngineEvent;
  /** Later events are later than this, as those of a run that goes on after another worker began it. */
  goOnFrom(atMs: number): void;
  /** Sends what is waiting now; called before a command answers, so that its events arrive first. */
  flush(): void;
}

/** @param nowMs a clock in milliseconds; @param intervalMs shortest time between two messages. */
export function createEventBatcher(
  send: (batch: readonly EngineEvent[]) => void,
  nowMs: () => number,
  intervalMs = 100,
): EventBatcher {
  let waiting: EngineEvent[] = [];
  let lastSentMs = Number.NEGATIVE_INFINITY;
  let isScheduled = false;
  let aheadMs = 0;

  function flush(): void {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    lastSentMs = nowMs();
    send(batch);
  }

  return {
    add(event) {
      const stamped = { ...event, atMs: Math.round(nowMs() + aheadMs) };
      waiting.push(stamped);
      const dueInMs = lastSentMs + intervalMs - nowMs();
      if (dueInMs <= 0) flush();
      else if (!isScheduled) {
        isScheduled = true;
        setTimeout(() => {
          isScheduled = false;
          flush();
        }, dueInMs);
      }
      return stamped;
    },
    goOnFrom(atMs) {
      aheadMs = Math.max(atMs - nowMs(), 0);
    },
    flush,
  };
}
