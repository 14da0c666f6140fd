// The report of a run, made from the log: what the page saves and what a headless run posts. It holds no picture,
// and file names are replaced by numbers; its `recording` and `events` are all that a replay needs.

import type { BackendDescription, Catalog } from '../../protocol/catalog.ts';
import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { ReportedResult, RunReport } from '../../protocol/report.ts';
import type { EpochRow } from '../../protocol/training.ts';
import { nameLabels } from '../charts/datasetQueries.ts';
import { resultRows } from '../charts/results.ts';
import { type EventLog, lastOf, latestRun } from './eventLog.ts';

export interface RecordingHeader {
  readonly catalog: Catalog;
  readonly backend: BackendDescription;
  readonly dataset: DatasetSummary;
}

/** A report that can be turned into a recorded run: its header, then its events. */
export interface RecordableReport extends RunReport {
  readonly recording: RecordingHeader;
}

export interface ReportParts extends RecordingHeader {
  readonly log: EventLog;
  readonly seed: number;
  /** The page's own sentence when a step failed. */
  readonly error?: string;
}

/** Replaces file names by numbers: a saved report may be passed on. */
export function withoutFileNames(dataset: DatasetSummary): DatasetSummary {
  return {
    ...dataset,
    pictures: dataset.pictures.map((picture) => ({
      ...picture,
      path: `${nameLabels(picture, dataset, 'unlabelled')}/${picture.id}`,
    })),
    setAside: dataset.setAside.map((file, index) => ({
      ...file,
      path: `set aside ${index + 1}`,
      sentence: file.reason,
    })),
    // It names a folder inside a class folder.
    warnings: dataset.warnings.map((one) => (one.code === 'nestedFolders' ? { ...one, sentence: one.code } : one)),
  };
}

/** The loss table: the rows of every training step's newest run, in the order the steps were run. */
export function epochRows(log: EventLog): readonly EpochRow[] {
  return log.stepRuns
    .filter((run) => run.byType.epochEnded.length > 0 && latestRun(log, run.stepId) === run)
    .flatMap((run) => run.byType.epochEnded.map((event) => event.row));
}

function reportedResults(log: EventLog): readonly ReportedResult[] {
  return resultRows(log).map(({ stepId, label, score, logLoss }) => ({ stepId, label, score, logLoss }));
}

/** From the first step's start to the last step's end, in seconds; 0 when nothing ran. */
export function secondsOfRun(log: EventLog): number {
  const startedAtMs = log.stepRuns[0]?.started.atMs;
  const lastEnd = log.stepRuns.reduce<number | undefined>(
    (latest, run) => lastOf(run.byType.stepEnded)?.atMs ?? latest,
    undefined,
  );
  return startedAtMs === undefined || lastEnd === undefined ? 0 : (lastEnd - startedAtMs) / 1000;
}

export function buildRunReport(parts: ReportParts): RecordableReport {
  const { backend, catalog, dataset, log } = parts;
  return {
    backend: backend.backend,
    adapter: backend.adapter,
    seconds: secondsOfRun(log),
    seed: parts.seed,
    dataset: dataset.name,
    classes: dataset.classes,
    usesAll: dataset.splitOrigin.kind === 'all',
    epochs: epochRows(log),
    results: reportedResults(log),
    events: log.events,
    ...(parts.error === undefined ? {} : { error: parts.error }),
    recording: { catalog, backend, dataset: withoutFileNames(dataset) },
  };
}

/** A failed start has no data set to speak of; the report then says only what went wrong. */
export function buildFailureReport(
  parts: Partial<RecordingHeader> & { seed: number; error: string; log: EventLog },
): RunReport {
  return {
    backend: parts.backend?.backend ?? 'cpu',
    adapter: parts.backend?.adapter ?? 'none',
    seconds: secondsOfRun(parts.log),
    seed: parts.seed,
    dataset: parts.dataset?.name ?? '',
    classes: parts.dataset?.classes ?? [],
    usesAll: parts.dataset?.splitOrigin.kind === 'all',
    epochs: epochRows(parts.log),
    results: reportedResults(parts.log),
    events: parts.log.events,
    error: parts.error,
  };
}

/** Enough to tell probabilities apart, and a third of the characters of all digits. */
const PROBABILITY_DIGITS = 4;

/** A report, or a part of one, as JSON. Probabilities, one for each picture and tag, become plain lists: JSON knows no other. */
export function writeJson(part: unknown): string {
  return JSON.stringify(part, (_, value: unknown) =>
    value instanceof Float32Array
      ? Array.from(value, (probability) => Number(probability.toPrecision(PROBABILITY_DIGITS)))
      : value,
  );
}
