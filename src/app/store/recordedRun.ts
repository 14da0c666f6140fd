// A recorded run as JSON lines: a header { catalog, backend, dataset }, then one EngineEvent a line.
// Parsing it fills the same stores that a live run fills, so that every panel shows without an engine.

import type { EngineEvent } from '../../protocol/events.ts';
import { type RecordableReport, type RecordingHeader, writeJson } from './runReport.ts';

export interface RecordedRun extends RecordingHeader {
  readonly events: readonly EngineEvent[];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isHeader(value: unknown): value is RecordingHeader {
  return isRecord(value) && isRecord(value.catalog) && isRecord(value.backend) && isRecord(value.dataset);
}

function isEvent(value: unknown): value is EngineEvent {
  return isRecord(value) && typeof value.type === 'string' && typeof value.atMs === 'number';
}

function parseLine(line: string, lineNumber: number): unknown {
  try {
    return JSON.parse(line);
  } catch (thrown) {
    throw new Error(`Line ${lineNumber} of the recorded run is not JSON.`, { cause: thrown });
  }
}

/** JSON keeps lists as plain ones. */
function withTypedProbabilities(event: EngineEvent): EngineEvent {
  if (event.type !== 'tagsJudged') return event;
  const predictions = event.predictions.map((one) => ({
    ...one,
    probabilities: Float32Array.from(one.probabilities),
  }));
  return { ...event, predictions };
}

/** @throws Error naming the line that is not what it should be. */
export function parseRecordedRun(text: string): RecordedRun {
  const [first = '', ...rest] = text.split('\n').filter((line) => line.trim() !== '');
  const header = parseLine(first, 1);
  if (!isHeader(header)) throw new Error('The first line of a recorded run must hold catalog, backend and dataset.');
  const events = rest.map((line, index) => {
    const event = parseLine(line, index + 2);
    if (!isEvent(event)) throw new Error(`Line ${index + 2} of the recorded run is not an event.`);
    return withTypedProbabilities(event);
  });
  return { catalog: header.catalog, backend: header.backend, dataset: header.dataset, events };
}

/** Turns a saved run report into the text of a recorded run. */
export function recordRun(report: RecordableReport): string {
  return `${[report.recording, ...report.events].map(writeJson).join('\n')}\n`;
}
