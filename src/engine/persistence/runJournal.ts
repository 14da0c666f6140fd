// All that is told of a run, as lines of JSON that are only ever added to: in segments, of which the last is written anew until it is
// large. A run that is restored is cut back to what its checkpoint has seen.

import type { BackendDescription, Catalog } from '../../protocol/catalog.ts';
import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { EngineEvent } from '../../protocol/events.ts';
import type { KeptRun } from '../../protocol/keeping.ts';
import type { ResultScore } from '../../protocol/training.ts';
import type { BlobStore } from '../platform/ports.ts';

/** The first line of a recorded run. */
export interface RunHeader {
  readonly catalog: Catalog;
  readonly backend: BackendDescription;
  readonly dataset: DatasetSummary;
}

const FOLDER = 'runs';
/** Characters after which a segment is left as it is: small enough to be written again and again. */
const SEGMENT_LENGTH = 200_000;

/** They say how far something was at a moment, and nothing of what came of it. */
const NOT_KEPT: readonly EngineEvent['type'][] = [
  ...(['progress', 'datasetProgress', 'weightsProgress'] as const),
  ...(['workKept', 'workNotKept'] as const),
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
    const plain = { name: '', note: '', stepCount: 0, best: null };
    return new RunJournal(store, { number, recipeId, startedAt, datasetName, pictureCount, ...plain }, header, []);
  }

  /** The run as it was after so many events; what was told since is forgotten. Null where it is not there any more. */
  static async resume(store: BlobStore, number: number, eventCount: number): Promise<RunJournal | null> {
    const summary = await readSummary(store, number);
    const paths = await segmentPaths(store, number);
    const segments = await Promise.all(paths.map(async (path) => linesOf(await readText(store, path))));
    if (!summary || segments.flat().length < eventCount) return null;
    let left = eventCount;
    const cut = segments.map((lines) => {
      const taken = lines.slice(0, left);
      left -= taken.length;
      return taken;
    });
    const used = Math.max(cut.findLastIndex(({ length }) => length > 0) + 1, 1);
    const journal = new RunJournal(store, { ...summary, stepCount: 0, best: null }, null, cut.slice(0, used));
    for (const line of cut.flat()) journal.sum(JSON.parse(line) as EngineEvent);
    for (const path of paths.slice(used)) await store.remove(path);
    journal.isChanged = true;
    await journal.flush();
    return journal;
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
    const writing = [
      readSummary(this.store, this.number),
      store(this.store, segment, text),
      header && store(this.store, `${folderOf(this.number)}/header.json`, JSON.stringify(header)),
    ] as const;
    // Whatever fails, none of them goes on beside the next flush.
    await Promise.allSettled(writing);
    const [kept] = await Promise.all(writing);
    this.header = null;
    const { name, note } = kept ?? this.summary;
    this.summary = { ...this.summary, name, note };
    await writeSummary(this.store, this.summary);
  }

  private sum(event: EngineEvent): void {
    this.lastMs = event.atMs;
    const { stepCount, best } = this.summary;
    if (event.type === 'stepEnded') this.summary = { ...this.summary, stepCount: stepCount + 1 };
    if (event.type !== 'resultRow' || (best && shareOf(best.score) >= shareOf(event.score))) return;
    this.summary = { ...this.summary, best: { label: event.label, score: event.score } };
  }
}

export interface RunBeginning {
  readonly number: number;
  readonly recipeId: string;
  readonly startedAt: string;
}

/** The newest first. One whose summary is damaged is passed over. */
export async function listRuns(store: BlobStore): Promise<readonly KeptRun[]> {
  const numbers = (await store.list(FOLDER)).flatMap((path) => Number(/(\d+)\.json$/.exec(path)?.[1] ?? []) || []);
  const runs = await Promise.all(numbers.map((number) => readSummary(store, number)));
  return runs.filter((run) => run !== null).sort((one, other) => other.number - one.number);
}

/** As a recorded run: a header, then one event a line. Null where it is not there. */
export async function readRun(store: BlobStore, number: number): Promise<string | null> {
  const header = await readText(store, `${folderOf(number)}/header.json`);
  if (header === null) return null;
  const paths = await segmentPaths(store, number);
  const segments = await Promise.all(paths.map(async (path) => linesOf(await readText(store, path))));
  return `${[header, ...segments.flat()].join('\n')}\n`;
}

/** Its summary first: a run without one is as good as not there. */
export async function removeRun(store: BlobStore, number: number): Promise<void> {
  await store.remove(summaryPath(number));
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

function shareOf(score: ResultScore): number {
  return score.kind === 'accuracy' ? score.accuracy.accuracy : score.f2;
}

/** JSON knows no typed lists. */
function writeLine(event: EngineEvent): string {
  return JSON.stringify(event, (_, value: unknown) => (value instanceof Float32Array ? Array.from(value) : value));
}

const folderOf = (number: number) => `${FOLDER}/${String(number).padStart(4, '0')}`;
const summaryPath = (number: number) => `${folderOf(number)}.json`;

async function segmentPaths(store: BlobStore, number: number): Promise<readonly string[]> {
  return (await store.list(folderOf(number))).filter((path) => path.endsWith('.jsonl'));
}

async function readSummary(store: BlobStore, number: number): Promise<KeptRun | null> {
  const text = await readText(store, summaryPath(number));
  try {
    // Written by writeSummary below.
    return text === null ? null : (JSON.parse(text) as KeptRun);
  } catch {
    return null;
  }
}

async function writeSummary(files: BlobStore, summary: KeptRun): Promise<void> {
  await store(files, summaryPath(summary.number), JSON.stringify(summary));
}

async function store(files: BlobStore, path: string, text: string): Promise<void> {
  await files.write(path, new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>);
}

async function readText(files: BlobStore, path: string): Promise<string | null> {
  const file = await files.read(path);
  return file && new TextDecoder().decode(new Uint8Array(await file.arrayBuffer()));
}

function linesOf(text: string | null): string[] {
  return (text ?? '').split('\n').filter((line) => line !== '');
}
