// Fills the page's stores from a recorded run: the settings of its steps, and its log, as if it had just been lived through.

import type { EngineEvent, EventOf } from '../../protocol/events.ts';
import { appendEvents, startNewLog } from './eventLog.ts';
import { selectPlace, setOption, setSeed } from './settings.ts';

export function showEvents(events: readonly EngineEvent[]): void {
  startNewLog();
  appendEvents(events);
  for (const { stepId, seed, settings } of startsOf(events)) {
    setSeed(seed);
    for (const [optionId, value] of Object.entries(settings)) setOption(stepId, optionId, value);
  }
  selectPlace(startsOf(events).at(-1)?.stepId ?? 'data');
}

function startsOf(events: readonly EngineEvent[]): EventOf<'stepStarted'>[] {
  return events.filter((event) => event.type === 'stepStarted');
}
