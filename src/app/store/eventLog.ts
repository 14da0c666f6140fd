// The run's event log, grouped by step run and type. `appendEvents` is its only writer; opening a data set starts a new log.
// Events are appended in place and only a revision number changes, so that ten thousand batches cost no copying.

import { startTransition, useEffect, useReducer, useRef } from 'react';
import { createStore } from 'zustand/vanilla';
import { shallow } from 'zustand/vanilla/shallow';
import type { EngineEvent, EngineEventType, EventOf } from '../../protocol/events.ts';

export type EventsByType = { readonly [Type in EngineEventType]: EventOf<Type>[] };

/** One run of one step: everything the engine said between its stepStarted and its stepEnded. */
export interface StepRun {
  readonly stepId: string;
  readonly started: EventOf<'stepStarted'>;
  readonly byType: EventsByType;
}

export interface EventLog {
  /** Every event in the order it came. */
  readonly events: EngineEvent[];
  readonly stepRuns: StepRun[];
  /** Events outside any step: reading a data set. */
  readonly datasetProgress: EventOf<'datasetProgress'>[];
  /** How the networks that were chosen see pictures; the last one is the one that is there. */
  readonly networkInputs: EventOf<'networkInput'>[];
}

interface EventLogState {
  readonly log: EventLog;
  readonly revision: number;
}

function emptyEventsByType(): EventsByType {
  return {
    datasetProgress: [],
    weightsProgress: [],
    stepStarted: [],
    progress: [],
    lrPoint: [],
    lrSuggested: [],
    finderOutdated: [],
    schedulePlanned: [],
    batchEnded: [],
    epochEnded: [],
    confusion: [],
    tagsJudged: [],
    resultRow: [],
    snapshotsKept: [],
    testPredicted: [],
    fitDiagnosed: [],
    stepEnded: [],
    trainedChanged: [],
    networkInput: [],
    deviceProblem: [],
    backendChanged: [],
    stepCutOff: [],
    stepGoneOn: [],
    workKept: [],
    workNotKept: [],
    picturesRead: [],
    pixelsNotKept: [],
  };
}

export function emptyLog(): EventLog {
  return { events: [], stepRuns: [], datasetProgress: [], networkInputs: [] };
}

export const eventLogStore = createStore<EventLogState>(() => ({ log: emptyLog(), revision: 0 }));

/** Adds one event to a log, in place. */
export function appendTo(log: EventLog, event: EngineEvent): void {
  log.events.push(event);
  if (event.type === 'datasetProgress') {
    log.datasetProgress.push(event);
    return;
  }
  if (event.type === 'networkInput') {
    log.networkInputs.push(event);
    return;
  }
  // About the device, or what is trained so far, and not about a step; they stay in the report of the run.
  if (event.type === 'deviceProblem' || event.type === 'backendChanged' || event.type === 'trainedChanged') return;
  if (event.type === 'weightsProgress') return;
  if (event.type === 'workKept' || event.type === 'workNotKept' || event.type === 'pixelsNotKept') return;
  if (event.type === 'stepStarted') {
    log.stepRuns.push({ stepId: event.stepId, started: event, byType: emptyEventsByType() });
  }
  const run = latestRun(log, event.stepId);
  if (event.type === 'stepGoneOn' && run) takeBack(log, run, event);
  // The list is picked by the event's own type, which TypeScript cannot follow through an index.
  if (run) (run.byType[event.type] as EngineEvent[]).push(event);
}

/** Told of a training's end, once. */
const toldAtEnd: readonly EngineEventType[] = [
  ...(['confusion', 'tagsJudged', 'resultRow', 'snapshotsKept', 'fitDiagnosed', 'stepEnded'] as const),
];

/** What a run told beyond the place from which it goes on is told again: it goes out of the log, in place. */
function takeBack(log: EventLog, run: StepRun, { epoch, batch, stepId }: EventOf<'stepGoneOn'>): void {
  const isToldAgain = (event: EngineEvent) =>
    toldAtEnd.includes(event.type) ||
    (event.type === 'batchEnded' && event.iteration >= batch) ||
    (event.type === 'epochEnded' && event.row.epoch >= epoch);
  for (const events of Object.values(run.byType)) keepWhere<EngineEvent>(events, (event) => !isToldAgain(event));
  const start = log.events.lastIndexOf(run.started);
  keepWhere(
    log.events,
    (event, index) => index < start || !('stepId' in event) || event.stepId !== stepId || !isToldAgain(event),
  );
}

function keepWhere<Item>(items: Item[], isKept: (item: Item, index: number) => boolean): void {
  const kept = items.filter(isKept);
  items.length = 0;
  for (const item of kept) items.push(item);
}

/** The only writer of events: takes a batch from the worker. */
export function appendEvents(batch: readonly EngineEvent[]): void {
  const { log, revision } = eventLogStore.getState();
  for (const event of batch) appendTo(log, event);
  eventLogStore.setState({ revision: revision + 1 });
}

/** Begins an empty log: a new data set makes every earlier result meaningless. */
export function startNewLog(): void {
  eventLogStore.setState({ log: emptyLog(), revision: eventLogStore.getState().revision + 1 });
}

/** The newest run of a step, if it ever ran. */
export function latestRun(log: EventLog, stepId: string): StepRun | undefined {
  return log.stepRuns.findLast((run) => run.stepId === stepId);
}

export function lastOf<Item>(items: readonly Item[]): Item | undefined {
  return items[items.length - 1];
}

/** Views are told at most four times a second, all together, in one low-priority render. */
const viewIntervalMs = 250;
const viewListeners = new Set<() => void>();
let viewTimer: ReturnType<typeof setTimeout> | null = null;
let lastToldMs = 0;

function tellViews(): void {
  viewTimer = null;
  lastToldMs = performance.now();
  startTransition(() => {
    for (const listener of viewListeners) listener();
  });
}

eventLogStore.subscribe(() => {
  if (viewTimer === null)
    viewTimer = setTimeout(tellViews, Math.max(0, lastToldMs + viewIntervalMs - performance.now()));
});

/** Reads the log through a pure query; the component renders again only when the answer changes (shallowly). */
export function useEventLog<Answer>(query: (log: EventLog) => Answer): Answer {
  const [, renderAgain] = useReducer((count: number) => count + 1, 0);
  const answer = query(eventLogStore.getState().log);
  const shown = useRef({ query, answer });
  useEffect(() => {
    shown.current = { query, answer };
  });
  useEffect(() => {
    const check = () => {
      if (!shallow(shown.current.answer, shown.current.query(eventLogStore.getState().log))) renderAgain();
    };
    check();
    viewListeners.add(check);
    return () => {
      viewListeners.delete(check);
    };
  }, []);
  return answer;
}
