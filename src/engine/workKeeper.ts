// What the session keeps in the browser's storage: the work so far, after every step and every few seconds of a training, and all that is
// told of a run. Nobody waits for it, and what fails leaves what was kept before. The newest state of the step that runs is held in memory
// too, also where nothing lasts: a device that fails takes nothing else with it.

import type { BackendDescription, Catalog } from '../protocol/catalog.ts';
import { EngineError, toEngineErrorData } from '../protocol/errors.ts';
import type { EngineEvent, EngineEventBody, EventOf } from '../protocol/events.ts';
import type { CutOffPlace, KeptRun, KeptThings, KeptWork } from '../protocol/keeping.ts';
import type { FitKeeper, FitState } from './learner/learner.ts';
import { Checkpoints } from './persistence/checkpoints.ts';
import { describeRun, listRuns, type RunHeader, RunJournal, readRun, removeRun } from './persistence/runJournal.ts';
import {
  type DatasetOrigin,
  decodeStudio,
  encodeStudio,
  type RunningStep,
  type StudioRecord,
} from './persistence/studioCheckpoint.ts';
import type { Platform } from './platform/ports.ts';
import { findStep } from './recipe/runStep.ts';
import type { CutOffStep } from './recipe/stepContext.ts';
import type { StudioState } from './recipe/studioState.ts';

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
  private readonly tell: (event: EngineEventBody) => void;
  private readonly times: KeepingTimes;
  private readonly checkpoints: Checkpoints;
  /** Nothing is kept before `open`, nor where another page does or the browser cannot. */
  private isKeeping = false;
  private nextNumber = 1;
  private found: StudioRecord | null = null;
  private origin: DatasetOrigin | null = null;
  private journal: RunJournal | null = null;
  private recipeId = '';
  /** Told of the open data set before its run began. */
  private early: EngineEvent[] = [];
  private isWriting = false;
  private reached: Reached = NOT_REACHED;
  /** When the training that runs is kept next. */
  private dueMs = 0;
  private hasFailed = false;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    platform: Pick<Platform, 'store' | 'soleKeeper' | 'clock'>,
    tell: (event: EngineEventBody) => void,
    times: KeepingTimes = KEEPING_TIMES,
  ) {
    this.platform = platform;
    this.tell = tell;
    this.times = times;
    this.checkpoints = new Checkpoints(platform.store, FOLDER);
  }

  async open(): Promise<KeptThings> {
    const { store, soleKeeper } = this.platform;
    const runs = await listRuns(store);
    this.nextNumber = (runs[0]?.number ?? 0) + 1;
    if (!store.isLasting) return { whyNot: NOT_LASTING, trouble: null, work: null, runs };
    if (!(await soleKeeper.claim())) return { whyNot: OTHER_PAGE, trouble: null, work: null, runs };
    this.isKeeping = true;
    try {
      const stored = await this.checkpoints.read();
      this.found = stored && decodeStudio(stored);
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
      isDue: () => !this.isWriting && clock.nowMs() >= this.dueMs,
      giveWay: async () => {
        if (this.isWriting) await new Promise<void>((resolve) => setTimeout(resolve, GIVE_WAY_MS));
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
    await this.queue;
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
    const journal = await RunJournal.resume(store, log.runNumber, log.eventCount);
    const recording = await readRun(store, log.runNumber);
    if (recording === null || !journal) {
      throw new EngineError(
        'checkpointDamaged',
        `What was told of run ${log.runNumber} is not here any more, so the run cannot go on. Your pictures are untouched. Open them and run the steps again.`,
      );
    }
    this.journal = journal;
    this.origin = origin;
    this.recipeId = recipeId;
    this.found = null;
    this.early = [];
    return recording;
  }

  async readRun(number: number): Promise<string> {
    await this.queue;
    const recording = await readRun(this.platform.store, number);
    if (recording !== null) return recording;
    throw new EngineError('preconditionMissing', `Run ${number} is not kept in this browser any more. The others are.`);
  }

  /** @param recording a recorded run, checked by whoever took it in */
  async addRun(recording: string, { recipeId, ...words }: Pick<KeptRun, 'name' | 'note' | 'recipeId'>) {
    await this.queue;
    const { store } = this.platform;
    if (!this.isKeeping) return { added: null, runs: await listRuns(store) };
    const number = this.nextNumber;
    this.nextNumber += 1;
    const [header, ...lines] = recording.split('\n').filter((line) => line !== '');
    const startedAt = new Date().toISOString();
    const journal = RunJournal.begin(store, JSON.parse(header as string) as RunHeader, { number, recipeId, startedAt });
    for (const line of lines) journal.append(JSON.parse(line) as EngineEvent);
    await journal.flush();
    const added = await describeRun(store, number, words);
    return { added, runs: await listRuns(store) };
  }

  async describeRun(number: number, words: Pick<KeptRun, 'name' | 'note'>): Promise<readonly KeptRun[]> {
    await this.queue;
    await describeRun(this.platform.store, number, words);
    return await listRuns(this.platform.store);
  }

  /** Throws EngineError 'settingInvalid' for the run that is open. */
  async removeRun(number: number): Promise<readonly KeptRun[]> {
    await this.queue;
    if (number === this.journal?.number) {
      throw new EngineError('settingInvalid', `Run ${number} is open. Nothing was deleted; close it first.`);
    }
    await removeRun(this.platform.store, number);
    if (this.found?.log.runNumber === number) {
      this.found = null;
      await this.checkpoints.clear();
    }
    return await listRuns(this.platform.store);
  }

  /** Resolves when all that was to be kept is. */
  async settle(): Promise<void> {
    await this.queue;
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
    const { clock } = this.platform;
    this.isWriting = true;
    this.queue = this.queue.then(async () => {
      const startedMs = clock.nowMs();
      try {
        await journal.flush();
        const sizeBytes = await this.checkpoints.write(encodeStudio(record));
        this.hasFailed = false;
        this.tell({ type: 'workKept', place, sizeBytes, elapsedMs: Math.round(clock.nowMs() - startedMs) });
      } catch (thrown) {
        // Once is enough for a disk that is full.
        if (!this.hasFailed) this.tell({ type: 'workNotKept', sentence: toEngineErrorData(thrown).sentence });
        this.hasFailed = true;
      } finally {
        this.isWriting = false;
      }
    });
  }
}

const NOT_LASTING =
  'This browser keeps no files for pages here, as in a private window: what you train lasts until the page is closed. Save the model and the report before that.';
const OTHER_PAGE =
  'Windowbox is open in another tab, and that one keeps its work. What you train in this tab lasts until it is closed. To change that, close the other tab and reload this one.';

export function placeOf({ epoch, batch, batchesPerEpoch }: Pick<FitState, 'epoch' | 'batch' | 'batchesPerEpoch'>) {
  return { epoch, batch: batch - epoch * batchesPerEpoch };
}

/** Null where nothing was running, or nothing that this version still knows. */
export function describeCutOff({ running }: StudioRecord): CutOffPlace | null {
  if (!running) return null;
  try {
    const { verb } = findStep(running.recipeId, running.stepId);
    return { stepId: running.stepId, ...placeOf(running.cutOff.fit), needsPictures: verb !== 'trainHead' };
  } catch {
    return null;
  }
}

function describeWork(record: StudioRecord): KeptWork | null {
  const summary = record.state.dataset?.summary;
  if (!summary) return null;
  const { origin, recipeId, log } = record;
  const { name: datasetName, fingerprint, pictures } = summary;
  const cutOff = describeCutOff(record);
  const what = `Run ${log.runNumber} on “${datasetName}”`;
  const sentence = cutOff
    ? `${what} was cut off at epoch ${cutOff.epoch + 1}, batch ${cutOff.batch}. Everything up to there is kept.`
    : `${what} is kept with all that was trained.`;
  return {
    ...{ datasetName, fingerprint, recipeId, cutOff, sentence },
    runNumber: log.runNumber,
    pictureCount: pictures.length,
    address: origin.address,
  };
}
