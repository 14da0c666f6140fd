// The only callers of call(): every act of the person (or of an address's `run=1`) that reaches the engine goes through here.

import type { BackendDescription, BackendName } from '../../protocol/catalog.ts';
import type { CommandName, CommandParams, CommandResult } from '../../protocol/commands.ts';
import type { DroppedFile } from '../../protocol/dataset.ts';
import { EngineError, toEngineErrorData } from '../../protocol/errors.ts';
import type { EngineEvent, EventOf, StepOutcome } from '../../protocol/events.ts';
import type { LabelOptions } from '../../protocol/labels.ts';
import type { AugmentationPreview, ShownPicture } from '../../protocol/looks.ts';
import type { StepEstimate } from '../../protocol/memory.ts';
import type { Recipe, RecipeStep, SettingValues } from '../../protocol/recipe.ts';
import type { Call } from '../../protocol/rpc.ts';
import type { SchedulePlan } from '../../protocol/schedule.ts';
import type { Submission, SubmissionOrder } from '../../protocol/submission.ts';
import type { GroupLearning } from '../../protocol/training.ts';
import type { Engine, StartEngine } from '../engineClient.ts';
import type { NamedFiles } from '../intake/folderPaths.ts';
import { formatRate } from '../ui/formatNumbers.ts';
import { appendEvents, eventLogStore, lastOf, latestRun, type StepRun, startNewLog } from './eventLog.ts';
import { nameSteps, rateOptionId, rateReceivers, recommendedOf, suggestionsOf } from './finder.ts';
import { createKeepingActions, type KeepingActions } from './keepingActions.ts';
import { mayHoldTable } from './labelling.ts';
import { askQuietly } from './lastingStorage.ts';
import { createNetworkActions, type NetworkActions, SAVED_MODEL, showFetched } from './networkActions.ts';
import { readSettings } from './optionValues.ts';
import { findSizeSetter, optionsToGoOn } from './pictureSize.ts';
import { describeProblem, describeRescue } from './problems.ts';
import {
  selectPlace,
  setOption,
  setSeed,
  settingsStore,
  setValidationShare,
  setWhatValidates,
  splitOptions,
  type WhatValidates,
} from './settings.ts';
import { lacksPictures, leftBehindBy, nextStep, situationOf, stepState } from './stepStates.ts';
import { createStorageActions, type StorageActions } from './storageActions.ts';
import { currentRecipe, findStep, studioStore } from './studio.ts';
import { NO_WORK, withFile, withKept, withOpenedKept, withoutKept, withTrained } from './unsavedWork.ts';

export interface Actions extends NetworkActions, KeepingActions, StorageActions {
  /** Starts the engine and asks what it offers. False when it could not; the problem is then shown. */
  start(backend: BackendName | 'auto'): Promise<boolean>;
  /**
   * Reads a data set; `take` may itself fail with a sentence (a broken zip). A table that labels the pictures is shown
   * first, and nothing is opened then, unless what it means is to be guessed.
   */
  open(
    take: () => Promise<NamedFiles> | NamedFiles,
    nameWhileReading: string,
    tables?: 'ask' | 'guess',
  ): Promise<boolean>;
  /** Counts what the shown table would give with these options; the rest is guessed. */
  tryLabels(labels: Partial<LabelOptions>): Promise<void>;
  openWithLabels(): Promise<boolean>;
  /** Puts the shown table away; the open data set is as it was. */
  cancelLabels(): void;
  /** A split that a folder gives, or one of everything to learn from, is kept when only seed or share change. */
  split(seed: number, validationShare: number, validates: WhatValidates): Promise<void>;
  runStep(stepId: string): Promise<StepOutcome | null>;
  /** Runs a step as that run did: from where it began, with its settings and seed, whatever the form says now. */
  runExactly(run: StepRun): Promise<StepOutcome | null>;
  /** Makes a cycle of a training what is trained so far: a sentence that says so; null when it could not be, and the problem is then shown. */
  takeSnapshot(stepId: string, cycle: number): Promise<string | null>;
  /** Averages these cycles of a training; the row comes as an event. */
  averageSnapshots(stepId: string, cycles: readonly number[]): Promise<void>;
  /** What a training would do with these settings; null for a step that does not train, or without an engine. Throws the engine's sentence. */
  previewSchedule(stepId: string, settings: SettingValues): Promise<SchedulePlan | null>;
  /** Which parameters would learn after a step with these settings; null where it does not say so. Throws as above. */
  previewLearning(stepId: string, settings: SettingValues): Promise<readonly GroupLearning[] | null>;
  /** One picture as the step would look at it with what is typed; a sentence where it cannot be shown, which is no problem of the page. */
  previewLooks(stepId: string, choice: LookChoice): Promise<AugmentationPreview | string>;
  /** A picture that the browser does not show itself, drawn by the engine; null where it cannot either. */
  showPicture(file: Blob, sizePx: number): Promise<ShownPicture | null>;
  /** What a step would need of the device's memory with these settings; null where that cannot be known now. */
  estimateStep(stepId: string, settings: SettingValues): Promise<StepEstimate | null>;
  /** Runs every step that works, in order, with the rate that the finder recommends; ends at the first that is not done. */
  runAllSteps(): Promise<boolean>;
  /** Runs the step that sets the picture size at this one, with all that is trained, and shows the step to run next. */
  goOnLarger(sizePx: number): Promise<void>;
  /** Gives a rate off a finder's curve to the steps that take it. */
  applyRate(finderStepId: string, learningRate: number): void;
  /** Puts another recipe on the rail; steps that both have keep what they did. */
  chooseRecipe(recipeId: string): void;
  /** The file of what is trained so far; null when it could not be made, and the problem is then shown. */
  saveModel(name: string): Promise<Blob | null>;
  /** A sentence that says what was opened; null when it could not be, and the problem is then shown. */
  openModel(file: Blob): Promise<string | null>;
  /** A file of weights, whatever it is: a checkpoint is kept and chosen, a model that this studio saved is opened. The page says so. */
  takeWeightsFile(file: Blob, fileName: string): Promise<void>;
  /** Keeps what is trained so far in the page by a name, until it is closed. */
  keepModel(name: string): Promise<void>;
  forgetModel(name: string): Promise<void>;
  /** As `openModel`, of one that is kept. */
  openKeptModel(name: string): Promise<string | null>;
  /** The predictions of the test pictures as a file, checked; null when it could not be made, and the problem is then shown. */
  writeSubmission(order: SubmissionOrder): Promise<Submission | null>;
  stop(): void;
  /** Halts the training that runs between two batches, and lets it go on. */
  pause(isPaused: boolean): void;
  /** Stops the training that runs and keeps nothing of it. */
  discard(): void;
  /** Does what the shown problem's button says. */
  restartEngine(): Promise<void>;
  dismissProblem(): void;
}

/** Which picture, counted from 0, and which draw of its looks. */
export interface LookChoice {
  readonly pictureNumber: number;
  readonly seed: number;
  readonly lookCount: number;
}

const crashSentenceAtStart =
  'The training engine could not be started in this browser. Nothing was opened. Start it again; if that does not help, try a current Chrome, Edge, Firefox or Safari.';
const crashSentence =
  'The training engine stopped unexpectedly. Your pictures and the results on this page are still here; the trained layers are lost. Start the engine again and run the steps from the first.';
const crashSentenceKept =
  'The training engine stopped unexpectedly. Your pictures and the results on this page are still here, and so is what was kept of the work. Start the engine again, and it goes on from there.';

/** Every event is kept in the log; what changed about the engine itself also shows in the page's head. */
function takeEvents(batch: readonly EngineEvent[]): void {
  appendEvents(batch);
  for (const event of batch) {
    if (event.type === 'backendChanged') showBackend(event.backend);
    else if (event.type === 'stepCutOff') showRescue(event);
    else if (event.type === 'workKept') showKept(event);
    else if (event.type === 'workNotKept') studioStore.setState({ keepingTrouble: event.sentence });
    else if (event.type === 'pixelsNotKept') studioStore.setState({ notice: event.sentence });
    else if (event.type === 'trainedChanged') {
      studioStore.setState(({ unsaved }) => ({ trainedName: event.name, unsaved: withTrained(unsaved, event.name) }));
    } else if (event.type === 'weightsProgress') showFetched(event.architecture, event.bytes);
    // While a step runs, its own failure tells.
    else if (event.type === 'deviceProblem' && studioStore.getState().runningStepId === null) {
      studioStore.setState({ notice: event.sentence });
    }
  }
}

/** Between two steps all that is trained is kept by the browser, so that closing the page loses nothing of it. */
function showKept(event: EventOf<'workKept'>): void {
  const { unsaved } = studioStore.getState();
  studioStore.setState({
    ...{ workKept: event, keepingTrouble: null },
    unsaved: event.place === null ? withFile(unsaved) : unsaved,
  });
  void askQuietly();
}

/** A card that is there and is not used, because it failed, is worth a sentence beside the badge. */
function showBackend(backend: BackendDescription): void {
  const failed = backend.ladder.find(({ hasFailed }) => hasFailed);
  studioStore.setState({ backend });
  if (!failed) return;
  const notice = `${failed.sentence} The studio computes with ${backend.adapter} instead: slower, and as right.`;
  studioStore.setState({ notice });
}

function showRescue(event: EventOf<'stepCutOff'>): void {
  const { place, stepId } = event;
  studioStore.setState({ rescue: event, cutOff: place && { stepId, ...place, needsPictures: false } });
}

/** Rejects the calls that a dead engine will never answer; the problem itself is shown when the crash is noticed. */
class EngineCrash extends Error {}

export function createActions(startEngine: StartEngine): Actions {
  let engine: Engine | null = null;
  /** Rejects when the engine dies; never resolves. */
  let crashed: Promise<never> = new Promise(() => {});
  let cancelRunning: (() => void) | null = null;
  let requestedBackend: BackendName | 'auto' = 'auto';
  let starting: Promise<boolean> = Promise.resolve(false);
  /** The count for a table that is under way, or the last one. */
  let counting: Promise<void> = Promise.resolve();
  /** The steps are run one after the other, or were until one of them broke. */
  let isRunningAll = false;
  /** The averages of cycles that were asked for. */
  let averaging: Promise<void> = Promise.resolve();

  function connect(): Engine {
    let rejectCalls: (reason: EngineCrash) => void = () => {};
    crashed = new Promise((_, reject) => {
      rejectCalls = reject;
    });
    crashed.catch(() => {});
    return startEngine(takeEvents, () => {
      studioStore.setState({
        engine: 'failed',
        runningStepId: null,
        isStopping: false,
        openingName: null,
        hubFetch: null,
      });
      const { dataset, workKept } = studioStore.getState();
      const later = workKept ? crashSentenceKept : crashSentence;
      const sentence = dataset === null ? crashSentenceAtStart : later;
      studioStore.setState({ problem: describeProblem({ code: 'engineCrashed', sentence }, null) });
      rejectCalls(new EngineCrash(sentence));
    });
  }

  async function call<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<CommandResult<Name>> {
    if (!engine) throw new EngineError('preconditionMissing', 'The training engine is not started. Reload the page.');
    const running = engine.client.call(name, params);
    cancelRunning = running.cancel;
    return Promise.race([running.result, crashed]);
  }

  /** Asks what changes nothing: what runs meanwhile stays the one that a stop would reach. */
  async function ask<Name extends CommandName>(
    name: Name,
    params: CommandParams<Name>,
  ): Promise<CommandResult<Name> | null> {
    return (await begin(name, params)?.result) ?? null;
  }

  /** As `ask`, for what has a stop of its own. */
  function begin<Name extends CommandName>(name: Name, params: CommandParams<Name>): Call<CommandResult<Name>> | null {
    const running = engine?.client.call(name, params);
    return running ? { result: Promise.race([running.result, crashed]), cancel: running.cancel } : null;
  }

  function showProblem(thrown: unknown, step: RecipeStep | null): void {
    if (thrown instanceof EngineCrash) return;
    const error = toEngineErrorData(thrown);
    if (error.code === 'cancelled') return;
    studioStore.setState({ problem: describeProblem(error, step?.id ?? null, step?.options) });
  }

  const networks = createNetworkActions({ call, ask, begin, showProblem: (thrown) => showProblem(thrown, null) });

  const storage = createStorageActions({ ask, showProblem: (thrown) => showProblem(thrown, null) });

  const keeping = createKeepingActions({
    call,
    showProblem: (thrown) => showProblem(thrown, null),
    whileOpening,
    async whileRunning(stepId, run) {
      const step = findStep(studioStore.getState(), stepId);
      if (step) return await whileRunning(step, run);
      throw new EngineError('settingInvalid', `This version has no step “${stepId}”. What was kept of it stays.`);
    },
  });

  /** The pictures are in the page still: what was kept of the work comes back, and the step that was cut off goes on. */
  async function goOnAfterCrash(files: readonly DroppedFile[]): Promise<void> {
    const { dataset } = studioStore.getState();
    if (await keeping.restoreWork(() => ({ name: dataset?.name ?? '', files }))) await keeping.resumeStep();
  }

  function start(backend: BackendName | 'auto'): Promise<boolean> {
    requestedBackend = backend;
    starting = startNow(backend);
    return starting;
  }

  async function startNow(backend: BackendName | 'auto'): Promise<boolean> {
    studioStore.setState({ engine: 'starting', problem: null });
    try {
      engine = connect();
      const description = await call('start', { backend });
      const catalog = await call('describeCatalog', {});
      studioStore.setState({ engine: 'ready', catalog });
      showBackend(description);
      // Whatever is wrong with what is kept, the studio works without it.
      studioStore.setState({ kept: await call('listKept', {}).catch(() => null) });
      return true;
    } catch (thrown) {
      studioStore.setState({ engine: 'failed' });
      showProblem(thrown, null);
      return false;
    }
  }

  async function openFiles({ name, files, address }: NamedFiles, labels: LabelOptions | null): Promise<void> {
    const split = splitOptions(settingsStore.getState());
    const more = { ...(labels === null ? {} : { labels }), ...(address === undefined ? {} : { address }) };
    const dataset = await call('openDataset', { name, files, ...split, ...more });
    studioStore.setState({
      dataset,
      labels,
      trainedName: null,
      hasPictures: true,
      cutOff: null,
      rescue: null,
      workKept: null,
      unsaved: withTrained(studioStore.getState().unsaved, null),
      files: new Map(files.map(({ path, file }) => [path, file])),
    });
  }

  /** Opens files in the place of what was open: a new log, and what validated of the other pictures is forgotten. */
  async function replaceDataset(named: NamedFiles, labels: LabelOptions | null): Promise<true> {
    const { fold, usesAll } = settingsStore.getState();
    setWhatValidates({ fold: null, usesAll: false });
    try {
      await openFiles(named, labels);
    } catch (thrown) {
      setWhatValidates({ fold, usesAll });
      throw thrown;
    }
    startNewLog();
    studioStore.setState({ firstValidRun: 0, labelling: null });
    selectPlace('data');
    const { projectModel } = studioStore.getState();
    if (projectModel) await openProjectModel(projectModel);
    return true;
  }

  function open(
    take: () => Promise<NamedFiles> | NamedFiles,
    nameWhileReading: string,
    tables: 'ask' | 'guess' = 'ask',
  ): Promise<boolean> {
    return whileOpening(nameWhileReading, async () => {
      const named = await take();
      if (!(await starting)) return false;
      studioStore.setState({ openingName: named.name, labelling: null });
      await counting;
      const isTableShown = tables === 'ask' && mayHoldTable(named.files) && (await showTable(named));
      return isTableShown ? false : replaceDataset(named, null);
    });
  }

  /** False when no table labels the pictures: folders do. */
  async function showTable(named: NamedFiles): Promise<boolean> {
    const description = await call('describeLabels', { files: named.files, labels: {} });
    if (description) studioStore.setState({ labelling: { ...named, description, wanted: {}, isCounting: false } });
    return description !== null;
  }

  async function tryLabels(labels: Partial<LabelOptions>): Promise<void> {
    const { labelling } = studioStore.getState();
    if (!labelling) return;
    studioStore.setState({ labelling: { ...labelling, wanted: labels, isCounting: true } });
    if (!labelling.isCounting) counting = count();
    await counting;
  }

  /** One count at a time; what is said meanwhile is counted next, and only the last of it. */
  async function count(): Promise<void> {
    for (;;) {
      const { labelling } = studioStore.getState();
      if (!labelling) return;
      try {
        const description = await call('describeLabels', { files: null, labels: labelling.wanted });
        const now = studioStore.getState().labelling;
        if (now?.files !== labelling.files) return;
        const isCounting = now.wanted !== labelling.wanted;
        studioStore.setState({ labelling: { ...now, description: description ?? now.description, isCounting } });
        if (!isCounting) return;
      } catch (thrown) {
        const now = studioStore.getState().labelling;
        if (now) studioStore.setState({ labelling: { ...now, isCounting: false } });
        return showProblem(thrown, null);
      }
    }
  }

  async function openWithLabels(): Promise<boolean> {
    await counting;
    const { labelling } = studioStore.getState();
    if (!labelling || labelling.description.problem !== null) return false;
    const { name, description } = labelling;
    return whileOpening(name, () => replaceDataset(labelling, description.options));
  }

  async function whileOpening(name: string, read: () => Promise<boolean>): Promise<boolean> {
    const { runningStepId, openingName } = studioStore.getState();
    if (runningStepId !== null || openingName !== null) return false;
    studioStore.setState({ openingName: name, problem: null, notice: null });
    try {
      return await read();
    } catch (thrown) {
      showProblem(thrown, null);
      return false;
    } finally {
      studioStore.setState({ openingName: null, isStopping: false });
    }
  }

  async function split(seed: number, validationShare: number, validates: WhatValidates): Promise<void> {
    setSeed(seed);
    setValidationShare(validationShare);
    const { dataset } = studioStore.getState();
    const before = settingsStore.getState();
    const isDrawn = !validates.usesAll && dataset?.splitOrigin.kind !== 'folders';
    if (!dataset || (validates.usesAll === before.usesAll && !isDrawn)) return;
    setWhatValidates(validates);
    try {
      const params = splitOptions(settingsStore.getState());
      const divided = await call('splitDataset', params);
      const unsaved = withTrained(studioStore.getState().unsaved, null);
      studioStore.setState({
        dataset: divided,
        trainedName: null,
        firstValidRun: 0,
        unsaved,
        cutOff: null,
        rescue: null,
      });
      startNewLog();
    } catch (thrown) {
      setWhatValidates(before);
      showProblem(thrown, null);
    }
  }

  async function runStep(stepId: string): Promise<StepOutcome | null> {
    const state = studioStore.getState();
    const recipe = currentRecipe(state);
    const step = findStep(state, stepId);
    if (!recipe || !step || state.runningStepId !== null) return null;
    const { seed, valuesByStep } = settingsStore.getState();
    const { values, problems } = readSettings(step.options, valuesByStep[stepId]);
    const problem = Object.values(problems)[0];
    if (problem !== undefined) {
      showProblem(
        new EngineError('settingInvalid', `A setting of step ${step.number} cannot be used. ${problem}`),
        step,
      );
      return null;
    }
    return callStep(recipe.id, step, { settings: values, seed });
  }

  async function runExactly({ stepId, started }: StepRun): Promise<StepOutcome | null> {
    const state = studioStore.getState();
    const recipe = currentRecipe(state);
    const step = findStep(state, stepId);
    if (!recipe || !step || state.runningStepId !== null) return null;
    return callStep(recipe.id, step, { settings: started.settings, seed: started.seed, isAgain: true });
  }

  async function callStep(
    recipeId: string,
    step: RecipeStep,
    how: Pick<CommandParams<'runStep'>, 'settings' | 'seed' | 'isAgain'>,
  ): Promise<StepOutcome> {
    studioStore.setState({ cutOff: null, rescue: null });
    return await whileRunning(step, () => call('runStep', { recipeId, stepId: step.id, ...how }));
  }

  async function whileRunning(
    step: RecipeStep,
    run: () => Promise<{ readonly outcome: StepOutcome }>,
  ): Promise<StepOutcome> {
    selectPlace(step.id);
    studioStore.setState({
      ...{ runningStepId: step.id, isStopping: false, isPaused: false },
      ...{ problem: null, notice: null },
    });
    try {
      const { outcome } = await run();
      if (outcome === 'failed') showStepError(step);
      return outcome;
    } catch (thrown) {
      showProblem(thrown, step);
      return 'failed';
    } finally {
      studioStore.setState({ runningStepId: null, isStopping: false, isPaused: false });
    }
  }

  async function takeSnapshot(stepId: string, cycle: number): Promise<string | null> {
    try {
      return (await call('takeSnapshot', { stepId, cycle })).sentence;
    } catch (thrown) {
      showProblem(thrown, null);
      return null;
    }
  }

  /** The last choice is asked for once the one before it is answered: the engine does one thing at a time. */
  async function averageSnapshots(stepId: string, cycles: readonly number[]): Promise<void> {
    averaging = averaging
      .then(() => call('averageSnapshots', { stepId, cycles }))
      .then(
        () => {},
        (thrown: unknown) => showProblem(thrown, null),
      );
    await averaging;
  }

  async function previewSchedule(stepId: string, settings: SettingValues): Promise<SchedulePlan | null> {
    const recipe = currentRecipe(studioStore.getState());
    return recipe && ask('previewSchedule', { recipeId: recipe.id, stepId, settings });
  }

  async function previewLearning(stepId: string, settings: SettingValues): Promise<readonly GroupLearning[] | null> {
    const recipe = currentRecipe(studioStore.getState());
    return recipe && ask('previewLearning', { recipeId: recipe.id, stepId, settings });
  }

  async function previewLooks(stepId: string, choice: LookChoice): Promise<AugmentationPreview | string> {
    const recipe = currentRecipe(studioStore.getState());
    const step = findStep(studioStore.getState(), stepId);
    if (!engine || !recipe || !step) return 'The training engine is not started.';
    const { valuesByStep } = settingsStore.getState();
    const typedOf = ({ id, options }: RecipeStep) => readSettings(options, valuesByStep[id]).values;
    const before = recipe.steps.filter(({ number }) => number < step.number);
    const params = {
      ...{ recipeId: recipe.id, stepId, settings: typedOf(step), ...choice },
      settingsByStep: Object.fromEntries(before.map((earlier) => [earlier.id, typedOf(earlier)])),
    };
    try {
      // Not by call(): a preview is nothing that the person stops.
      return await Promise.race([engine.client.call('previewAugmentation', params).result, crashed]);
    } catch (thrown) {
      return thrown instanceof EngineCrash ? thrown.message : toEngineErrorData(thrown).sentence;
    }
  }

  async function showPicture(file: Blob, sizePx: number): Promise<ShownPicture | null> {
    return await ask('showPicture', { file, sizePx }).catch(() => null);
  }

  /** Not by `call`: what a person stops is the step that runs, and no problem is worth showing for a number beside it. */
  async function estimateStep(stepId: string, settings: SettingValues): Promise<StepEstimate | null> {
    const { runningStepId, engine: state } = studioStore.getState();
    const recipe = currentRecipe(studioStore.getState());
    if (!engine || !recipe || state !== 'ready' || runningStepId !== null) return null;
    const { result } = engine.client.call('estimateStep', { recipeId: recipe.id, stepId, settings });
    return await Promise.race([result, crashed]).catch(() => null);
  }

  function showStepError(step: RecipeStep): void {
    const run = latestRun(eventLogStore.getState().log, step.id);
    const error = run && lastOf(run.byType.stepEnded)?.error;
    const { rescue } = studioStore.getState();
    if (error && rescue?.stepId === step.id) {
      studioStore.setState({ problem: describeRescue(error, rescue) });
      return;
    }
    showProblem(error ? new EngineError(error.code, error.sentence) : new Error(`step ${step.number} failed`), step);
  }

  function applyRate(finderStepId: string, learningRate: number): void {
    const recipe = currentRecipe(studioStore.getState());
    const receivers = recipe ? rateReceivers(recipe, finderStepId) : [];
    if (receivers.length === 0) return;
    for (const receiver of receivers) setOption(receiver.id, rateOptionId, learningRate);
    studioStore.setState({ notice: `${nameSteps(receivers)} will train with ${formatRate(learningRate)}.` });
  }

  async function runAllSteps(): Promise<boolean> {
    isRunningAll = true;
    const isDone = await runStepsInOrder();
    // One that can go on takes the others along when it does.
    isRunningAll = !isDone && studioStore.getState().rescue !== null;
    return isDone;
  }

  /** Goes on with the step that was cut off, and then, where all steps were to be run, with those behind it. */
  async function resumeStep(): Promise<StepOutcome | null> {
    const stepId = studioStore.getState().rescue?.stepId;
    const outcome = await keeping.resumeStep();
    if (outcome !== 'done' || !isRunningAll || stepId === undefined) return outcome;
    takeRecommendedRate(stepId);
    await runAllSteps();
    return outcome;
  }

  async function runStepsInOrder(): Promise<boolean> {
    const recipe = currentRecipe(studioStore.getState());
    for (const step of recipe?.steps ?? []) {
      const { id } = step;
      // Left out before the pictures grew: it would run at their size now.
      if (recipe && leftBehindBy(step, situationNow(recipe))) continue;
      const runsBefore = eventLogStore.getState().log.stepRuns.length;
      const outcome = await runStepUnlessDone(id);
      if (outcome !== 'done') return false;
      // A finder that was done already has been answered: the rate that the person chose then stays.
      if (eventLogStore.getState().log.stepRuns.length > runsBefore) takeRecommendedRate(id);
    }
    return true;
  }

  async function goOnLarger(sizePx: number): Promise<void> {
    const recipe = currentRecipe(studioStore.getState());
    const setter = recipe && findSizeSetter(recipe);
    if (!recipe || !setter || studioStore.getState().runningStepId !== null) return;
    keepChoices(setter.step);
    setOption(setter.step.id, setter.option.id, sizePx);
    for (const { stepId, optionId, value } of optionsToGoOn(recipe)) setOption(stepId, optionId, value);
    if ((await runStep(setter.step.id)) !== 'done') return;
    const next = nextStep(situationNow(recipe));
    if (next) selectPlace(next.id);
    studioStore.setState({
      notice: `The pictures are ${sizePx} px now, and trainings start from what is trained so far.`,
    });
  }

  /** What was chosen when the step was run last, such as the network, stays: trained layers mean nothing behind another. */
  function keepChoices(step: RecipeStep): void {
    const run = latestRun(eventLogStore.getState().log, step.id);
    for (const { id, kind } of step.options) {
      const value = run?.started.settings[id];
      if (kind === 'choice' && value !== undefined) setOption(step.id, id, value);
    }
  }

  function situationNow(recipe: Recipe) {
    return situationOf(studioStore.getState(), recipe, eventLogStore.getState().log);
  }

  function chooseRecipe(recipeId: string): void {
    studioStore.setState({ recipeId, notice: null });
    const { place } = settingsStore.getState();
    const isThere = place === 'data' || place === 'results' || findStep(studioStore.getState(), place) !== undefined;
    if (!isThere) selectPlace('data');
  }

  async function saveModel(name: string): Promise<Blob | null> {
    try {
      const { bytes } = await call('saveModel', { name });
      studioStore.setState(({ unsaved }) => ({ unsaved: withFile(unsaved) }));
      return new Blob([bytes], { type: 'application/octet-stream' });
    } catch (thrown) {
      showProblem(thrown, null);
      return null;
    }
  }

  async function openModel(file: Blob): Promise<string | null> {
    studioStore.setState({ problem: null, notice: null });
    try {
      const { sentence } = await call('loadModel', { file });
      studioStore.setState(({ unsaved }) => ({ unsaved: withFile(unsaved) }));
      return sentence;
    } catch (thrown) {
      showProblem(thrown, null);
      return null;
    }
  }

  /** Once: where it does not fit these pictures, the engine says why, and the file still has it. */
  async function openProjectModel(model: Blob): Promise<void> {
    studioStore.setState({ projectModel: null });
    const sentence = await openModel(model);
    if (sentence !== null) studioStore.setState({ notice: sentence });
  }

  async function takeWeightsFile(file: Blob, fileName: string): Promise<void> {
    if (studioStore.getState().runningStepId !== null) return;
    studioStore.setState({ problem: null, notice: null });
    const added = await networks.addWeights(file, fileName);
    const sentence = added === SAVED_MODEL ? await openModel(file) : added;
    if (sentence !== null) studioStore.setState({ notice: sentence });
  }

  async function changeKept(command: 'keepModel' | 'forgetModel', name: string): Promise<void> {
    studioStore.setState({ problem: null });
    try {
      const { models } = await call(command, { name });
      const change = command === 'keepModel' ? withKept : withoutKept;
      studioStore.setState(({ unsaved }) => ({ keptModels: models, unsaved: change(unsaved, name) }));
    } catch (thrown) {
      showProblem(thrown, null);
    }
  }

  async function openKeptModel(name: string): Promise<string | null> {
    studioStore.setState({ problem: null, notice: null });
    try {
      const { sentence } = await call('loadKeptModel', { name });
      studioStore.setState(({ unsaved }) => ({ unsaved: withOpenedKept(unsaved, name) }));
      return sentence;
    } catch (thrown) {
      showProblem(thrown, null);
      return null;
    }
  }

  async function writeSubmission(order: SubmissionOrder): Promise<Submission | null> {
    studioStore.setState({ problem: null, notice: null });
    try {
      return await call('writeSubmission', order);
    } catch (thrown) {
      // About the form and not about the studio: it stands with the form, where it can be mended.
      const { code, sentence } = toEngineErrorData(thrown);
      if (code === 'datasetLayout' || code === 'settingInvalid') {
        return { text: '', fileName: '', notes: [], problems: [sentence] };
      }
      showProblem(thrown, null);
      return null;
    }
  }

  function takeRecommendedRate(stepId: string): void {
    const recommended = recommendedOf(suggestionsOf(eventLogStore.getState().log, stepId));
    if (recommended) applyRate(stepId, recommended.learningRate);
  }

  /** A step that these pictures leave nothing to do is as good as done. */
  async function runStepUnlessDone(stepId: string): Promise<StepOutcome | null> {
    const studio = studioStore.getState();
    const recipe = currentRecipe(studio);
    const step = findStep(studio, stepId);
    if (!recipe || !step) return null;
    const situation = situationNow(recipe);
    if (lacksPictures(step, situation)) return 'done';
    return stepState(step, situation) === 'done' ? 'done' : runStep(stepId);
  }

  async function restartEngine(): Promise<void> {
    engine?.terminate();
    studioStore.setState({ trainedName: null, keptModels: [], hubFetch: null, keepingTrouble: null, unsaved: NO_WORK });
    const { dataset, files, labels, labelling } = studioStore.getState();
    if (!(await start(requestedBackend))) return;
    try {
      if (dataset) {
        const dropped = Array.from(files, ([path, file]) => ({ path, file }));
        if (studioStore.getState().kept?.work?.fingerprint === dataset.fingerprint)
          return await goOnAfterCrash(dropped);
        await openFiles({ name: dataset.name, files: dropped }, labels);
        studioStore.setState({ firstValidRun: eventLogStore.getState().log.stepRuns.length });
      }
      if (labelling) await showTable(labelling);
    } catch (thrown) {
      showProblem(thrown, null);
    }
  }

  return {
    ...networks,
    ...keeping,
    ...storage,
    start,
    open,
    tryLabels,
    openWithLabels,
    cancelLabels: () => studioStore.setState({ labelling: null, problem: null }),
    split,
    resumeStep,
    runStep: (stepId) => {
      isRunningAll = false;
      return runStep(stepId);
    },
    runExactly: (run) => {
      isRunningAll = false;
      return runExactly(run);
    },
    takeSnapshot,
    averageSnapshots,
    previewSchedule,
    previewLearning,
    previewLooks,
    showPicture,
    estimateStep,
    runAllSteps,
    goOnLarger,
    applyRate,
    chooseRecipe,
    saveModel,
    openModel,
    takeWeightsFile,
    keepModel: (name) => changeKept('keepModel', name),
    forgetModel: (name) => changeKept('forgetModel', name),
    openKeptModel,
    writeSubmission,
    restartEngine,
    stop() {
      studioStore.setState({ isStopping: true });
      cancelRunning?.();
    },
    pause(isPaused) {
      studioStore.setState({ isPaused });
      // An engine that is gone says so itself.
      ask('pauseStep', { isPaused }).catch(() => {});
    },
    discard() {
      studioStore.setState({ isStopping: true });
      ask('discardStep', {}).catch(() => {});
      cancelRunning?.();
    },
    dismissProblem: () => studioStore.setState({ problem: null }),
  };
}
