// Writes the work and what was told of its runs, one after the other, while nobody waits for it. What there is no room for is tried again until
// there is, and what was kept before stays.

import { EngineError, toEngineErrorData } from '../protocol/errors.ts';
import type { EngineEventBody, EventOf } from '../protocol/events.ts';
import type { Checkpoints } from './persistence/checkpoints.ts';
import type { RunJournal } from './persistence/runJournal.ts';
import { encodeStudio, type StudioRecord } from './persistence/studioCheckpoint.ts';
import type { Clock } from './platform/ports.ts';

/** Between two steps, from a failure to the next trial at the soonest. */
const SOONEST_AGAIN_MS = 1_000;

export interface WorkWriterOptions {
  readonly checkpoints: Checkpoints;
  readonly clock: Clock;
  readonly tell: (event: EngineEventBody) => void;
  /** Between two steps, from a failure to the next trial. */
  readonly againMs: number;
  readonly onKept: (record: StudioRecord) => void;
}

export class WorkWriter {
  private readonly options: WorkWriterOptions;
  /** Runs of which something was told that is not written yet. */
  private readonly behind = new Set<RunJournal>();
  /** What could not be kept between two steps, and nothing newer came since. */
  private owed: StudioRecord | null = null;
  /** How many were to be kept. */
  private count = 0;
  private hasFailed = false;
  private queue: Promise<void> = Promise.resolve();
  isWriting = false;

  constructor(options: WorkWriterOptions) {
    this.options = options;
  }

  /** Resolves when all that was to be kept is, or could not be. */
  async settle(): Promise<void> {
    await this.queue;
  }

  /** Once what is to be written is, and before what comes next. */
  async between<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.queue.then(run);
    this.queue = result.then(
      () => {},
      () => {},
    );
    return await result;
  }

  /** After whatever is being written. @param place in the training that runs; null between two steps */
  write(record: StudioRecord, journal: RunJournal, place: EventOf<'workKept'>['place']): void {
    this.behind.add(journal);
    this.enqueue(record, place);
  }

  /** There may be room again. False where nothing was wanting. */
  tryAgain(): boolean {
    if (!this.hasFailed) return false;
    if (this.owed) this.enqueue(this.owed, null);
    return true;
  }

  /** The work that is owed is not written any more, nor what was told of this run. @param runNumber null for the work alone, of whatever run */
  forget(runNumber: number | null): void {
    if (runNumber === null || this.owed?.log.runNumber === runNumber) this.owed = null;
    for (const journal of this.behind) if (journal.number === runNumber) this.behind.delete(journal);
  }

  private enqueue(record: StudioRecord, place: EventOf<'workKept'>['place']): void {
    this.count += 1;
    const { count } = this;
    // It is newer than what may be owed.
    this.owed = null;
    this.isWriting = true;
    this.queue = this.queue.then(async () => {
      const failure = await this.tryOnce(record, place);
      this.isWriting = false;
      if (failure === null) return;
      // Once is enough for a disk that is full.
      if (!this.hasFailed) this.options.tell({ type: 'workNotKept', sentence: explainNotKept(failure) });
      this.hasFailed = true;
      // A training comes again by itself; between two steps nobody else would.
      if (place === null && count === this.count) this.owe(record);
    });
  }

  /** What went wrong; null where nothing did. */
  private async tryOnce(record: StudioRecord, place: EventOf<'workKept'>['place']): Promise<EngineError | null> {
    const { checkpoints, clock, tell, onKept } = this.options;
    const startedMs = clock.nowMs();
    try {
      await this.flushBehind();
      const sizeBytes = await checkpoints.write(encodeStudio(record));
      this.hasFailed = false;
      onKept(record);
      tell({ type: 'workKept', place, sizeBytes, elapsedMs: Math.round(clock.nowMs() - startedMs) });
      return null;
    } catch (thrown) {
      const { code, sentence } = toEngineErrorData(thrown);
      return new EngineError(code, sentence);
    }
  }

  /** Of a run that was left while there was no room, too: what was told of it is nowhere else. */
  private async flushBehind(): Promise<void> {
    for (const journal of [...this.behind]) {
      // Taken out first: what is told while it is being written puts it back.
      this.behind.delete(journal);
      try {
        await journal.flush();
      } catch (thrown) {
        this.behind.add(journal);
        throw thrown;
      }
    }
  }

  private owe(record: StudioRecord): void {
    this.owed = record;
    setTimeout(
      () => {
        if (this.owed === record) this.enqueue(record, null);
      },
      Math.max(this.options.againMs, SOONEST_AGAIN_MS),
    );
  }
}

function explainNotKept({ code, message }: EngineError): string {
  if (code !== 'storageFull') return message;
  return 'The browser has no room left to keep the work. It goes on, and what was kept before is still there. Free something under “Storage”, or on the disk: then it is kept again, by itself.';
}
