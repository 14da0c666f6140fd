// The top of the engine: one method per command. Holds the studio's state (a value, replaced and never mutated) and runs
// one command at a time.

import type { BackendDescription, BackendName } from '../protocol/catalog.ts';
import type { CancelSignal, CommandHandlers, CommandParams } from '../protocol/commands.ts';
import type { DatasetSummary } from '../protocol/dataset.ts';
import { EngineError } from '../protocol/errors.ts';
import type { EventBatcher } from '../protocol/eventBatcher.ts';
import type { EngineEventBody } from '../protocol/events.ts';
import type { RestoredWork } from '../protocol/keeping.ts';
import type { StepEstimate } from '../protocol/memory.ts';
import type { AddedWeights } from '../protocol/networks.ts';
import type { SettingValues } from '../protocol/recipe.ts';
import type { SchedulePlan } from '../protocol/schedule.ts';
import type { FreedStorage, StorageReport } from '../protocol/storage.ts';
import type { Submission } from '../protocol/submission.ts';
import type { GroupLearning } from '../protocol/training.ts';
import { ActivationCache } from './activations/activationCache.ts';
import { BackendDesk, type StartBackend } from './backendDesk.ts';
import type { DatasetIndex } from './data/datasetIndex.ts';
import { PixelCache } from './data/pixels/pixelCache.ts';
import { showPicture } from './data/showPicture.ts';
import { DatasetDesk, type SplitFiles, splitFiles } from './datasetDesk.ts';
import { describeCutOff } from './describeWork.ts';
import { PictureLibrary } from './learner/pictureLibrary.ts';
import { NetworkDesk } from './networkDesk.ts';
import { findModel, forgetModel, type KeptModels, keepModel, listModels } from './persistence/keptModels.ts';
import { describeState, loadState, openModel, saveState } from './persistence/savedState.ts';
import type { StudioRecord } from './persistence/studioCheckpoint.ts';
import type { Platform } from './platform/ports.ts';
import { estimateStep, UNKNOWN_NEED } from './recipe/estimateStep.ts';
import { previewLearning } from './recipe/layerSteps.ts';
import { previewSchedule } from './recipe/planSchedule.ts';
import { previewAugmentation } from './recipe/previewAugmentation.ts';
import { buildsOnTrained, comeBack, goBackTo, type RunStart } from './recipe/runAgain.ts';
import { findRecipe, findStep, runStep } from './recipe/runStep.ts';
import { completeSettings } from './recipe/settings.ts';
import { averageSnapshots, takeSnapshot } from './recipe/snapshots.ts';
import type { CutOffStep, StepResult } from './recipe/stepContext.ts';
import { EMPTY_STATE, type StudioState } from './recipe/studioState.ts';
import { writeTestPredictions } from './recipe/writeTestPredictions.ts';
import { RescueDesk } from './rescueDesk.ts';
import { StepControl } from './stepControl.ts';
import { StorageDesk } from './storageDesk.ts';
import { type KeepingTimes, WorkKeeper } from './workKeeper.ts';

export type { StartedBackend } from './backendDesk.ts';

export interface SessionOptions {
  readonly platform: Platform;
  readonly events: EventBatcher;
  readonly startBackend: StartBackend;
  /** How often a training is kept. */
  readonly keepingTimes?: KeepingTimes;
}

/** A step to run, or to go on with. */
interface StepRun {
  readonly recipeId: string;
  readonly stepId: string;
  readonly settings: SettingValues;
  readonly seed: number;
  /** Where a run once more begins; null for one that goes on from the state. */
  readonly start: RunStart | null;
  readonly cutOff: CutOffStep | null;
  /** It goes on with what stands below this backend. */
  readonly below?: BackendName | null;
}

export function createSession(options: SessionOptions): CommandHandlers {
  const session = new Session(options);
  return {
    start: (params) => session.alone(() => session.start(params)),
    describeCatalog: () => session.networks.describeCatalog(),
    // It reads and changes nothing: nobody waits for it, and it waits for nobody.
    compareNetworks: (params) => session.compareNetworks(params),
    probeSpeed: (_, signal) => session.alone(() => session.probeSpeed(signal)),
    addWeights: ({ file, fileName }) => session.alone(() => session.networks.add(file, fileName)),
    correctWeights: ({ weightsId, ...correction }) =>
      session.alone(() => session.networks.correct(weightsId, correction)),
    // Nobody waits minutes for a download before a step may run: until it is kept it changes nothing.
    fetchWeights: (params, signal) => session.fetchWeights(params, signal),
    removeWeights: ({ weightsId }) => session.alone(() => session.removeWeights(weightsId)),
    describeLabels: (params) => session.alone(() => session.datasets.describeLabels(params)),
    openDataset: (params, signal) => session.alone(() => session.openDataset(params, signal)),
    splitDataset: (params) => session.alone(async () => session.splitDataset(params)),
    // The page may open pictures meanwhile: another tab's lock is waited for.
    listKept: () => session.work.open(),
    restoreWork: (params, signal) => session.alone(() => session.restoreWork(params, signal)),
    resumeStep: (_, signal) => session.alone(() => session.resumeStep(signal)),
    // Beside the step that runs.
    pauseStep: async ({ isPaused }) => session.pauseStep(isPaused),
    discardStep: async () => session.discardStep(),
    readRun: async ({ number }) => ({ recording: await session.work.readRun(number) }),
    describeRun: async ({ number, ...words }) => ({ runs: await session.work.describeRun(number, words) }),
    addRun: async ({ recording, words }) => await session.work.addRun(recording, words),
    // Beside the step that runs: what it uses is not freed.
    measureStorage: () => session.measureStorage(),
    freeStorage: ({ id }) => session.freeStorage(id),
    previewSchedule: async (params) => session.previewSchedule(params),
    previewLearning: async (params) => session.previewLearning(params),
    runStep: (params, signal) => session.alone(() => session.runStep(params, signal)),
    takeSnapshot: (params) => session.alone(async () => session.takeSnapshot(params)),
    averageSnapshots: (params) => session.alone(async () => session.averageSnapshots(params)),
    // It reads and changes nothing: nobody waits for it, and it waits for nobody.
    previewAugmentation: (params) => session.previewAugmentation(params),
    // As little.
    showPicture: ({ file, sizePx }) => showPicture(file, sizePx, options.platform.decoder),
    // Beside whatever comes next and not alone: it changes nothing, and nobody should be told to wait for it.
    estimateStep: (params) => session.estimateStep(params),
    saveModel: (params) => session.alone(() => session.saveModel(params)),
    loadModel: (params) => session.alone(() => session.loadModel(params)),
    keepModel: (params) => session.alone(() => session.keepModel(params)),
    forgetModel: (params) => session.alone(async () => session.forgetModel(params)),
    loadKeptModel: (params) => session.alone(() => session.loadKeptModel(params)),
    writeSubmission: (params) => session.alone(() => session.writeSubmission(params)),
  };
}

class Session {
  private readonly options: SessionOptions;
  readonly networks: NetworkDesk;
  readonly work: WorkKeeper;
  private readonly storage: StorageDesk;
  private readonly pixels: PixelCache;
  readonly datasets: DatasetDesk;
  private readonly control = new StepControl();
  private readonly activationCache = new ActivationCache();
  private readonly pictureLibrary = new PictureLibrary();
  private state: StudioState = EMPTY_STATE;
  /** Whatever pictures are opened. */
  private keptModels: KeptModels = [];
  /** What the last run of each step began from. */
  private readonly starts = new Map<string, RunStart>();
  /** Brought back from an earlier page, or broken in this one, and not gone on with yet. */
  private cutOff: StepRun | null = null;
  private readonly rescues = new RescueDesk();
  private readonly backend: BackendDesk;
  private isBusy = false;

  constructor(options: SessionOptions) {
    this.networks = new NetworkDesk(options.platform);
    this.pixels = new PixelCache(options.platform, (sentence) => this.tell({ type: 'pixelsNotKept', sentence }));
    this.datasets = new DatasetDesk(this.pixels, (event) => this.tell(event));
    // Steps find a person's own weights beside the site's, and open no picture twice.
    const { shelf: weights } = this.networks;
    this.options = { ...options, platform: { ...options.platform, weights, decoder: this.pixels.decoder } };
    this.work = new WorkKeeper(options.platform, (event) => this.tell(event), options.keepingTimes);
    this.storage = new StorageDesk(options.platform, this.work, this.networks);
    this.backend = new BackendDesk(options.startBackend, {
      onProblem: (problem, error) => {
        // What is kept is in the page's own memory.
        this.networks.forgetSpeed();
        this.pictureLibrary.clear();
        this.tell({ type: 'deviceProblem', problem, sentence: error.message });
        this.options.events.flush();
      },
      onChanged: (backend) => this.tell({ type: 'backendChanged', backend }),
    });
  }

  private tell(event: EngineEventBody): void {
    this.work.note(this.options.events.add(event));
  }

  /** Two commands at once would train on a state that the other is changing. */
  async alone<Result>(run: () => Promise<Result>): Promise<Result> {
    if (this.isBusy) {
      throw new EngineError('busy', 'Something is running already. Stop it or wait for its end, then try again.');
    }
    this.isBusy = true;
    try {
      return await run();
    } finally {
      this.isBusy = false;
      this.options.events.flush();
    }
  }

  async start(params: CommandParams<'start'>): Promise<BackendDescription> {
    return await this.backend.start(params);
  }

  async compareNetworks(asked: CommandParams<'compareNetworks'>) {
    const { executor } = await this.backend.working();
    return await this.networks.compare(asked, executor, this.state);
  }

  async probeSpeed(signal: CancelSignal) {
    const { executor } = await this.backend.working();
    return await this.networks.probe(executor, signal);
  }

  async fetchWeights(params: CommandParams<'fetchWeights'>, signal: CancelSignal): Promise<AddedWeights> {
    const { events } = this.options;
    const { architecture } = params;
    try {
      return await this.networks.fetch(params, signal, (bytes) =>
        events.add({ type: 'weightsProgress', architecture, bytes }),
      );
    } finally {
      events.flush();
    }
  }

  async measureStorage(): Promise<StorageReport> {
    return await this.storage.measure({ state: this.state, isBusy: this.isBusy });
  }

  async freeStorage(id: string): Promise<FreedStorage> {
    const { isBusy } = this;
    const free = () => this.storage.free(id, { state: this.state, isBusy });
    // Where nothing runs, nothing begins on the way.
    await (isBusy ? free() : this.alone(free));
    const [storage, runs, catalog] = await Promise.all([
      this.measureStorage(),
      this.work.listRuns(),
      this.networks.describeCatalog(),
    ]);
    return { storage, work: this.work.workToGoOn, runs, catalog };
  }

  async removeWeights(weightsId: string) {
    return await this.networks.remove(weightsId, this.state);
  }

  async openDataset(params: CommandParams<'openDataset'>, signal: CancelSignal): Promise<DatasetSummary> {
    const files = await this.datasets.read(params, signal);
    const summary = this.useDataset(splitFiles(files, params));
    // Only now: a folder that cannot be used leaves the open one as it was.
    this.datasets.use(files);
    return summary;
  }

  splitDataset(params: CommandParams<'splitDataset'>): DatasetSummary {
    return this.useDataset(this.datasets.splitAgain(params));
  }

  /** Changes nothing, so that it may answer while something runs. */
  previewSchedule({ recipeId, stepId, settings }: CommandParams<'previewSchedule'>): SchedulePlan | null {
    const { dataset } = this.state;
    if (!dataset) throw new EngineError('preconditionMissing', 'Open a folder of pictures first.');
    return previewSchedule(findStep(recipeId, stepId), settings, dataset);
  }

  previewLearning({ recipeId, stepId, settings }: CommandParams<'previewLearning'>): readonly GroupLearning[] | null {
    return previewLearning(findStep(recipeId, stepId), settings, this.state);
  }

  async runStep(params: CommandParams<'runStep'>, signal: CancelSignal) {
    const { recipeId, stepId, settings, seed, isAgain } = params;
    const step = findStep(recipeId, stepId);
    const isFromStart = isAgain === true && buildsOnTrained(step.verb);
    const start = isFromStart ? goBackTo(this.starts.get(step.id), this.state) : null;
    return await this.run({ recipeId, stepId, settings, seed, start, cutOff: null }, signal);
  }

  async resumeStep(signal: CancelSignal) {
    const { cutOff } = this;
    if (!cutOff) throw new EngineError('preconditionMissing', 'No step was cut off. Run the step that you want.');
    if (cutOff.below) this.backend.leave(cutOff.below);
    return await this.run(cutOff, signal);
  }

  private async run({ start, cutOff, below: _, ...run }: StepRun, signal: CancelSignal) {
    const step = findStep(run.recipeId, run.stepId);
    const now = this.state;
    const state = start ? { ...now, ...start, dataset: now.dataset } : now;
    const control = this.control.begin(signal);
    const backend = await this.backend.working();
    this.backend.takeProblem();
    const { adapter } = backend.description;
    const { platform } = this.options;
    const startedMs = platform.clock.nowMs() - (cutOff?.elapsedMs ?? 0);
    await this.work.beginStep(now, run.recipeId, async () => ({
      catalog: await this.networks.describeCatalog(),
      backend: backend.description,
    }));
    this.cutOff = null;
    this.pixels.takeCounts(); // Of previews, which belong to no step.
    if (cutOff) this.tellGoingOn(run, cutOff);
    const result = await runStep(step, {
      stepId: run.stepId,
      settings: run.settings,
      seed: run.seed,
      state,
      executor: backend.executor,
      platform,
      activationCache: this.activationCache,
      pictureLibrary: this.pictureLibrary,
      emit: (event) => this.tell(event),
      signal,
      keeper: this.work.keeperFor({ ...run, start }, now, adapter, startedMs),
      resumeFrom: cutOff,
      control,
    });
    this.tellPictures(run.stepId);
    this.starts.set(step.id, state);
    if (this.control.isDiscarded && result.outcome === 'stopped') this.use(now);
    else this.use(start ? comeBack(state, now, result.state) : result.state);
    const { newest, before } = this.work.takeReached();
    const isBroken = result.error?.code === 'lossNotFinite';
    const goesOnFrom = (isBroken ? before : newest) ?? cutOff;
    const isRescued = this.rescue({ ...run, start, cutOff: goesOnFrom }, result, backend.description.backend);
    // Where the device failed, what was kept of the step stays the newest that is kept.
    const isStillKept = isRescued && goesOnFrom !== null && !isBroken;
    if (!isStillKept) this.work.keepWork(this.state, adapter);
    return { outcome: result.outcome };
  }

  /** Nobody waits until they are written. */
  private tellPictures(stepId: string): void {
    const counts = this.pixels.takeCounts();
    if (counts.decodedCount + counts.cachedCount > 0) this.tell({ type: 'picturesRead', stepId, ...counts });
    void this.pixels.flush();
  }

  private tellGoingOn({ stepId, settings }: Pick<StepRun, 'stepId' | 'settings'>, { fit }: CutOffStep): void {
    const { epoch, batch } = fit;
    this.tell({ type: 'stepGoneOn', stepId, epoch, batch, settings });
  }

  /** Says what would be done about a step that broke. False where it did not, or nothing can be done. */
  private rescue(run: StepRun, result: StepResult, backend: BackendName): boolean {
    const step = findStep(run.recipeId, run.stepId);
    const settings = completeSettings(step, run.settings);
    const problem = result.outcome === 'failed' ? this.backend.takeProblem() : null;
    const rescue = this.rescues.plan(result, { step, settings, problem, backend, fit: run.cutOff?.fit ?? null });
    if (!rescue) return false;
    this.cutOff = { ...run, settings: rescue.settings, below: rescue.below };
    this.tell(rescue.event);
    return true;
  }

  pauseStep(isPaused: boolean) {
    this.control.pause(isPaused);
    if (isPaused) this.work.hurry();
    return {};
  }

  discardStep() {
    this.control.discard();
    return {};
  }

  async restoreWork({ files }: CommandParams<'restoreWork'>, signal: CancelSignal): Promise<RestoredWork> {
    const record = await this.work.read();
    const { origin, log, recipeId, running } = record;
    const dataset = record.state.dataset as DatasetIndex;
    const opened = files && (await this.datasets.readAgain(dataset.summary, origin, files, signal));
    const recording = await this.work.goOn(record);
    this.datasets.use(opened?.files ?? null);
    this.pictureLibrary.clear();
    this.starts.clear();
    this.state = { ...record.state, dataset: opened?.dataset ?? dataset };
    if (this.state.activations) this.activationCache.store(this.state.activations);
    this.cutOff = running;
    this.options.events.goOnFrom(log.lastAtMs);
    const cutOff = describeCutOff(record);
    return {
      ...{ recipeId, recording, cutOff },
      dataset: dataset.summary,
      split: origin.split,
      labels: origin.labels,
      hasPictures: opened !== null,
      trainedName: this.state.trainedName,
      sentence: await this.describeRestored(record),
    };
  }

  private async describeRestored(record: StudioRecord): Promise<string> {
    const cutOff = describeCutOff(record);
    const { adapter } = (await this.backend.working()).description;
    const where = cutOff ? ` at epoch ${cutOff.epoch + 1}, batch ${cutOff.batch}` : '';
    const other =
      adapter === record.adapter
        ? ''
        : ` It began on ${record.adapter}; on ${adapter} the losses go on, though not to the last digit.`;
    return `Restored run ${record.log.runNumber}${where}.${other}`;
  }

  takeSnapshot(params: CommandParams<'takeSnapshot'>) {
    const { state, sentence } = takeSnapshot(this.state, params);
    this.use(state);
    return { sentence };
  }

  averageSnapshots(params: CommandParams<'averageSnapshots'>) {
    averageSnapshots(this.state, params, (event) => this.tell(event));
    return {};
  }

  async previewAugmentation(params: CommandParams<'previewAugmentation'>) {
    const { recipeId, stepId } = params;
    const step = findStep(recipeId, stepId);
    return await previewAugmentation(this.state, findRecipe(recipeId), step, params, this.options.platform.decoder);
  }

  async estimateStep({ recipeId, stepId, settings }: CommandParams<'estimateStep'>): Promise<StepEstimate> {
    const step = findStep(recipeId, stepId);
    // A step that runs is changing what this one would start from.
    const { current } = this.backend;
    if (!current || this.isBusy) return UNKNOWN_NEED;
    const { platform } = this.options;
    return await estimateStep(step, { settings, state: this.state, executor: current.executor, platform });
  }

  async saveModel({ name }: CommandParams<'saveModel'>) {
    return { bytes: saveState(this.state, name) };
  }

  async loadModel({ file }: CommandParams<'loadModel'>) {
    const { state, sentence } = await loadState(this.state, file, this.options.platform);
    this.use(state);
    return { sentence };
  }

  async writeSubmission(params: CommandParams<'writeSubmission'>): Promise<Submission> {
    return writeTestPredictions(this.state, params);
  }

  async keepModel({ name }: CommandParams<'keepModel'>) {
    this.keptModels = keepModel(this.keptModels, describeState(this.state, name));
    return { models: listModels(this.keptModels) };
  }

  forgetModel({ name }: CommandParams<'forgetModel'>) {
    this.keptModels = forgetModel(this.keptModels, name);
    return { models: listModels(this.keptModels) };
  }

  async loadKeptModel({ name }: CommandParams<'loadKeptModel'>) {
    const { state, sentence } = await openModel(this.state, findModel(this.keptModels, name), this.options.platform);
    this.use(state);
    return { sentence };
  }

  /** Takes a state; tells what is trained so far, and what the network sees of pictures, where that is another than before. */
  private use(state: StudioState): void {
    const before = this.state;
    this.state = state;
    const isTrainedOtherwise = state.head !== before.head || state.trainedName !== before.trainedName;
    if (isTrainedOtherwise && state.trainedName !== null) {
      this.tell({ type: 'trainedChanged', name: state.trainedName });
    }
    const { network } = state;
    if (network && (network.imageSizePx !== before.network?.imageSizePx || network.square !== before.network.square)) {
      // Pictures of the size before are of no use to what comes, and the memory is.
      this.pictureLibrary.clear();
      this.tell({ type: 'networkInput', imageSizePx: network.imageSizePx, square: network.square });
    }
  }

  private useDataset({ dataset, origin }: SplitFiles): DatasetSummary {
    this.pictureLibrary.clear();
    this.starts.clear();
    this.rescues.forget();
    this.cutOff = null;
    this.work.openDataset(origin);
    this.state = { ...EMPTY_STATE, dataset };
    return dataset.summary;
  }
}
