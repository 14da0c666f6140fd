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
  readonly told: { batches: number; rows: number; results: number };
  /** What was told may be told again, with the same words: the device was lost, and it goes on from what was kept. */
  mayGoBack: boolean;
}

/** What is wrong, in sentences; empty where nothing is. @param isComplete whether every step of the story has to have ended */
export function checkLog(events: readonly EngineEvent[], whole: Whole, isComplete: boolean): string[] {
  const reader = new LogReader(whole);
  for (const event of events) reader.read(event);
  const missing = whole.story.steps.filter(({ stepId }) => isComplete && !reader.done.has(stepId));
  return [...reader.problems, ...missing.map(({ stepId }) => `${stepId} never came to its end in the log`)];
}

/** Batches that the log's last attempt at a step has told. */
export function countBatches(events: readonly EngineEvent[], stepId: string): number {
  const own = events.filter((event) => 'stepId' in event && event.stepId === stepId);
  const start = own.findLastIndex(({ type }) => type === 'stepStarted');
  const batches = own.slice(start).filter((event) => event.type === 'batchEnded');
  return (batches.at(-1)?.iteration ?? -1) + 1;
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
    if (event.type === 'deviceProblem' && this.attempt) this.attempt.mayGoBack = true;
    if (event.type === 'stepEnded') this.end(event);
    if (event.type === 'batchEnded') this.tell(event, 'batches');
    if (event.type === 'epochEnded') this.tell(event, 'rows');
    if (event.type === 'resultRow') this.tell(event, 'results');
  }

  private begin(event: EventOf<'stepStarted'>): void {
    const { stepId } = event;
    const tale = this.whole.tales.get(stepId);
    this.attempt = tale
      ? { stepId, tale, told: { batches: 0, rows: 0, results: 0 }, mayGoBack: false }
      : this.complain(`a step ${stepId} began that nobody asked for`);
    if (tale && wordsOf(event) !== tale.settings) this.complain(`${stepId} began with settings that nobody chose`);
  }

  private tell(event: EventOf<'batchEnded' | 'epochEnded' | 'resultRow'>, kind: keyof Attempt['told']): void {
    const { attempt } = this;
    if (attempt?.stepId !== event.stepId) {
      this.complain(`${event.type} of ${event.stepId} outside of the step`);
      return;
    }
    const words = wordsOf(event);
    const expected = attempt.tale[kind];
    const again = attempt.mayGoBack ? expected.indexOf(words) : -1;
    // Everything that comes behind it is then told again too.
    if (again !== -1 && again < attempt.told[kind]) attempt.told[kind] = again;
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
