// All that is told of a run, as lines of JSON that are only ever added to: in segments, of which the last is written anew until it is
// large. A run that is restored is cut back to what its checkpoint has seen.

import type { EngineEvent } from '../../protocol/events.ts';
import type { KeptRun } from '../../protocol/keeping.ts';
import type { BlobStore } from '../platform/ports.ts';
import {
  folderOf,
  headerPath,
  parseLines,
  RUNS_FOLDER,
  type RunHeader,
  readSegments,
  readText,
  summaryPath,
  writeText,
} from './runFiles.ts';
import { NOTHING_YET, readSummary, sumUp, writeSummary } from './runSummary.ts';

/** Characters after which a segment is left as it is: small enough to be written again and again. */
const SEGMENT_LENGTH = 200_000;

/** They say how far something was at a moment, and nothing of what came of it. */
const NOT_KEPT: readonly EngineEvent['type'][] = [
  ...(['progress', 'datasetProgress', 'weightsProgress'] as const),
  ...(['workKept', 'workNotKept', 'pixelsNotKept'] as const),
];

export class RunJournal {
  readonly number: number;
  private readonly store: BlobStore;
  private summary: KeptRun;
  /** Null once it is written. */
  private header: RunHeader | null;
  private segment: number;
  /** Of the last segment. */
  private lines: string[];
  /** Their characters. */
  private length: number;
  private count: number;
  private lastMs = 0;
  private isChanged = false;
  private isFlushing = false;

  private constructor(store: BlobStore, summary: KeptRun, header: RunHeader | null, segments: readonly string[][]) {
    this.store = store;
    this.number = summary.number;
    this.summary = summary;
    this.header = header;
    this.segment = Math.max(segments.length - 1, 0);
    this.lines = [...(segments.at(-1) ?? [])];
    this.length = this.lines.join().length;
    this.count = segments.flat().length;
  }

  /** Nothing is written before `flush`. */
  static begin(store: BlobStore, header: RunHeader, { number, recipeId, startedAt }: RunBeginning): RunJournal {
    const { name: datasetName, pictures } = header.dataset;
    const pictureCount = pictures.length;
    const summary = { ...NOTHING_YET, number, recipeId, startedAt, datasetName, pictureCount };
    return new RunJournal(store, summary, header, []);
  }

  /**
   * The run as it was after so many events; what was told since is forgotten. Null where it is not there any more, or not whole. A disk
   * that refuses the shorter log is asked again at the next flush: until then the longer one is there, to be cut back again.
   */
  static async resume(store: BlobStore, number: number, eventCount: number): Promise<ResumedRun | null> {
    const summary = await readSummary(store, number);
    const header = await readText(store, headerPath(number));
    const segments = await readSegments(store, number);
    const lines = segments.flatMap((segment) => segment.lines).slice(0, eventCount);
    const events = parseLines(lines);
    if (!summary || header === null || !parseLines([header]) || !events || events.length < eventCount) return null;
    let left = eventCount;
    const cut = segments.map(({ lines }) => {
      const taken = lines.slice(0, left);
      left -= taken.length;
      return taken;
    });
    const used = Math.max(cut.findLastIndex(({ length }) => length > 0) + 1, 1);
    const journal = new RunJournal(store, { ...summary, stepCount: 0, best: null }, null, cut.slice(0, used));
    for (const event of events) journal.sum(event);
    for (const { path } of segments.slice(used)) await store.remove(path);
    journal.isChanged = true;
    await journal.flush().catch(() => {});
    return { journal, recording: writeRecording(header, lines) };
  }

  /** Events that are kept so far. */
  get eventCount(): number {
    return this.count;
  }

  /** Milliseconds, of the last of them. */
  get lastAtMs(): number {
    return this.lastMs;
  }

  append(event: EngineEvent): void {
    if (NOT_KEPT.includes(event.type)) return;
    // What is not written yet, or might have to be written again, stays together.
    if (this.length > SEGMENT_LENGTH && !this.isChanged && !this.isFlushing) {
      this.segment += 1;
      this.lines = [];
      this.length = 0;
    }
    const line = writeLine(event);
    this.lines.push(line);
    this.length += line.length;
    this.count += 1;
    this.isChanged = true;
    this.sum(event);
  }

  /** Throws as BlobStore.write. Calls must not overlap. */
  async flush(): Promise<void> {
    if (!this.isChanged) return;
    this.isFlushing = true;
    this.isChanged = false;
    try {
      await this.write();
    } catch (thrown) {
      this.isChanged = true;
      throw thrown;
    } finally {
      this.isFlushing = false;
    }
  }

  private async write(): Promise<void> {
    const text = `${this.lines.join('\n')}\n`;
    const segment = `${folderOf(this.number)}/events-${String(this.segment).padStart(5, '0')}.jsonl`;
    const { header } = this;
    // A person may have named it meanwhile.
    const kept = await readSummary(this.store, this.number);
    // What a run that was deleted half-way has left under this number is none of this one's.
    if (header) await removeFiles(this.store, this.number);
    const writing = [
      writeText(this.store, segment, text),
      ...(header ? [writeText(this.store, headerPath(this.number), JSON.stringify(header))] : []),
    ];
    // Whatever fails, neither of them goes on beside the next flush's and takes the place of what that has written.
    await Promise.allSettled(writing);
    await Promise.all(writing);
    this.header = null;
    const { name, note } = kept ?? this.summary;
    this.summary = { ...this.summary, name, note };
    await writeSummary(this.store, this.summary);
  }

  private sum(event: EngineEvent): void {
    this.lastMs = event.atMs;
    this.summary = sumUp(this.summary, event);
  }
}

export interface ResumedRun {
  readonly journal: RunJournal;
  /** All that it has seen, as a recorded run. */
  readonly recording: string;
}

export interface RunBeginning {
  readonly number: number;
  readonly recipeId: string;
  readonly startedAt: string;
}

/** The newest first. One of which neither the summary nor the header is whole is passed over. */
export async function listRuns(store: BlobStore): Promise<readonly KeptRun[]> {
  const runs = await Promise.all((await listNumbers(store)).map((number) => readSummary(store, number)));
  return runs.filter((run) => run !== null).sort((one, other) => other.number - one.number);
}

/** For a run that begins: larger than all others, those too that are passed over and whose log may be whole. */
export async function nextRunNumber(store: BlobStore): Promise<number> {
  return Math.max(0, ...(await listNumbers(store))) + 1;
}

async function listNumbers(store: BlobStore): Promise<readonly number[]> {
  return (await store.list(RUNS_FOLDER)).flatMap((path) => Number(/(\d+)\.json$/.exec(path)?.[1] ?? []) || []);
}

/** As a recorded run: a header, then one event a line. Null where it is not there. */
export async function readRun(store: BlobStore, number: number): Promise<string | null> {
  const header = await readText(store, headerPath(number));
  if (header === null) return null;
  const segments = await readSegments(store, number);
  return writeRecording(
    header,
    segments.flatMap(({ lines }) => lines),
  );
}

/** Its summary first: a run without one is as good as not there. */
export async function removeRun(store: BlobStore, number: number): Promise<void> {
  await store.remove(summaryPath(number));
  await removeFiles(store, number);
}

async function removeFiles(store: BlobStore, number: number): Promise<void> {
  for (const path of await store.list(folderOf(number))) await store.remove(path);
}

/** Changes what a person says of a run; null where it is not there. */
export async function describeRun(
  store: BlobStore,
  number: number,
  words: Pick<KeptRun, 'name' | 'note'>,
): Promise<KeptRun | null> {
  const summary = await readSummary(store, number);
  if (!summary) return null;
  const described = { ...summary, ...words };
  await writeSummary(store, described);
  return described;
}

/** JSON knows no typed lists. */
function writeLine(event: EngineEvent): string {
  return JSON.stringify(event, (_, value: unknown) => (value instanceof Float32Array ? Array.from(value) : value));
}

function writeRecording(header: string, lines: readonly string[]): string {
  return `${[header, ...lines].join('\n')}\n`;
}
