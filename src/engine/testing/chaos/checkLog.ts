// Whether what was told of a run is whole: every batch once and in its order, with the very numbers that an uninterrupted run tells.

import type { EngineEvent, EventOf } from '../../../protocol/events.ts';
import { type Tale, type Whole, wordsOf } from './story.ts';

/** Events of a recording, after its header. Throws SyntaxError for a line that is no JSON. */
export function eventsIn(recording: string): EngineEvent[] {
  const [header = '', ...lines] = recording.split('\n').filter((line) => line !== '');
  JSON.parse(header);
  return lines.map((line) => JSON.parse(line) as EngineEvent);
}

/** One go at a step, from its beginning on. */
interface Attempt {
  readonly stepId: string;
  readonly tale: Tale;
  told: { batches: number; rows: number; results: number };
}

/** What is wrong, in sentences; empty where nothing is. @param isComplete whether every step of the story has to have ended */
export function checkLog(events: readonly EngineEvent[], whole: Whole, isComplete: boolean): string[] {
  const reader = new LogReader(whole);
  for (const event of events) reader.read(event);
  const missing = whole.story.steps.filter(({ stepId }) => isComplete && !reader.done.has(stepId));
  return [...reader.problems, ...missing.map(({ stepId }) => `${stepId} never came to its end in the log`)];
}

/** Batches that the log's last attempt at a step has told, less those that are told again because it goes on from before them. */
export function countBatches(events: readonly EngineEvent[], stepId: string): number {
  let count = 0;
  for (const event of events) {
    if (!('stepId' in event) || event.stepId !== stepId) continue;
    if (event.type === 'stepStarted') count = 0;
    if (event.type === 'stepGoneOn') count = event.batch;
    if (event.type === 'batchEnded') count = event.iteration + 1;
  }
  return count;
}

class LogReader {
  readonly problems: string[] = [];
  readonly done = new Set<string>();
  private readonly whole: Whole;
  private attempt: Attempt | null = null;
  private lastMs = 0;

  constructor(whole: Whole) {
    this.whole = whole;
  }

  read(event: EngineEvent): void {
    if (!(event.atMs >= this.lastMs)) this.problems.push(`time goes back, from ${this.lastMs} to ${event.atMs}`);
    this.lastMs = event.atMs;
    if (event.type === 'stepStarted') this.begin(event);
    if (event.type === 'stepGoneOn') this.goOn(event);
    if (event.type === 'stepEnded') this.end(event);
    if (event.type === 'batchEnded') this.tell(event, 'batches');
    if (event.type === 'epochEnded') this.tell(event, 'rows');
    if (event.type === 'resultRow') this.tell(event, 'results');
  }

  private begin(event: EventOf<'stepStarted'>): void {
    const { stepId } = event;
    const tale = this.whole.tales.get(stepId);
    this.attempt = tale
      ? { stepId, tale, told: { batches: 0, rows: 0, results: 0 } }
      : this.complain(`a step ${stepId} began that nobody asked for`);
    if (tale && wordsOf(event) !== tale.settings) this.complain(`${stepId} began with settings that nobody chose`);
  }

  /** Everything beyond the place where it goes on is told again, with the same words, and nothing else is. */
  private goOn({ stepId, epoch, batch }: EventOf<'stepGoneOn'>): void {
    const { attempt } = this;
    if (attempt?.stepId !== stepId) {
      this.complain(`${stepId} goes on without having begun`);
      return;
    }
    const { told } = attempt;
    if (batch > told.batches || epoch > told.rows) {
      this.complain(
        `${stepId} goes on at batch ${batch} of epoch ${epoch}, and ${told.batches} batches and ${told.rows} epochs are told`,
      );
    }
    attempt.told = { batches: batch, rows: epoch, results: 0 };
  }

  private tell(event: EventOf<'batchEnded' | 'epochEnded' | 'resultRow'>, kind: keyof Attempt['told']): void {
    const { attempt } = this;
    if (attempt?.stepId !== event.stepId) {
      this.complain(`${event.type} of ${event.stepId} outside of the step`);
      return;
    }
    const words = wordsOf(event);
    const expected = attempt.tale[kind];
    if (words !== expected[attempt.told[kind]]) {
      this.complain(
        `${event.type} ${attempt.told[kind]} of ${attempt.stepId} should be ${expected[attempt.told[kind]]}, not ${words}`,
      );
    }
    attempt.told[kind] += 1;
  }

  private end({ stepId, outcome, error }: EventOf<'stepEnded'>): void {
    const { attempt } = this;
    if (attempt?.stepId !== stepId) this.complain(`${stepId} ended without having begun`);
    else if (outcome === 'done') {
      const { batches, rows, results } = attempt.told;
      const { tale } = attempt;
      const isWhole = batches === tale.batches.length && rows === tale.rows.length && results === tale.results.length;
      if (!isWhole) this.complain(`${stepId} ended after ${batches} batches, ${rows} epochs and ${results} results`);
      this.done.add(stepId);
      this.attempt = null;
    } else if (error?.code !== 'deviceLost') this.complain(`${stepId} ${outcome}: ${error?.sentence}`);
  }

  private complain(problem: string): null {
    this.problems.push(problem);
    return null;
  }
}
