import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../protocol/events.ts';
import type { RunReport } from '../../protocol/report.ts';
import { hasTrained } from '../charts/results.ts';
import { smallRun, smallRunLog } from '../testing/smallRun.ts';
import { allRun, tagRun } from '../testing/tagRun.ts';
import { appendEvents, appendTo, emptyLog, eventLogStore, latestRun, startNewLog } from './eventLog.ts';
import { describeForReport, withoutNames } from './problemReport.ts';
import { parseRecordedRun, type RecordedRun, recordRun } from './recordedRun.ts';
import { buildRunReport, epochRows, secondsOfRun, withoutFileNames, writeJson } from './runReport.ts';
import { initialStudio } from './studio.ts';

const started = (stepId: string): EngineEvent => ({ type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 0 });
const batch = (iteration: number): EngineEvent => ({
  type: 'batchEnded',
  stepId: 'train',
  iteration,
  epoch: 0,
  learningRate: 0.01,
  momentum: 0.9,
  loss: 1,
  smoothedLoss: 1,
  atMs: iteration,
});

describe('the event log', () => {
  beforeEach(startNewLog);

  it('keeps every event in order and groups those of a step run by type', () => {
    appendEvents([started('train'), batch(0), batch(1)]);
    const { log } = eventLogStore.getState();
    expect(log.events.map((event) => event.type)).toEqual(['stepStarted', 'batchEnded', 'batchEnded']);
    expect(latestRun(log, 'train')?.byType.batchEnded.map((event) => event.iteration)).toEqual([0, 1]);
  });

  it('takes back what a step told beyond the place from which it goes on, and nothing of other steps', () => {
    const row = (epoch: number): EngineEvent => ({
      ...{ type: 'epochEnded', stepId: 'train', atMs: 9 },
      row: { epoch, trainLoss: 1, validLoss: 1, score: 1 },
    });
    const ended: EngineEvent = {
      ...{ type: 'stepEnded', stepId: 'train', outcome: 'failed', elapsedMs: 1, imagesPerSecond: null, atMs: 9 },
      ...{ memoryBytes: null, reading: '', error: null },
    };
    const goneOn: EngineEvent = { type: 'stepGoneOn', stepId: 'train', epoch: 1, batch: 3, settings: {}, atMs: 9 };
    const earlier = [started('train'), ...[0, 1, 2, 3, 4].map(batch), row(0), row(1), ended];
    appendEvents([...earlier, ...earlier, goneOn, batch(6)]);
    const { log } = eventLogStore.getState();
    const [before, run] = log.stepRuns;
    expect(before?.byType.batchEnded).toHaveLength(5);
    expect(run?.byType.batchEnded.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 6]);
    expect(run?.byType.epochEnded.map(({ row: { epoch } }) => epoch)).toEqual([0]);
    expect(run?.byType.stepEnded).toEqual([]);
    expect(log.events.slice(0, earlier.length)).toEqual(earlier);
    expect(log.events.slice(earlier.length)).toEqual([
      started('train'),
      ...[0, 1, 2].map(batch),
      row(0),
      goneOn,
      batch(6),
    ]);
  });

  it('keeps two runs of the same step apart', () => {
    appendEvents([started('train'), batch(0), started('train')]);
    const { log } = eventLogStore.getState();
    expect(log.stepRuns.map((run) => run.byType.batchEnded.length)).toEqual([1, 0]);
  });

  it('takes ten thousand batches one by one without copying what it holds', () => {
    appendEvents([started('train')]);
    const held = latestRun(eventLogStore.getState().log, 'train')?.byType.batchEnded;
    for (let iteration = 0; iteration < 10_000; iteration++) appendEvents([batch(iteration)]);
    const after = latestRun(eventLogStore.getState().log, 'train')?.byType.batchEnded;
    expect(after).toBe(held);
    expect(after).toHaveLength(10_000);
  });

  it('tells its readers that something came', () => {
    const before = eventLogStore.getState().revision;
    appendEvents([started('train')]);
    expect(eventLogStore.getState().revision).toBe(before + 1);
  });
});

describe('a run report', () => {
  const { catalog, backend, dataset, events } = smallRun;
  const log = smallRunLog();
  const report = buildRunReport({ catalog, backend, dataset, log, seed: 1 });

  it('holds the loss table in order, the backend, the classes and every event', () => {
    expect(report.epochs).toEqual(events.flatMap((event) => (event.type === 'epochEnded' ? [event.row] : [])));
    expect(report.events).toEqual(events);
    expect(report.classes).toEqual(dataset.classes);
    expect([report.backend, report.adapter]).toEqual([backend.backend, backend.adapter]);
  });

  it('holds every way in which each step judged the pictures, as the page’s table does', () => {
    const told = events.flatMap((event) => (event.type === 'resultRow' ? [event] : []));
    expect(report.results).toEqual(
      told.map(({ stepId, label, score, logLoss }) => ({ stepId, label, score, logLoss })),
    );
    expect(report.results.length).toBeGreaterThan(0);
  });

  it('counts its seconds from the first step’s start to the last step’s end', () => {
    const starts = events.filter((event) => event.type === 'stepStarted').map((event) => event.atMs);
    const ends = events.filter((event) => event.type === 'stepEnded').map((event) => event.atMs);
    expect(secondsOfRun(log)).toBe(((ends.at(-1) ?? 0) - (starts[0] ?? 0)) / 1000);
  });

  it('holds the rows of a step’s newest run only', () => {
    const twice = smallRunLog();
    const rowCount = epochRows(twice).length;
    const again = twice.stepRuns.find((run) => run.byType.epochEnded.length > 0);
    if (again) twice.stepRuns.push({ ...again });
    expect(epochRows(twice)).toHaveLength(rowCount);
  });

  it('names no file of the person’s folder', () => {
    const named = {
      ...dataset,
      pictures: dataset.pictures.map((picture) => ({ ...picture, path: `holiday/grandma-${picture.id}.jpg` })),
      setAside: [{ path: 'holiday/notes.txt', reason: 'notAPicture', sentence: 'holiday/notes.txt is none.' }] as const,
    };
    expect(JSON.stringify({ ...report, recording: { ...report.recording, dataset: named } })).toContain('holiday');
    expect(JSON.stringify(withoutFileNames(named))).not.toMatch(/holiday|grandma|notes/);
    expect(JSON.stringify(report.recording.dataset)).toBe(JSON.stringify(withoutFileNames(dataset)));
  });

  it('can be recorded and read back with the same events', () => {
    const readBack = parseRecordedRun(recordRun(report));
    expect(readBack.events).toEqual(events);
    expect(readBack.catalog).toEqual(catalog);
    expect(readBack.dataset.counts).toEqual(dataset.counts);
  });
});

describe('the report of a run with tags', () => {
  const reportOf = ({ events, ...parts }: RecordedRun) => {
    const log = emptyLog();
    for (const event of events) appendTo(log, event);
    return buildRunReport({ ...parts, log, seed: 1 });
  };

  it('holds probabilities as plain numbers, and reads back with the same events', () => {
    const report = reportOf(tagRun);
    const { events } = JSON.parse(writeJson(report)) as RunReport;
    const judged = events.find((event) => event.type === 'tagsJudged');
    expect(judged?.predictions[0]?.probabilities).toEqual([0.1, 0.9, 0.05, 0]);
    expect(parseRecordedRun(recordRun(report)).events).toEqual(tagRun.events);
  });

  it('says whether everything was learnt from', () => {
    expect([reportOf(tagRun).usesAll, reportOf(allRun).usesAll]).toEqual([false, true]);
    expect(reportOf(allRun).epochs).toEqual([{ epoch: 0, trainLoss: 0.5, validLoss: null, score: null }]);
  });
});

describe('what a run has trained', () => {
  it('is there after a result, and where nothing validates after the end of a training', () => {
    const runsOf = ({ events }: RecordedRun) => {
      const log = emptyLog();
      for (const event of events) appendTo(log, event);
      return log.stepRuns.map(hasTrained);
    };
    expect([runsOf(tagRun), runsOf(allRun)]).toEqual([[true], [true]]);
    expect(runsOf({ ...allRun, events: allRun.events.slice(0, -1) })).toEqual([false]);
    expect(smallRunLog().stepRuns.map(hasTrained)).toEqual([false, false, true]);
  });
});

describe('a recorded run that is damaged', () => {
  const header = JSON.stringify({ catalog: {}, backend: {}, dataset: {} });

  it('is refused with the number of the line', () => {
    expect(() => parseRecordedRun('{}')).toThrow(/first line/);
    expect(() => parseRecordedRun(`${header}\n{"type":"x","atMs":1}\nnope`)).toThrow(/Line 3 .* not JSON/);
    expect(() => parseRecordedRun(`${header}\n{"a":1}`)).toThrow(/Line 2 .* not an event/);
  });
});

describe('a problem’s report', () => {
  const dataset = { ...smallRun.dataset, name: 'holiday', classes: ['grandma'] };
  const files = new Map([['train/grandma/beach.jpg', new Blob()]]);

  it('names no file, class or folder', () => {
    const sentence = 'The picture train/grandma/beach.jpg of grandma in holiday could not be read.';
    const cleaned = withoutNames(sentence, { dataset, files });
    expect(cleaned).not.toMatch(/grandma|beach|holiday/);
    expect(cleaned).toContain('could not be read');
  });

  it('says what failed, with what backend and settings', () => {
    const studio = { ...initialStudio(), dataset, files, backend: smallRun.backend };
    const problem = {
      code: 'lossNotFinite',
      sentence: 'The loss grew without bound.',
      stepId: 'a',
      remedy: 'lowerRate',
    } as const;
    const text = describeForReport(problem, studio, smallRunLog(), 'Browser 1');
    expect(text).toContain('lossNotFinite in a');
    expect(text).toContain(smallRun.backend.adapter);
    expect(text).not.toContain('holiday');
  });
});
