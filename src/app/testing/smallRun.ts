// The recorded run as tests use it: parsed once from fixtures/runs/smallRun.jsonl.

import recordedText from '../../../fixtures/runs/smallRun.jsonl?raw';
import { appendTo, type EventLog, emptyLog, latestRun, type StepRun } from '../store/eventLog.ts';
import { parseRecordedRun } from '../store/recordedRun.ts';

export const smallRun = parseRecordedRun(recordedText);

/** A log of its own, filled with the recorded events. */
export function smallRunLog(): EventLog {
  const log = emptyLog();
  for (const event of smallRun.events) appendTo(log, event);
  return log;
}

/** The newest recorded run of the first step with this verb. */
export function recordedStep(verb: string): StepRun {
  const step = smallRun.catalog.recipes[0]?.steps.find((candidate) => candidate.verb === verb);
  const run = step && latestRun(smallRunLog(), step.id);
  if (!run) throw new Error(`The recorded run has no run of a step that does ${verb}.`);
  return run;
}
