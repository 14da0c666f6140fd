// What the session keeps in the browser's storage: the work so far, after every step and every few seconds of a training, and all that is
// told of a run. Nobody waits for it, and what fails leaves what was kept before. The newest state of the step that runs is held in memory
// too, also where nothing lasts: a device that fails takes nothing else with it.

import type { BackendDescription, Catalog } from '../protocol/catalog.ts';
import { EngineError, toEngineErrorData } from '../protocol/errors.ts';
import type { EngineEvent, EngineEventBody, EventOf } from '../protocol/events.ts';
import type { KeptRun, KeptThings, KeptWork } from '../protocol/keeping.ts';
import { describeWork, holderOf, placeOf, type WorkHolder } from './describeWork.ts';
import type { FitKeeper } from './learner/learner.ts';
import { Checkpoints } from './persistence/checkpoints.ts';
import type { RunHeader } from './persistence/runFiles.ts';
import { describeRun, listRuns, nextRunNumber, RunJournal, readRun, removeRun } from './persistence/runJournal.ts';
import {
  type DatasetOrigin,
  decodeStudio,
  type RunningStep,
  type StudioRecord,
} from './persistence/studioCheckpoint.ts';
import type { Platform } from './platform/ports.ts';
import type { CutOffStep } from './recipe/stepContext.ts';
import type { StudioState } from './recipe/studioState.ts';
import { WorkWriter } from './workWriter.ts';

export interface KeepingTimes {
  /** Of a training, from its beginning to the first time that it is kept, so that a short one is kept too. */
  readonly firstMs: number;
  /** From one time to the next. */
  readonly everyMs: number;
}

export const KEEPING_TIMES: KeepingTimes = { firstMs: 3_000, everyMs: 20_000 };

const FOLDER = 'work';
/** Enough for some answers of the disk; a card has steps of its own to go on with meanwhile. */
const GIVE_WAY_MS = 5;

export interface StoredWork {
  /** Null where none is. */
  readonly openRun: number | null;
  /** Whose work it is; null where there is none, or nobody has read it. */
  readonly holder: WorkHolder | null;
  /** Of the features and of the cycles' weights in it. */
  readonly featureBytes: number;
  readonly cycleBytes: number;
}

/** States of a training that it can go on from; null where none was kept yet. */
export interface Reached {
  readonly newest: CutOffStep | null;
  /** The one before it: weights that are about to break are still numbers, and the newest may be of them. */
  readonly before: CutOffStep | null;
}

const NOT_REACHED: Reached = { newest: null, before: null };

export interface RunSurroundings {
  readonly catalog: Catalog;
  readonly backend: BackendDescription;
}

export class WorkKeeper {
  private readonly platform: Pick<Platform, 'store' | 'soleKeeper' | 'clock'>;
  private readonly times: KeepingTimes;
  private readonly checkpoints: Checkpoints;
  private readonly writer: WorkWriter;
  /** Nothing is kept before `open`, nor where another page does or the browser cannot. */
  private isKeeping = false;
  /** Another page of the studio keeps its work, and may be using whatever is kept. */
  isKeptElsewhere = false;
  private nextNumber = 1;
  private found: StudioRecord | null = null;
  private origin: DatasetOrigin | null = null;
  private journal: RunJournal | null = null;
  private recipeId = '';
  /** Told of the open data set before its run began. */
  private early: EngineEvent[] = [];
  /** Whose work lies in the checkpoint. */
  private holder: WorkHolder | null = null;
  private reached: Reached = NOT_REACHED;
  /** When the training that runs is kept next. */
  private dueMs = 0;

  constructor(
    platform: Pick<Platform, 'store' | 'soleKeeper' | 'clock'>,
    tell: (event: EngineEventBody) => void,
    times: KeepingTimes = KEEPING_TIMES,
  ) {
    this.platform = platform;
    this.times = times;
    this.checkpoints = new Checkpoints(platform.store, FOLDER);
    this.writer = new WorkWriter({
      ...{ checkpoints: this.checkpoints, clock: platform.clock, tell, againMs: times.everyMs },
      onKept: (record) => {
        this.holder = holderOf(record);
      },
    });
  }

  async open(): Promise<KeptThings> {
    const { store, soleKeeper } = this.platform;
    const runs = await listRuns(store);
    this.nextNumber = await nextRunNumber(store);
    if (!store.isLasting) return { whyNot: NOT_LASTING, trouble: null, work: null, runs };
    this.isKeptElsewhere = !(await soleKeeper.claim());
    if (this.isKeptElsewhere) return { whyNot: OTHER_PAGE, trouble: null, work: null, runs };
    this.isKeeping = true;
    try {
      const stored = await this.checkpoints.read();
      this.found = stored && decodeStudio(stored);
      this.holder = this.found && holderOf(this.found);
      return { whyNot: null, trouble: null, work: this.found && describeWork(this.found), runs };
    } catch (thrown) {
      return { whyNot: null, trouble: toEngineErrorData(thrown).sentence, work: null, runs };
    }
  }

  /** Another data set is open, or another split of it: the next step begins a run. */
  openDataset(origin: DatasetOrigin): void {
    this.origin = origin;
    this.journal = null;
    this.early = [];
    this.found = null;
  }

  note(event: EngineEvent): void {
    if (!this.isKeeping) return;
    if (this.journal) this.journal.append(event);
    else this.early.push(event);
  }

  /** Call before a step runs: begins the run where this is its first. @param describe asked only then */
  async beginStep({ dataset }: StudioState, recipeId: string, describe: () => Promise<RunSurroundings>): Promise<void> {
    this.recipeId = recipeId;
    if (!this.isKeeping || this.journal || !dataset) return;
    const header = { ...(await describe()), dataset: dataset.summary };
    const startedAt = new Date().toISOString();
    this.journal = RunJournal.begin(this.platform.store, header, { number: this.nextNumber, recipeId, startedAt });
    this.nextNumber += 1;
    for (const event of this.early) this.journal.append(event);
    this.early = [];
  }

  /** @param startedMs when the step began, less what it took before it was cut off */
  keeperFor(step: Omit<RunningStep, 'cutOff'>, state: StudioState, adapter: string, startedMs: number): FitKeeper {
    const { clock } = this.platform;
    this.reached = NOT_REACHED;
    this.dueMs = clock.nowMs() + this.times.firstMs;
    return {
      isDue: () => !this.writer.isWriting && clock.nowMs() >= this.dueMs,
      giveWay: async () => {
        if (this.writer.isWriting) await new Promise<void>((resolve) => setTimeout(resolve, GIVE_WAY_MS));
      },
      keep: (fit) => {
        this.dueMs = clock.nowMs() + this.times.everyMs;
        const running = { ...step, cutOff: { fit, elapsedMs: clock.nowMs() - startedMs } };
        this.reached = { newest: running.cutOff, before: this.reached.newest };
        if (this.isKeeping) this.keep(state, adapter, running, { stepId: step.stepId, ...placeOf(fit) });
      },
    };
  }

  /** How far the training that the last keeper was for has come. Lets go of it. */
  takeReached(): Reached {
    const { reached } = this;
    this.reached = NOT_REACHED;
    return reached;
  }

  /** After its next batch the training that runs is kept. */
  hurry(): void {
    this.dueMs = 0;
  }

  /** Between two steps. */
  keepWork(state: StudioState, adapter: string): void {
    if (this.isKeeping && this.journal) this.keep(state, adapter, null, null);
  }

  /** What is kept, always with a data set. Throws EngineError 'preconditionMissing' where nothing is, 'checkpointDamaged'. */
  async read(): Promise<StudioRecord> {
    await this.writer.settle();
    const stored = this.found ? null : await this.checkpoints.read();
    const record = this.found ?? (stored && decodeStudio(stored));
    if (record?.state.dataset) return record;
    throw new EngineError(
      'preconditionMissing',
      'No work is kept in this browser. Open a folder of pictures to begin.',
    );
  }

  /** From here on this run is the one that is told of, from what the record has seen: its recording. Throws 'checkpointDamaged'. */
  async goOn({ log, origin, recipeId }: StudioRecord): Promise<string> {
    const { store } = this.platform;
    const resumed = await RunJournal.resume(store, log.runNumber, log.eventCount);
    if (!resumed) {
      throw new EngineError(
        'checkpointDamaged',
        `What was told of run ${log.runNumber} is not here any more, or not whole, so the run cannot go on. Your pictures are untouched. Open them and run the steps again.`,
      );
    }
    this.journal = resumed.journal;
    this.origin = origin;
    this.recipeId = recipeId;
    this.found = null;
    this.early = [];
    return resumed.recording;
  }

  async readRun(number: number): Promise<string> {
    await this.writer.settle();
    const recording = await readRun(this.platform.store, number);
    if (recording !== null) return recording;
    throw new EngineError('preconditionMissing', `Run ${number} is not kept in this browser any more. The others are.`);
  }

  /** @param recording a recorded run, checked by whoever took it in */
  async addRun(recording: string, { recipeId, ...words }: Pick<KeptRun, 'name' | 'note' | 'recipeId'>) {
    const { store } = this.platform;
    if (!this.isKeeping) return { added: null, runs: await listRuns(store) };
    const number = this.nextNumber;
    this.nextNumber += 1;
    const [header, ...lines] = recording.split('\n').filter((line) => line !== '');
    const startedAt = new Date().toISOString();
    const journal = RunJournal.begin(store, JSON.parse(header as string) as RunHeader, { number, recipeId, startedAt });
    for (const line of lines) journal.append(JSON.parse(line) as EngineEvent);
    try {
      await journal.flush();
    } catch (thrown) {
      // Half a run is none.
      await removeRun(store, number);
      throw thrown;
    }
    const added = await describeRun(store, number, words);
    return { added, runs: await listRuns(store) };
  }

  async describeRun(number: number, words: Pick<KeptRun, 'name' | 'note'>): Promise<readonly KeptRun[]> {
    // Not beside what is being kept: that writes the summary too, with the words that it found there.
    await this.writer.between(() => describeRun(this.platform.store, number, words));
    return await listRuns(this.platform.store);
  }

  /** With the work that could go on from it. Throws EngineError 'settingInvalid' for the run that is open. */
  async removeRun(number: number): Promise<void> {
    await this.writer.between(async () => {
      if (number === this.journal?.number) {
        throw new EngineError('settingInvalid', `Run ${number} is open. Nothing was deleted; close it first.`);
      }
      this.writer.forget(number);
      // First, so that a crash never leaves work of a run that is gone.
      if (this.holder?.runNumber === number) await this.clearWork();
      await removeRun(this.platform.store, number);
    });
  }

  /** The work alone: what was told of its run stays. Throws EngineError 'settingInvalid' while a run is open, whose work it is or will be. */
  async removeWork(): Promise<void> {
    await this.writer.between(async () => {
      if (this.journal) {
        throw new EngineError(
          'settingInvalid',
          `Run ${this.journal.number} is open, and this is its work. Nothing was freed.`,
        );
      }
      this.writer.forget(null);
      await this.clearWork();
    });
  }

  private async clearWork(): Promise<void> {
    this.found = null;
    this.holder = null;
    await this.checkpoints.clear();
  }

  listRuns(): Promise<readonly KeptRun[]> {
    return listRuns(this.platform.store);
  }

  /** From an earlier page; null where there is none, or other pictures were opened. */
  get workToGoOn(): KeptWork | null {
    return this.found && describeWork(this.found);
  }

  /** For whoever says what is stored. */
  async describeStored(): Promise<StoredWork> {
    const { journal, holder, checkpoints } = this;
    return {
      openRun: journal?.number ?? null,
      holder,
      featureBytes: await checkpoints.measureParts((name) => name.endsWith('activations')),
      cycleBytes: await checkpoints.measureParts((name) => name.startsWith('cycle ')),
    };
  }

  /** There may be room again: keeps what could not be kept, and the training that runs after its next batch. */
  tryAgain(): void {
    if (this.writer.tryAgain()) this.hurry();
  }

  /** Resolves when all that was to be kept is. */
  async settle(): Promise<void> {
    await this.writer.settle();
  }

  private keep(
    state: StudioState,
    adapter: string,
    running: RunningStep | null,
    place: EventOf<'workKept'>['place'],
  ): void {
    const { journal, origin, recipeId } = this;
    if (!journal || !origin) return;
    const { number: runNumber, eventCount, lastAtMs } = journal;
    const record = { state, origin, recipeId, adapter, running, log: { runNumber, eventCount, lastAtMs } };
    this.writer.write(record, journal, place);
  }
}

const NOT_LASTING =
  'This browser keeps no files for pages here, as in a private window: what you train lasts until the page is closed. Save the model and the report before that.';
const OTHER_PAGE =
  'Windowbox is open in another tab, and that one keeps its work. What you train in this tab lasts until it is closed. To change that, close the other tab and reload this one.';
