// Collects events and sends them together, ten messages a second at most, so that a fast loop never floods the page.

import type { EngineEvent, EngineEventBody } from './events.ts';

export interface EventBatcher {
  add(event: EngineEventBody): void;
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

  function flush(): void {
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    lastSentMs = nowMs();
    send(batch);
  }

  return {
    add(event) {
      waiting.push({ ...event, atMs: Math.round(nowMs()) });
      const dueInMs = lastSentMs + intervalMs - nowMs();
      if (dueInMs <= 0) flush();
      else if (!isScheduled) {
        isScheduled = true;
        setTimeout(() => {
          isScheduled = false;
          flush();
        }, dueInMs);
      }
    },
    flush,
  };
}
