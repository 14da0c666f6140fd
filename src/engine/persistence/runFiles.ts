// The files of a run, and reading them: a header, segments of its log, and beside their folder the summary that lists show.

import type { BackendDescription, Catalog } from '../../protocol/catalog.ts';
import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { EngineEvent } from '../../protocol/events.ts';
import type { BlobStore } from '../platform/ports.ts';

/** The first line of a recorded run. */
export interface RunHeader {
  readonly catalog: Catalog;
  readonly backend: BackendDescription;
  readonly dataset: DatasetSummary;
}

export const RUNS_FOLDER = 'runs';

export const folderOf = (number: number) => `${RUNS_FOLDER}/${String(number).padStart(4, '0')}`;
export const headerPath = (number: number) => `${folderOf(number)}/header.json`;
export const summaryPath = (number: number) => `${folderOf(number)}.json`;

export interface LogSegment {
  readonly path: string;
  readonly lines: readonly string[];
}

/** Of a run's log, in their order. */
export async function readSegments(store: BlobStore, number: number): Promise<readonly LogSegment[]> {
  const paths = (await store.list(folderOf(number))).filter((path) => path.endsWith('.jsonl'));
  return await Promise.all(paths.map(async (path) => ({ path, lines: linesOf(await readText(store, path)) })));
}

export async function writeText(store: BlobStore, path: string, text: string): Promise<void> {
  await store.write(path, new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>);
}

export async function readText(store: BlobStore, path: string): Promise<string | null> {
  const file = await store.read(path);
  return file && new TextDecoder().decode(new Uint8Array(await file.arrayBuffer()));
}

/** What a file of ours holds; null where it is no JSON: it was cut off. */
export function parseJson<Content>(text: string): Content | null {
  try {
    return JSON.parse(text) as Content;
  } catch {
    return null;
  }
}

function linesOf(text: string | null): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}

/** Null where a line is no JSON. */
export function parseLines(lines: readonly string[]): readonly EngineEvent[] | null {
  const events = lines.map((line) => parseJson<EngineEvent>(line));
  return events.includes(null) ? null : (events as EngineEvent[]);
}
